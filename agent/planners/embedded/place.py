"""Conditions and breakdowns as the metric's query must name them."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planners.embedded.condition import Condition
from agent.planners.embedded.conditions import Sorted
from agent.planners.embedded.context import Context
from agent.planners.embedded.mentions import Scan
from agent.planners.embedded.obstacles import Obstacle, out_of_reach
from agent.planners.embedded.words import phrase_stems
from tools.metrics.query import Where


def place_conditions(
    conditions: Sequence[Condition], metric: str, context: Context
) -> list[tuple[Condition, Where]] | Obstacle:
    found = []
    for condition in conditions:
        made = _where(condition, metric, context)
        if made is not None:
            found.append((condition, made))
        elif not _is_in_name(condition, metric, context):  # "violating prevalence", of violating_message_prevalence
            return out_of_reach(condition.options[0], condition.text, metric, context)
    return found


def place_breakdown(scan: Scan, told: Sorted, metric: str, context: Context) -> list[str] | Obstacle:
    by: list[str] = []
    for mention in (*told.by, *([scan.which] if scan.which else [])):
        entries = mention.item.of_kind("dimension")
        refs = [r for e in entries if (r := context.reach(metric, e)) is not None]
        if not refs:
            return out_of_reach(entries[0], mention.item.text, metric, context)
        least = min(len(r.path) for r in refs)
        names = list(dict.fromkeys(r.name for r in refs if len(r.path) == least))
        if len(names) > 1:  # "by station", of start_station and end_station
            return Obstacle(
                "unsupported_cut",
                f"\u201c{mention.item.text}\u201d may be {' or '.join(n.replace('_', ' ') for n in names[:4])}.",
                ("Name one of them.",),
            )
        by.append(names[0])
    return by


def _where(condition: Condition, metric: str, context: Context) -> Where | None:
    ref = context.reach(metric, condition.options[0])
    if ref is None:
        return None
    if condition.kind in ("is_null", "not_null"):
        return Where(dimension=ref.name, is_null=condition.kind == "is_null")
    if condition.kind == "equal" and condition.number is not None:
        number = int(condition.number) if condition.number.is_integer() else condition.number
        return Where(dimension=ref.name, in_=(number,))
    if condition.number is not None:
        return Where(**{"dimension": ref.name, condition.kind: condition.number})
    values = tuple(dict.fromkeys(o.value for o in condition.options if o.value is not None))
    if condition.kind == "in":
        return Where(dimension=ref.name, in_=values)
    data = context.profile.datasets[condition.options[0].dataset]
    seen = [v for v, _ in data.values.get(ref.dimension.name, ())]
    if data.kinds.get(ref.dimension.name) == "flag" and len(seen) == 2:  # not urgent is 0, which a missing flag is not
        return Where(dimension=ref.name, in_=tuple(v for v in seen if v not in values) or values)
    return Where(dimension=ref.name, not_in=values)


def _is_in_name(condition: Condition, metric: str, context: Context) -> bool:
    """The words of a condition are words of the metric's own name."""
    return condition.kind == "in" and set(phrase_stems(condition.text)) <= set(phrase_stems(metric))


def union_conditions(where: Sequence[Where]) -> list[Where]:
    """`in the US and Canada` is either; `not dm, not feed` is neither."""
    merged: dict[tuple[str, str], Where] = {}
    for index, w in enumerate(where):
        kind = "in" if w.in_ is not None else "not_in" if w.not_in is not None else f"other{index}"
        known = merged.get((w.dimension, kind))
        if known is None:
            merged[(w.dimension, kind)] = w
        elif kind == "in":
            merged[(w.dimension, kind)] = Where(
                dimension=w.dimension, in_=tuple(dict.fromkeys((*(known.in_ or ()), *(w.in_ or ()))))
            )
        else:
            merged[(w.dimension, kind)] = Where(
                dimension=w.dimension, not_in=tuple(dict.fromkeys((*(known.not_in or ()), *(w.not_in or ()))))
            )
    return list(merged.values())
