"""A threshold put on the plan of the question without it."""

from __future__ import annotations

from agent.planners.embedded.canonical import read_query, write_query
from agent.planners.embedded.context import Context
from agent.planners.embedded.threshold import Bound, bound_for
from agent.state import Choice, ClarifyPlan, DeclinePlan, Plan, QueryPlan
from tools.metrics.query import MetricQuery
from tools.metrics.units import unit_for


def set_threshold(plan: Plan, bound: Bound, context: Context) -> Plan:
    """The plan, or each of its choices, with the bound; a decline where the bound does not fit the metric."""
    if isinstance(plan, QueryPlan):
        query = _bounded(plan.query, bound, context)
        return _misfit(plan.query, bound) if query is None else plan.model_copy(update={"query": query})
    if isinstance(plan, ClarifyPlan):
        choices = []
        for choice in plan.choices:
            read = read_query(choice.query, metrics=tuple(context.catalog.metrics))
            query = _bounded(read, bound, context) if read is not None else None
            if query is not None:
                choices.append(Choice(label=f"{choice.label}, {bound.text}", query=write_query(query)))
        return plan.model_copy(update={"choices": tuple(choices)}) if choices else _misfit(None, bound)
    return plan


def _bounded(query: MetricQuery, bound: Bound, context: Context) -> MetricQuery | None:
    if len(query.metrics) != 1 or query.compare is not None or query.contrast is not None or query.per is not None:
        return None
    if not query.by or query.grain is not None:
        return None
    unit = "share" if query.share_over else unit_for(context.catalog.metrics[query.metrics[0]], context.catalog)
    having = bound_for(bound, unit)
    return None if having is None else query.model_copy(update={"having": having})


def _misfit(query: MetricQuery | None, bound: Bound) -> DeclinePlan:
    name = query.metrics[0].replace("_", " ") if query is not None else "what is asked"
    return DeclinePlan(
        reason="unsupported_cut",
        message=f"\u201c{bound.text}\u201d cannot be held against {name}: it is not said in its unit.",
        next_steps=("Give the bound in its unit: a share in per cent, a time in seconds or hours, else a number.",),
        understood=True,
    )
