"""Which conditions a question sets: values, exclusions, missing values and numeric comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.planners.embedded.context import Context
from agent.planners.embedded.heads import adds_up
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.scan import Mention, Scan, Zone
from agent.planners.embedded.spans import Item
from agent.planners.embedded.words import phrase_words


@dataclass(frozen=True)
class Condition:
    """One condition, with every dimension it may be about.

    `options` are value entries (one per possible dimension); `kind` says how they are used.
    """

    kind: str  # in | not_in | is_null | not_null | above | at_least | below | at_most
    options: tuple[Entry, ...]
    position: int
    zone: Zone
    text: str
    number: float | None = None
    partial: bool = False
    either: bool = False  # joined to the condition before it by `or`
    after_share: bool = False


@dataclass(frozen=True)
class Sorted:
    """Mentions told apart: what may be measured, what restricts, what is left."""

    heads: tuple[Mention, ...]
    conditions: tuple[Condition, ...]
    by: tuple[Mention, ...]
    leftovers: tuple[Item, ...]


def sort_mentions(scan: Scan, items: Sequence[Item], context: Context) -> Sorted:
    """Tell measured things from conditions, qualifiers and breakdowns."""
    conditions: list[Condition] = []
    qualifiers: set[int] = set()
    everything = [*scan.mentions, *scan.by, *([scan.which] if scan.which else [])]
    conditions += _comparisons(scan, items, everything, qualifiers, context)
    conditions += _missing(scan, items, everything, qualifiers, context)
    conditions += _equalities(scan, items, everything, qualifiers)
    qualifiers |= _name_before_value(scan, items)
    heads: list[Mention] = []
    by = [m for m in scan.by if not _excluded_beside(m, scan)] or _broken_down(scan, items)
    leftovers: list[Item] = []
    pending_qualifiers: list[Mention] = []
    for mention in scan.mentions:
        if mention in by:
            continue
        if mention.position in qualifiers:
            pending_qualifiers += [mention] if mention.item.of_kind("dimension") else []
            continue
        role = _role(mention, scan)
        named = mention.item.of_kind("metric", "dataset") and not mention.item.partial
        if mention.negated and role in ("dimension", "head") and not named and mention.not_word in _LACKING:
            conditions.append(_absent(mention, context, counted=True))
            continue
        if role == "value":
            conditions.append(_value_condition(mention))
        elif role == "head":
            heads.append(mention)
        elif role == "dimension":
            pending_qualifiers.append(mention)
    conditions = [_qualified(c, pending_qualifiers, [*heads, *scan.per]) for c in conditions]
    for mention in pending_qualifiers:
        near = any(_qualifies(mention, c) for c in conditions)
        if near or mention.position in qualifiers:
            continue
        if scan.breakdown and not by:
            by.append(mention)
        elif scan.count and (mention.counted or scan.distinct) and mention.zone != "relative":
            heads.append(mention)
        else:
            leftovers.append(mention.item)
    leftovers += [items[p] for p, _ in scan.bare_numbers]
    return Sorted(tuple(heads), tuple(_merged(conditions)), tuple(by), tuple(leftovers))


def _excluded_beside(mention: Mention, scan: Scan) -> bool:
    """`by raters other than ann`: who did it, not a breakdown."""
    names = {(e.dataset, e.name) for e in mention.item.of_kind("dimension")}
    after = [m for m in scan.mentions if 0 < m.position - mention.position <= 2 and m.not_word in _OTHERS]
    return any(names & {(v.dataset, v.name) for v in m.item.of_kind("value")} for m in after)


def _broken_down(scan: Scan, items: Sequence[Item]) -> list[Mention]:
    """`distribution of label`, `label distribution`: the dimension beside the word."""
    at = [p for p, i in enumerate(items) if i.is_op("breakdown")]
    named = [m for m in scan.mentions if m.item.of_kind("dimension")]
    beside = [m for m in named if any(0 < m.position - p <= 2 and _gap(items, m.position, p) for p in at)]
    beside += [m for m in named if any(p - m.position == 1 for p in at)]
    return beside[:1] if scan.breakdown else []


def _role(mention: Mention, scan: Scan) -> str:
    kinds = {e.kind for e in mention.item.entries if not (e.kind == "value" and e.generic)}
    heads = kinds & {"metric", "measure", "dataset"}
    if "value" in kinds and not heads:
        return "value"
    if "value" in kinds and heads:
        alone = all(m is mention or not m.item.of_kind("metric", "measure", "dataset") for m in scan.mentions)
        if mention.zone == "relative" and not alone:
            return "value"
        if (scan.count or scan.share) and not alone:
            return "value"
        return "value" if mention.zone in ("announce",) and not alone else "head"
    if heads:
        return "head"
    return "dimension" if "dimension" in kinds else "none"


def _value_condition(mention: Mention) -> Condition:
    options = mention.item.of_kind("value")
    return Condition(
        "not_in" if mention.negated else "in",
        options,
        mention.position,
        mention.zone,
        mention.item.text,
        partial=mention.item.partial,
        either=mention.either,
        after_share=mention.after_share,
    )


def _gap(items: Sequence[Item], a: int, b: int) -> bool:
    """Whether nothing of weight stands between two items."""
    low, high = min(a, b), max(a, b)
    between = items[low + 1 : high]
    return len(between) <= 2 and all(i.kind == "filler" or i.is_op("relative", "announce", "not") for i in between)


def _numbers(mention: Mention, context: Context) -> tuple[Entry, ...]:
    """Readings of a mention that hold numbers: measures, and dimensions of numbers that identify nothing."""
    found = list(mention.item.of_kind("measure"))
    for entry in mention.item.of_kind("dimension"):
        dataset = context.catalog.datasets[entry.dataset]
        kind = context.profile.datasets[entry.dataset].kinds.get(entry.name)
        column = context.dimension_column(entry)
        keys = {*dataset.grain, dataset.actor, *(c for r in context.catalog.relationships for c in r.from_columns)}
        if kind in ("number", "flag") and column not in keys and phrase_words(column)[-1:] not in (("id",), ("code",)):
            found.append(entry)
    return tuple(found)


def _comparisons(
    scan: Scan, items: Sequence[Item], everything: Sequence[Mention], qualifiers: set[int], context: Context
) -> list[Condition]:
    found: list[Condition] = []
    last: Mention | None = None
    last_before: Mention | None = None
    for condition in scan.conditions:
        named = [m for m in everything if _numbers(m, context)]
        beside = [m for m in everything if m.position == condition.number_position + 1 and m not in named]
        if beside:  # "customers with more than 5 orders": a count of other rows for each, which no column holds
            scan.dangling.append(f"{items[condition.position].text} ... {beside[0].item.text}")
            continue
        after = [
            m
            for m in named
            if m.position > condition.number_position and _gap(items, condition.number_position, m.position)
        ]
        before = [m for m in named if m.position < condition.position and _gap(items, m.position, condition.position)]
        if condition.number_position in scan.percents:
            scan.dangling.append(f"{items[condition.number_position].text} %")  # of a column of 0 to 1, or 0 to 100?
            continue
        if after or before:
            chosen = after[0] if after else before[-1]
        elif last is not None and condition.joined:
            chosen = last  # "age over 40 and under 50"
        else:
            scan.dangling.append(items[condition.position].text)
            continue
        last_before, last = last, chosen
        qualifiers.add(chosen.position)
        opposite = {"above": "at_most", "at_least": "below", "below": "at_least", "at_most": "above"}
        negated = condition.negated != (chosen.negated and chosen is not last_before)
        kind = opposite[condition.comparator] if negated else condition.comparator
        found.append(
            Condition(
                kind,
                _numbers(chosen, context),
                chosen.position,
                chosen.zone,
                chosen.item.text,
                condition.number,
                either=condition.either or (chosen.either and chosen is not last_before),
            )
        )
    return found


def _says_none(entry: Entry, context: Context) -> bool:
    values = context.profile.datasets[entry.dataset].values.get(entry.name, ())
    return any(str(v).casefold() in {"none", "n/a", "unknown", "not known", "nothing", "-"} for v, _ in values)


def _starts_at_zero(measure: Entry, context: Context) -> bool:
    """A count, or a column without missing values: none of it means zero."""
    column = context.measure_column(measure)
    return adds_up(phrase_words(column)) or not context.profile.datasets[measure.dataset].column_nulls.get(column, 0)


def _equalities(
    scan: Scan, items: Sequence[Item], everything: Sequence[Mention], qualifiers: set[int]
) -> list[Condition]:
    """`items with 9 votes`: a number right before a measure, while something else is counted."""
    found = []
    for position, number in list(scan.bare_numbers):
        after = [m for m in everything if m.position == position + 1 and m.item.of_kind("measure")]
        others = [m for m in scan.mentions if m not in after and m.item.of_kind("metric", "dataset")]
        if after and others and not after[0].aggregates:
            scan.bare_numbers.remove((position, number))
            qualifiers.add(after[0].position)
            options = after[0].item.of_kind("measure")
            found.append(Condition("equal", options, position, after[0].zone, after[0].item.text, number))
    return found


def _name_before_value(scan: Scan, items: Sequence[Item]) -> set[int]:
    """Positions of dimension names that only introduce the value after them: `worker 4e57`, `ground truth BOT`."""
    found = set()
    for mention, following in zip(scan.mentions, scan.mentions[1:], strict=False):
        names = {(e.dataset, e.name) for e in mention.item.of_kind("dimension")}
        values = following.item.of_kind("value")
        between = items[mention.position + 1 : following.position]
        close = all(i.kind == "filler" or (i.is_op("relative") and i.text in {"=", "is", "equals"}) for i in between)
        if values and names & {(v.dataset, v.name) for v in values} and close and len(between) <= 1:
            others = [m for m in scan.mentions if m is not mention and m.item.of_kind("metric", "dataset", "measure")]
            if others or not mention.counted:
                found.add(mention.position)
    return found


def _missing(
    scan: Scan, items: Sequence[Item], everything: Sequence[Mention], qualifiers: set[int], context: Context
) -> list[Condition]:
    found = []
    for position, negated in scan.missing:
        near = [
            m
            for m in everything
            if m.item.of_kind("dimension", "measure")
            and m.position not in qualifiers
            and _gap(items, m.position, position)
        ]
        if not near:
            scan.dangling.append(items[position].text)
            continue
        chosen = min(near, key=lambda m: (abs(m.position - position), -m.position))
        qualifiers.add(chosen.position)
        absent = _absent(chosen, context, counted=items[position].text.casefold() in _NONE)
        known = replace(absent, kind="not_null") if absent.kind == "is_null" else absent
        found.append(known if negated or chosen.negated else absent)
    return found


_OTHERS = {"other than", "apart from", "besides", "not", "anything but"}
_LACKING = {"without", "no", "do not have", "does not have", "not have", "without the"}
_NONE = {"with no", "without any"}


def _absent(mention: Mention, context: Context, *, counted: bool) -> Condition:
    """`with no replies` is zero replies where replies are counted; otherwise the value is missing."""
    measures = mention.item.of_kind("measure")
    if counted and measures and _starts_at_zero(measures[0], context):
        return Condition("equal", measures, mention.position, "relative", mention.item.text, 0.0)
    options = mention.item.of_kind("dimension") or measures
    said = any(_says_none(o, context) for o in options)  # a value "none" beside missing ones: which is meant?
    return Condition("is_null", options, mention.position, "relative", f"{mention.item.text} missing", partial=said)


def _qualifies(mention: Mention, condition: Condition) -> bool:
    names = {(e.dataset, e.name) for e in mention.item.of_kind("dimension")}
    return abs(mention.position - condition.position) <= 3 and any(
        (o.dataset, o.name) in names for o in condition.options
    )


def _qualified(condition: Condition, dimensions: Sequence[Mention], heads: Sequence[Mention]) -> Condition:
    """Keep the options a dimension name beside the value, or the counted noun, points at."""
    if len({(o.dataset, o.name) for o in condition.options}) < 2:
        return condition
    owners = {n for h in heads if h.position == condition.position + 1 for n in _named_rows(h)}
    if owned := tuple(o for o in condition.options if o.dataset in owners):  # "german customers"
        return replace(condition, options=owned)
    for mention in (
        *(d for d in dimensions if _qualifies(d, condition)),
        *(h for h in heads if h.item.of_kind("dimension")),
    ):
        names = {(e.dataset, e.name) for e in mention.item.of_kind("dimension")}
        kept = tuple(o for o in condition.options if (o.dataset, o.name) in names)
        if kept:
            return Condition(**{**condition.__dict__, "options": kept})
    return condition


def _named_rows(mention: Mention) -> set[str]:
    return {e.name for e in mention.item.of_kind("dataset")}


def _merged(conditions: Sequence[Condition]) -> list[Condition]:
    return sorted(conditions, key=lambda c: c.position)
