"""Readings of a fragment: one is answered and stated, several are offered, none that fits is declined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.planners.embedded import Context
from agent.planners.embedded.canonical import write_query
from agent.planners.label_reading import label_reading
from agent.state import Choice, ClarifyPlan, DeclinePlan, QueryPlan
from tools.metrics.query import MetricQuery

_MOST_CHOICES = 4


@dataclass(frozen=True)
class FollowUp:
    """How a fragment is read; `plan` is a query with the reading among its assumptions, choices, or a decline."""

    plan: QueryPlan | ClarifyPlan | DeclinePlan


def offer(
    readings: Sequence[MetricQuery],
    *,
    before: QueryPlan,
    context: Context,
    relative: bool | None = None,
    notes: tuple[str, ...] = (),
    ask: str = "",
) -> FollowUp | None:
    """One reading is answered and stated; several are offered.

    Args:
        readings: likeliest first.
        before: the query that the fragment leans on.
        context: what the asker may see.
        relative: the period is relative to today; None as before.
        notes: how words were read.
        ask: a question to put before the readings, however many there are.
    """
    different = list(dict.fromkeys(readings))
    fitting = [q for q in different if fits(q, context)]
    if different and not fitting:
        return FollowUp(out_of_reach(different[0], context))
    if not fitting:
        return None
    visible = [q for q in fitting if context.may_ask(q)]
    if not visible:
        return FollowUp(QueryPlan(query=fitting[0]))  # declined when it is carried out; nothing hidden is offered
    fitting = visible
    if len(fitting) == 1 and not ask:
        said = f"Read as: {write_query(fitting[0])}."
        kept = before.relative if relative is None else relative
        return FollowUp(QueryPlan(query=fitting[0], assumptions=(said, *notes), relative=kept))
    choices = tuple(Choice(label=label_reading(q, context), query=write_query(q)) for q in fitting[:_MOST_CHOICES])
    question = ask or "This can be read in more than one way. Which is meant?"
    return FollowUp(ClarifyPlan(question=question, choices=choices, understood=True))


def fits(query: MetricQuery, context: Context) -> bool:
    """Whether every metric can be cut so, by this asker."""
    used = (*query.by, *query.share_over, *(w.dimension for w in query.where))
    return set(query.metrics) <= context.usable and all(
        name in context.catalog.dimensions_for(metric) for metric in query.metrics for name in used
    )


def out_of_reach(query: MetricQuery, context: Context) -> DeclinePlan:
    """What the metric cannot be cut by, and what it can."""
    metric = query.metrics[0]
    known = context.catalog.dimensions_for(metric)
    used = (*query.by, *query.share_over, *(w.dimension for w in query.where))
    missing = ", ".join(dict.fromkeys(n.replace("_", " ") for n in used if n not in known)) or "this"
    possible = ", ".join(sorted(context.cuts(metric))[:8])
    return DeclinePlan(
        reason="unsupported_cut",
        message=f"{metric.replace('_', ' ')} cannot be cut by {missing}: its rows do not carry it.",
        next_steps=(f"It can be cut by: {possible}.",) if possible else (),
    )
