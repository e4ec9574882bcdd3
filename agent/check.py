"""Checks between the figures and the words: stale data, no rows, small n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.execute import Beside, Facts
from agent.state import DeclinePlan, Plan, QueryPlan, SqlPlan
from agent.write.breaks import describe_break
from agent.write.headline import is_cut_short
from agent.write.tested import describe_test
from tools.figure import Break, Figure
from tools.metrics.catalog import catalog_of
from tools.metrics.query import QueryResult
from tools.reporting.prose import render
from tools.workspace import Workspace

SMALL_N = 30
_COMPARED = 3  # [difference, new, old]


@dataclass(frozen=True)
class Checked:
    """Caveats to state, or the decline that takes the place of an answer."""

    caveats: tuple[str, ...] = ()
    decline: DeclinePlan | None = None


def check(plan: Plan, facts: Facts, *, workspace: Workspace) -> Checked:
    """Whether these figures can stand, and what must be said beside them."""
    if not isinstance(plan, QueryPlan | SqlPlan) or facts.result is None:
        return Checked()
    results = [Beside(plan, facts.result), *facts.beside]
    found = [_check_result(r.plan, r.result, workspace, facts.breaks if not at else ()) for at, r in enumerate(results)]
    decline = next((c.decline for c in found if c.decline is not None), None)
    return Checked(tuple(dict.fromkeys(c for each in found for c in each.caveats)), decline)


def _check_result(
    plan: QueryPlan | SqlPlan, result: QueryResult, workspace: Workspace, breaks: Sequence[Break]
) -> Checked:
    if not result.figures or (result.figures and all(f.n == 0 and f.value is None for f in result.figures)):
        return Checked(
            decline=DeclinePlan(
                reason="no_data",
                message="No rows match what is asked.",
                next_steps=("Widen the period or drop a condition.",),
            )
        )
    if isinstance(plan, SqlPlan):
        return Checked(decline=_nothing_counted(result.figures))
    caveats: list[str] = [describe_break(b, plan.query, result.figures) for b in breaks]
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
    if isinstance(plan, QueryPlan) and plan.tested and len(result.figures) >= _COMPARED:
        caveats.insert(0, describe_test(result.figures, result.tests))
    if any(is_cut_short(f, plan.query) for f in result.figures):
        caveats.append(f"A {plan.query.grain} at an end of the period is not whole; do not compare it with the others.")
    spans = {f.period.days for f in result.figures if f.period is not None}
    if plan.query.compare is not None and len(spans) > 1 and result.figures[0].unit in ("count", "usd"):
        caveats.append("The two periods differ in length, so totals differ for that reason alone.")
    if plan.query.by and any(f.basis != "full_count" for f in result.figures) and len(result.figures) > 1:
        caveats.append("Intervals hold for each group alone; picking the highest or lowest afterwards is exploratory.")
    metric = catalog_of(workspace).metrics[plan.query.metrics[0]]
    caveats += [c if c.endswith(".") else c + "." for c in metric.caveats]
    return Checked(caveats=tuple(caveats))


def _nothing_counted(figures: Sequence[Figure]) -> DeclinePlan | None:
    """SQL text whose numbers are not known in any way that could be stated."""
    if any(f.value is not None for f in figures):
        return None
    return DeclinePlan(
        reason="no_data",
        message=f"No definition answers this, and {figures[0].undefined}.",
        next_steps=("Ask for a metric, or have one defined for this.",),
        understood=True,
    )
