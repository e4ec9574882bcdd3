"""One pass over the items of a question: what is asked for, cut by what, under which conditions, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from agent.planners.embedded.mentions import Mention, NumberCondition, Scan
from agent.planners.embedded.operators import OpSpan
from agent.planners.embedded.scan_state import HAPPENING, ScanState, read_zone
from agent.planners.embedded.settle import settle
from agent.planners.embedded.spans import Item

_AGGREGATES = {"average", "median", "percentile", "total", "max", "min"}


_COMPARATORS = {"above", "at_least", "below", "at_most", "between"}


def scan_items(items: Sequence[Item]) -> Scan:
    """Sort the items of a question by role, left to right."""
    scan = Scan()
    state = ScanState()
    for position, item in enumerate(items):
        if item.kind == "time" and item.time is not None:
            _time(scan, state, item, position, items)
        elif item.kind == "unknown":
            scan.unknown.append(item)
        elif item.kind == "standing":
            scan.standing.append(item.text)
        elif item.kind == "rows":
            scan.rows = True
        elif item.kind == "number":
            _number(scan, state, item, position)
        elif item.kind == "op" and item.op is not None:
            _operator(scan, state, item.op, position, items)
        elif item.kind == "entry":
            _mention(scan, state, item, position, items)
    settle(scan, state, items)
    return scan


def _time(scan: Scan, state: ScanState, item: Item, position: int, items: Sequence[Item]) -> None:
    assert item.time is not None
    scan.times.append(item.time)
    state.by = False
    if state.negated and (state.fresh_not or state.joined) and item.time.kind != "grain":
        scan.dangling.append(f"{items[state.nots[-1]].text} {item.text}")  # "not in March"
        state.fresh_not = False
        state.bound_nots.append(state.nots[-1])
    before = items[position - 1] if position else None
    if scan.share and before is not None and (before.is_op("relative") or before.text.casefold() in HAPPENING):
        scan.dangling.append(item.text)  # "what share of sales were in March": a period cannot be the part


def _number(scan: Scan, state: ScanState, item: Item, position: int) -> None:
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


def _operator(scan: Scan, state: ScanState, span: OpSpan, position: int, items: Sequence[Item]) -> None:
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
        state.zone = read_zone(scan, state, op, position, items)
    elif op in _AGGREGATES:
        scan.aggregates.append(span)
        if items[position].text.casefold() in {"longest", "shortest", "slowest", "fastest"}:
            scan.lasting = items[position].text
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


_SAYING = {"is", "are", "was", "were", "that", "which", "do", "does", "did", "have", "has"}


_EXCLUSIONS = frozenset(
    {"excluding", "exclude", "excludes", "except", "except for", "excl", "ignoring", "ignore", "other than", "besides"}
    | {"apart from", "but not", "leaving out", "not counting", "not including", "aside from", "outside", "outside of"}
    | {"with the exception of", "minus", "anything but", "without"}
)


def _flag(scan: Scan, state: ScanState, span: OpSpan) -> None:
    op = span.op
    if op in ("count", "distinct"):
        scan.count = state.counted = True
        scan.distinct |= op == "distinct"
        state.negated = False
    elif op == "how_long":
        scan.lasting = "how long"
    elif op == "how_much":
        scan.how_much = True
    elif op == "share":
        scan.share = True
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


def _mention(scan: Scan, state: ScanState, item: Item, position: int, items: Sequence[Item]) -> None:
    mention = Mention(
        item,
        position,
        zone=state.zone,
        negated=_negates(items, position, state),
        aggregates=tuple(state.pending) or tuple(state.last if state.joined else ()),
        counted=state.counted,
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


def _negates(items: Sequence[Item], position: int, state: ScanState) -> bool:
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
