"""Checks between the figures and the words: stale data, no rows, small n."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from agent.execute import Facts
from agent.prose import render
from agent.state import DeclinePlan, Plan, QueryPlan
from tools.metrics.catalog import catalog_of
from tools.reporting.format import format_name
from tools.workspace import Workspace

SMALL_N = 30


@dataclass(frozen=True)
class Checked:
    """Caveats to state, or the decline that takes the place of an answer."""

    caveats: tuple[str, ...] = ()
    decline: DeclinePlan | None = None


def check(plan: Plan, facts: Facts, *, workspace: Workspace) -> Checked:
    """Whether these figures can stand, and what must be said beside them."""
    if not isinstance(plan, QueryPlan) or facts.result is None:
        return Checked()
    result = facts.result
    if not result.figures or (result.figures and all(f.n == 0 and f.value is None for f in result.figures)):
        return Checked(
            decline=DeclinePlan(
                reason="no_data",
                message="No rows match what is asked.",
                next_steps=("Widen the period or drop a condition.",),
            )
        )
    stale = _stale(plan, facts, workspace)
    if stale is not None:
        return Checked(decline=stale)
    caveats: list[str] = []
    small = [
        f
        for f in result.figures
        if f.unit in ("share", "ratio") and f.value is not None and f.n is not None and f.n < SMALL_N
    ]
    if small and len(result.figures) == 1:
        caveats.append(render("Only {n} rows stand behind this figure; it may move a lot.", n=str(small[0].n)))
    elif small:
        caveats.append(
            render(
                "{k} of {all} figures rest on fewer than {few} rows.",
                k=str(len(small)),
                all=str(len(result.figures)),
                few=str(SMALL_N),
            )
        )
    metric = catalog_of(workspace).metrics[plan.query.metrics[0]]
    caveats += [c if c.endswith(".") else c + "." for c in metric.caveats]
    return Checked(caveats=tuple(caveats))


def _stale(plan: QueryPlan, facts: Facts, workspace: Workspace) -> DeclinePlan | None:
    """A relative period needs data that is recent enough for the metric's owner."""
    catalog = catalog_of(workspace)
    limits = [(m, catalog.metrics[m].stale_after_days) for m in plan.query.metrics]
    newest = [f.as_of for f in facts.result.figures if f.as_of is not None] if facts.result else []
    if not plan.relative or not newest:
        return None
    last = max(d.date() if isinstance(d, datetime) else d for d in newest)
    age = (workspace.today() - last).days
    for name, limit in limits:
        if limit is not None and age > limit:
            return _decline_stale(name, last, age, limit)
    return None


def _decline_stale(name: str, last: date, age: int, limit: int) -> DeclinePlan:
    message = render(
        "The newest data for {metric} is from {last}, {age} days ago; its owner allows {limit}.",
        metric=format_name(name),
        last=last.isoformat(),
        age=str(age),
        limit=str(limit),
    )
    return DeclinePlan(
        reason="stale",
        message=message,
        next_steps=("Ask for a period that the data covers, or have the data refreshed.",),
    )
