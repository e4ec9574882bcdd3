"""Shares: which conditions name the part, and whether somebody has defined that share."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planners.embedded.condition import Condition
from agent.planners.embedded.conditions import Sorted
from agent.planners.embedded.context import Context
from tools.metrics.definitions import Count
from tools.metrics.query import Where


def find_part(conditions: Sequence[Condition], told: Sorted, *, contrasted: bool = False) -> list[Condition]:
    """The part a share is of: what follows `that are`, else what precedes `among` and `in`, else everything.

    Exclusions restrict the whole. With `contrasted` ("chat vs mail"), so do several values of one dimension.
    """
    shown = list(conditions)
    if contrasted:
        dimensions = [{(o.dataset, o.name) for o in c.options} for c in shown]
        shown = [c for c, d in zip(shown, dimensions, strict=True) if sum(bool(d & e) for e in dimensions) == 1]
    relative = [c for c in shown if c.zone == "relative"]
    if relative and len(relative) < len(shown):
        return relative
    if not relative:
        inside = [c for c in shown if c.zone in ("population", "announce")]
        outside = [c for c in shown if c not in inside]
        if outside and inside:
            return outside
    return shown


def find_governed(share: Sequence[Condition], counted: str, context: Context) -> str | None:
    """A defined proportion that says exactly this, on the rows counted or on a sample of them."""
    if len(share) != 1 or share[0].kind != "in":
        return None
    option = share[0].options[0]
    where = Where(
        dimension=option.name, in_=tuple(dict.fromkeys(o.value for o in share[0].options if o.value is not None))
    )
    found = context.share_metrics(where, option.dataset)
    metric = context.catalog.metrics[counted]
    allowed = {metric.of} if isinstance(metric, Count) else set()
    fitting = [
        n
        for n in found
        if (d := context.catalog.base_dataset(n)).name in allowed
        or (d.design is not None and d.design.frame in allowed)
    ]
    return fitting[0] if len(fitting) == 1 else None


def find_restated(conditions: Sequence[Condition], metric: str, context: Context) -> Condition | None:
    """`spam rate of spam`: a condition that repeats the metric's own positive is said twice, not asked twice."""
    for condition in conditions:
        option = condition.options[0]
        owner = (option.dataset, option.name)
        if sum(owner == (c.options[0].dataset, c.options[0].name) for c in conditions) > 1:
            continue
        if condition.kind == "in" and option.value is not None:
            where = Where(dimension=option.name, in_=(option.value,))
            if metric in context.share_metrics(where, option.dataset):
                return condition
    return None
