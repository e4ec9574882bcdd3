"""Which conditions a question sets: values, exclusions, missing values and numeric comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.planners.embedded.compare_numbers import read_comparisons, read_equalities
from agent.planners.embedded.condition import Condition, near
from agent.planners.embedded.context import Context
from agent.planners.embedded.mentions import Mention, Scan
from agent.planners.embedded.missing_values import absent_condition, read_missing
from agent.planners.embedded.spans import Item


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
    conditions += read_comparisons(scan, items, everything, qualifiers, context)
    conditions += read_missing(scan, items, everything, qualifiers, context)
    conditions += read_equalities(scan, items, everything, qualifiers)
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
            conditions.append(absent_condition(mention, context, counted=True))
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
    heads = [m for m in heads if not _said_already(m, heads)]
    return Sorted(tuple(heads), tuple(_merged(conditions)), tuple(by), tuple(leftovers))


def _said_already(mention: Mention, heads: Sequence[Mention]) -> bool:
    """`number of prompts sent`: a word of a longer name of the very metric that is named beside it."""
    named = {e.name for e in mention.item.of_kind("metric")}
    beside = [m for m in heads if abs(m.position - mention.position) == 1 and not m.item.partial]
    return mention.item.partial and bool(named) and any(named <= {e.name for e in m.item.entries} for m in beside)


_LACKING = {"without", "no", "do not have", "does not have", "not have", "without the"}


def _excluded_beside(mention: Mention, scan: Scan) -> bool:
    """`by raters other than ann`: who did it, not a breakdown."""
    names = {(e.dataset, e.name) for e in mention.item.of_kind("dimension")}
    after = [m for m in scan.mentions if 0 < m.position - mention.position <= 2 and m.not_word in _OTHERS]
    return any(names & {(v.dataset, v.name) for v in m.item.of_kind("value")} for m in after)


_OTHERS = {"other than", "apart from", "besides", "not", "anything but"}


def _broken_down(scan: Scan, items: Sequence[Item]) -> list[Mention]:
    """`distribution of label`, `label distribution`: the dimension beside the word."""
    at = [p for p, i in enumerate(items) if i.is_op("breakdown")]
    named = [m for m in scan.mentions if m.item.of_kind("dimension")]
    beside = [m for m in named if any(0 < m.position - p <= 2 and near(items, m.position, p) for p in at)]
    beside += [m for m in named if any(p - m.position == 1 for p in at)]
    return beside[:1] if scan.breakdown else []


def _role(mention: Mention, scan: Scan) -> str:
    kinds = {e.kind for e in mention.item.entries if not (e.kind == "value" and e.generic)}
    heads = kinds & {"metric", "measure", "dataset"}
    if "value" in kinds and not heads:
        return "value"
    if "value" in kinds and heads and _beside_another(mention, scan):
        return "value"  # "US vs Norway", where a metric is called norway too
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


def _beside_another(mention: Mention, scan: Scan) -> bool:
    """Whether it is set beside a plain value of the same dimension."""
    if not (scan.versus or mention.joined):
        return False
    owners = {(e.dataset, e.name) for e in mention.item.of_kind("value")}
    others = [m for m in scan.mentions if m is not mention and not m.item.of_kind("metric", "measure", "dataset")]
    return any(owners & {(e.dataset, e.name) for e in m.item.of_kind("value")} for m in others)


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
    )


def _name_before_value(scan: Scan, items: Sequence[Item]) -> set[int]:
    """Positions of dimension names that only introduce the value after them: `worker 4e57`, `ground truth BOT`."""
    found = set()
    for mention, following in zip(scan.mentions, scan.mentions[1:], strict=False):
        names = {(e.dataset, e.name) for e in mention.item.of_kind("dimension")}
        values = following.item.of_kind("value")
        between = items[mention.position + 1 : following.position]
        close = all(i.kind == "filler" or (i.is_op("relative") and i.text in {"=", "is", "equals"}) for i in between)
        owned = {(v.dataset, v.name) for v in mention.item.of_kind("value")}
        partial = following.item.partial and following.position == mention.position + 1
        if partial and owned & {(e.dataset, e.name) for e in following.item.of_kind("dimension")}:
            found.add(following.position)  # "casual riders", of the column rider_type
        if values and names & {(v.dataset, v.name) for v in values} and close and len(between) <= 1:
            others = [m for m in scan.mentions if m is not mention and m.item.of_kind("metric", "dataset", "measure")]
            if others or not mention.counted:
                found.add(mention.position)
    return found


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
