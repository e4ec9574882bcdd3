"""One pass over the items of a question: what is asked for, cut by what, under which conditions, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from agent.planners.embedded.operators import OpSpan
from agent.planners.embedded.spans import Item
from agent.planners.embedded.time_grammar import TimePhrase

Zone = Literal["", "relative", "population", "announce"]
_AGGREGATES = {"average", "median", "percentile", "total", "max", "min"}
_COMPARATORS = {"above", "at_least", "below", "at_most", "between"}


@dataclass(frozen=True)
class Mention:
    """A catalog phrase where it stands.

    Attributes:
        zone: the kind of word that announced it: `that are` (relative), `among` (population), `in` (announce).
        aggregates: operators since the last mention that aggregate (average, median, ...).
        negated: under `not`, `excluding`, ...
    """

    item: Item
    position: int
    zone: Zone = ""
    negated: bool = False
    aggregates: tuple[OpSpan, ...] = ()
    counted: bool = False
    after_share: bool = False
    joined: bool = False
    either: bool = False  # joined by `or`
    not_word: str = ""


@dataclass(frozen=True)
class NumberCondition:
    """`more than 5 votes`: the comparison, the number, and where it stands."""

    comparator: Literal["above", "at_least", "below", "at_most"]
    number: float
    position: int
    number_position: int
    negated: bool = False
    either: bool = False
    joined: bool = False


@dataclass
class Scan:
    """Everything a question says, sorted by role."""

    mentions: list[Mention] = field(default_factory=list)
    by: list[Mention] = field(default_factory=list)
    per: list[Mention] = field(default_factory=list)
    which: Mention | None = None
    aggregates: list[OpSpan] = field(default_factory=list)
    count: bool = False
    how_much: bool = False
    distinct: bool = False
    share: bool = False
    on_average: bool = False
    breakdown: bool = False
    common: bool = False
    change: bool = False
    versus: bool = False
    per_breakdown: bool = False  # "per X" without a ratio metric, read as "by X"
    rows: bool = False
    order: Literal["desc", "asc"] | None = None
    limit: int | None = None
    conditions: list[NumberCondition] = field(default_factory=list)
    bare_numbers: list[tuple[int, float]] = field(default_factory=list)
    missing: list[tuple[int, bool]] = field(default_factory=list)  # position, negated
    counts: int = 0
    percents: list[int] = field(default_factory=list)  # numbers that are percentages
    times: list[TimePhrase] = field(default_factory=list)
    unknown: list[Item] = field(default_factory=list)
    active: bool = False
    how_often: bool = False
    dangling: list[str] = field(default_factory=list)  # operators that found nothing to act on


def scan_items(items: Sequence[Item]) -> Scan:
    """Sort the items of a question by role, left to right."""
    scan = Scan()
    state = _State()
    for position, item in enumerate(items):
        if item.kind == "time" and item.time is not None:
            _time(scan, state, item, position, items)
        elif item.kind == "unknown":
            scan.unknown.append(item)
        elif item.kind == "filler" and item.text.casefold() in {"active", "running", "ongoing"}:
            scan.active = True
        elif item.kind == "rows":
            scan.rows = True
        elif item.kind == "number":
            _number(scan, state, item, position)
        elif item.kind == "op" and item.op is not None:
            _operator(scan, state, item.op, position, items)
        elif item.kind == "entry":
            _mention(scan, state, item, position, items)
    _settle(scan, state, items)
    return scan


def _settle(scan: Scan, state: _State, items: Sequence[Item]) -> None:
    """Operators at the end belong to what came before ("votes on average"); the others are left dangling."""
    if state.pending and scan.mentions and not (scan.which or scan.order):
        last = scan.mentions[-1]
        if not last.aggregates:
            scan.mentions[-1] = replace(last, aggregates=tuple(state.pending))
            state.pending.clear()
    for first, second in zip(scan.mentions, scan.mentions[1:], strict=False):
        amount = second.item.of_kind("measure") and not first.item.of_kind("measure")
        if first.aggregates and amount and not second.aggregates and second.position == first.position + 1:
            index = scan.mentions.index(second)  # "average order amount" averages the amount
            scan.mentions[index] = replace(second, aggregates=first.aggregates)
            scan.mentions[index - 1] = replace(first, aggregates=())
    bound = {a for m in (*scan.mentions, *scan.per) for a in m.aggregates}
    ranking = scan.which is not None or scan.order is not None or any(t.kind == "grain" for t in scan.times)
    for span in scan.aggregates:
        if span not in bound and not (ranking and span.op in ("max", "min")) and span.op != "total":
            scan.dangling.append(next(i.text for i in items if i.op == span))
    announced = len(items) > 1 and items[-2].is_op("announce") and items[-1].op is not None
    if items and (announced or (items[-1].op is not None and items[-1].text.casefold() in _OPEN)):
        scan.dangling.append(items[-1].text)
    scan.dangling += [items[p].text for p in state.nots if p not in state.bound_nots]
    if state.comparator is not None or state.between is not None:
        at = state.comparator[1] if state.comparator is not None else state.between_at
        scan.dangling.append(items[at].text)
    if any(i.is_op("by") for i in items) and not (scan.by or scan.order or scan.which or state.by_value):
        scan.dangling.append(next(i.text for i in items if i.is_op("by")))


@dataclass
class _State:
    by: bool = False
    per: bool = False
    negated: bool = False
    zone: Zone = ""
    pending: list[OpSpan] = field(default_factory=list)
    last: list[OpSpan] = field(default_factory=list)
    counted: bool = False
    after_share: bool = False
    comparator: tuple[Literal["above", "at_least", "below", "at_most", "between"], int] | None = None
    between: float | None = None
    between_at: int = 0
    joined: bool = False
    sticky: bool = False
    either: bool = False
    by_value: bool = False
    nots: list[int] = field(default_factory=list)
    bound_nots: list[int] = field(default_factory=list)
    fresh_not: bool = False  # nothing has come under the last `not` yet

    def take_not(self) -> bool:
        """Whether what comes now is negated: right after a `not`, or listed with what was."""
        if not self.negated:
            return False
        if self.fresh_not:
            self.fresh_not = False
            self.bound_nots.append(self.nots[-1])
            return True
        self.negated = self.joined
        return self.negated


def _time(scan: Scan, state: _State, item: Item, position: int, items: Sequence[Item]) -> None:
    assert item.time is not None
    scan.times.append(item.time)
    state.by = False
    if state.negated and (state.fresh_not or state.joined) and item.time.kind != "grain":
        scan.dangling.append(f"{items[state.nots[-1]].text} {item.text}")  # "not in March"
        state.fresh_not = False
        state.bound_nots.append(state.nots[-1])
    before = items[position - 1] if position else None
    if scan.share and before is not None and (before.is_op("relative") or before.text.casefold() in _VERBS):
        scan.dangling.append(item.text)  # "what share of sales were in March": a period cannot be the part


def _number(scan: Scan, state: _State, item: Item, position: int) -> None:
    assert item.number is not None
    if state.between is not None:
        low, high = sorted((state.between, item.number))
        scan.conditions.append(NumberCondition("at_least", low, state.between_at, position))
        scan.conditions.append(NumberCondition("at_most", high, state.between_at, position))
        state.between, state.comparator = None, None
    elif state.comparator is not None and state.comparator[0] == "between":
        state.between, state.between_at = item.number, state.comparator[1]
    elif state.comparator is not None:
        name, at = state.comparator
        assert name != "between"
        negated = state.take_not()
        scan.conditions.append(
            NumberCondition(name, item.number, at, position, negated, either=state.either, joined=state.joined)
        )
        state.comparator = None
        state.joined = state.either = False
    else:
        scan.bare_numbers.append((position, item.number))


def _operator(scan: Scan, state: _State, span: OpSpan, position: int, items: Sequence[Item]) -> None:
    op = span.op
    if op == "and":
        state.joined, state.either = True, state.either or items[position].text.casefold() == "or"
        return
    if op not in ("announce", "relative", "where", "not", *_COMPARATORS, *_AGGREGATES):
        state.joined = state.either = False
    if op in ("relative", "where", "population") and not state.fresh_not:
        state.negated = False
    if op == "by":
        state.by, state.per, state.negated = True, False, False
    elif op == "per":
        state.per, state.by = True, False
    elif op == "not":
        state.negated = state.fresh_not = True
        state.by = False
        said = items[position].text.casefold()
        heads = any(m.item.of_kind("metric", "dataset", "measure") for m in scan.mentions)
        if not state.sticky and (said.split()[0] in _SAYING or (said in ("not", "non") and heads)):
            state.zone = "relative"  # "visits that are not private" names a part
        state.nots.append(position)
    elif op == "missing":
        scan.missing.append((position, state.take_not()))
    elif op in _COMPARATORS:
        if op == "between" and state.negated and state.fresh_not:
            return  # left dangling: outside of two bounds is two ranges
        state.comparator = (op, position)  # type: ignore[assignment]
    elif op in ("or_more", "or_less"):
        if not (position and items[position - 1].kind == "number"):
            state.joined = True  # "over 40 and under 50"
            state.comparator = ("above" if op == "or_more" else "below", position)
        elif scan.bare_numbers and scan.bare_numbers[-1][0] == position - 1 and not _number_follows(items, position):
            at, number = scan.bare_numbers.pop()
            kind: Literal["at_least", "at_most"] = "at_least" if op == "or_more" else "at_most"
            scan.conditions.append(NumberCondition(kind, number, at, position, state.take_not()))
        elif _number_follows(items, position):
            state.joined = True
            state.comparator = ("above" if op == "or_more" else "below", position)
        else:
            scan.dangling.append(items[position].text)
    elif op in ("relative", "population", "announce", "where"):
        state.by = False
        state.zone = _zone(scan, state, op, position, items)
    elif op in _AGGREGATES:
        scan.aggregates.append(span)
        state.pending.append(span)
    elif op == "share" and position and items[position - 1].kind == "number":
        scan.percents.append(position - 1)  # a unit: "above 90 %"
    else:
        if op in ("count", "distinct") and not (position and items[position - 1].is_op("count", "distinct")):
            scan.counts += 1
        scan.how_often |= op == "share" and items[position].text.casefold().startswith("how ")
        _flag(scan, state, span)


def _number_follows(items: Sequence[Item], position: int) -> bool:
    return position + 1 < len(items) and items[position + 1].kind == "number"


def _zone(scan: Scan, state: _State, op: str, position: int, items: Sequence[Item]) -> Zone:
    """Part or population: `that are`, `came via` name the part; `among`, `when` the population, up to the end."""
    if op == "where":  # "share of messages where ..." names the part, a second `where` the population
        named = any(m.item.of_kind("value") for m in scan.mentions)
        state.sticky = named
        return "population" if named else "relative"
    if op == "population":
        state.sticky = True
        return "population"
    if state.sticky:
        return "population"
    if op == "announce" and _after_verb(items, position):
        return "relative"
    return "relative" if op == "relative" else "announce"


def _after_verb(items: Sequence[Item], position: int) -> bool:
    """`came via chat`, `are in Norway`: the part that is asked about, not the population."""
    before = items[position - 1] if position else None
    return before is not None and (before.is_op("relative") or before.text.casefold() in _VERBS)


_OPEN = {"in", "from", "for", "with", "where", "at", "among"}
_SAYING = {"is", "are", "was", "were", "that", "which", "do", "does", "did", "have", "has"}
_EXCLUSIONS = frozenset(
    {"excluding", "exclude", "excludes", "except", "except for", "excl", "ignoring", "ignore", "other than", "besides"}
    | {"apart from", "but not", "leaving out", "not counting", "not including", "aside from", "outside", "outside of"}
    | {"with the exception of", "minus", "anything but", "without"}
)
_VERBS = {"came", "come", "comes", "happened", "happen", "occurred", "occur", "made"}


def _flag(scan: Scan, state: _State, span: OpSpan) -> None:
    op = span.op
    if op in ("count", "distinct"):
        scan.count = state.counted = True
        scan.distinct |= op == "distinct"
        state.negated = False
    elif op == "how_much":
        scan.how_much = True
    elif op == "share":
        scan.share = state.after_share = True
        state.sticky, state.zone = False, ""  # "among X, what share is Y": what comes now is the part
    elif op in ("top", "bottom"):
        scan.order, scan.limit = ("desc" if op == "top" else "asc"), span.n
        if span.n is None:
            scan.limit = None
    elif op == "common":
        scan.common, scan.order = True, "desc"
    elif op == "breakdown":
        scan.breakdown = True
    elif op in ("change", "versus", "on_average"):
        setattr(scan, op, True)


def _mention(scan: Scan, state: _State, item: Item, position: int, items: Sequence[Item]) -> None:
    mention = Mention(
        item,
        position,
        zone=state.zone,
        negated=_negates(items, position, state),
        aggregates=tuple(state.pending) or tuple(state.last if state.joined else ()),
        counted=state.counted,
        after_share=state.after_share,
        joined=state.joined,
        either=state.joined and state.either,
    )
    if mention.negated:
        word = items[state.nots[-1]].text.casefold()
        excluded = word in _EXCLUSIONS
        mention = replace(mention, not_word=word, zone="population" if excluded else mention.zone)
    state.joined = state.either = False
    if state.by and item.of_kind("value") and not item.of_kind("dimension"):
        state.by_value = True  # "paid by card"
    ranked = scan.order is not None or (scan.which is not None and state.by)
    if state.by and item.of_kind("dimension") and not (ranked and item.of_kind("metric", "measure", "dataset")):
        scan.by.append(mention)
        return
    if state.by and state.per is False and item.of_kind("value") and not item.of_kind("metric", "measure", "dataset"):
        state.by = False
    each = position > 0 and items[position - 1].text.casefold() in {"each", "every", "a", "an"}
    if each and item.of_kind("dimension", "dataset", "metric") and any(i.is_op("on_average", "average") for i in items):
        state.per = True  # "how many labels does each worker give on average"
    if state.per:
        scan.per.append(mention)
        state.per = False
        return
    if item.of_kind("dimension") and scan.which is None and _follows_which(items, position) and not state.counted:
        scan.which = mention
        if scan.bare_numbers and scan.bare_numbers[-1][0] == position - 1:
            scan.limit = int(scan.bare_numbers.pop()[1])  # "which 5 workers", "3 annotators with the most answers"
        return
    state.by = False
    if item.of_kind("metric", "measure", "dataset"):
        if state.pending:
            state.last = list(state.pending)
            state.pending.clear()
        state.counted = False
    else:
        mention = replace(mention, aggregates=())
    scan.mentions.append(mention)


def _negates(items: Sequence[Item], position: int, state: _State) -> bool:
    """A value under a `not`; a column right after one (`without a rating`); never what is counted.

    A name before its own value (`excluding worker 4e57`) leaves the `not` to the value.
    """
    item = items[position]
    names = {(e.dataset, e.name) for e in item.of_kind("dimension")}
    following = next((i for i in items[position + 1 : position + 3] if i.kind == "entry"), None)
    if following is not None and names & {(v.dataset, v.name) for v in following.of_kind("value")}:
        return state.negated and state.fresh_not
    if item.of_kind("value", "measure", "dimension"):
        return state.take_not()
    if state.negated and not state.fresh_not:
        state.negated = False
    return False


def _ranked_after(items: Sequence[Item], position: int) -> bool:
    """`region with the highest ...`, `workers who gave the most ...`: said of the first thing named."""
    if any(i.kind == "entry" for i in items[:position]):
        return False
    after = [i for i in items[position + 1 :] if i.kind != "filler"]
    return len(after) > 1 and after[0].is_op("relative") and after[1].is_op("max", "min", "common")


def _follows_which(items: Sequence[Item], position: int) -> bool:
    """`which country`, `what are the top 5 countries`, `top 5 countries`: the dimension to rank."""
    if _ranked_after(items, position):
        return True
    for item in reversed(items[:position]):
        if item.kind == "filler" and item.text.casefold() in {"which", "what", "whose"}:
            return True
        if item.is_op("top", "bottom", "common"):
            return True
        if item.kind not in ("filler", "number") and not item.is_op("relative", "announce"):
            return False
    return False
