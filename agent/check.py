"""Checks between the figures and the words: stale data, no rows, small n."""

from __future__ import annotations

from dataclasses import dataclass

from agent.execute import Facts
from agent.prose import render
from agent.state import DeclinePlan, Plan, QueryPlan
from tools.metrics.catalog import catalog_of
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
