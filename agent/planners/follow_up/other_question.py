"""Words that could stand alone as a question, in a conversation: are they meant alone, or of what was asked before?"""

from __future__ import annotations

from agent.planners.embedded import Context, plan_question
from agent.planners.follow_up.fragment import Fragment, points_back
from agent.planners.follow_up.merge import merge
from agent.planners.follow_up.offer import FollowUp, fits, offer, out_of_reach
from agent.state import Plan, QueryPlan
from tools.metrics.query import MetricQuery

_ASK = "Is the rest to stay as it was asked before?"
_BY_ITSELF = "It cannot be cut as the question before was. Is it meant by itself?"


def read_other_question(
    fragment: Fragment, *, before: QueryPlan, alone: QueryPlan, context: Context
) -> FollowUp | None:
    """None for a full new question, which is never merged. Asked back where the words go on from the question before
    ("and appeals?", "how many of those"), or name no metric ("top three countries")."""
    if not names_a_metric(fragment.rest, context):
        found = _with_metric_before(fragment, before, alone, context)
        if found is not None or alone.query.metrics != before.query.metrics:
            return found
    elif not (fragment.going_on or fragment.same or fragment.adding or points_back(fragment.rest)):
        return None
    own, carried = alone.query, _carry(alone.query, before.query)
    if carried == own:
        return None
    if not fits(carried, context):
        if fragment.same:
            return FollowUp(out_of_reach(carried, context))
        return offer([own], before=before, context=context, ask=_BY_ITSELF)
    if fragment.same:
        return offer([carried], before=before, context=context, relative=alone.relative or before.relative)
    return offer([carried, own], before=before, context=context, ask=_ASK)


def names_a_metric(rest: str, context: Context) -> bool:
    """Whether the words name a metric, a measure or a table, and nothing that could cut another one."""
    items = context.cut(rest).items
    return any(item.kind == "entry" and not item.of_kind("dimension", "value") for item in items)


def plan_with_metric(rest: str, *, before: QueryPlan, context: Context) -> Plan:
    """The words as a question about the metric before."""
    name = before.query.metrics[0].replace("_", " ")
    return plan_question(f"{name} {rest}", context=context)


def _with_metric_before(fragment: Fragment, before: QueryPlan, alone: QueryPlan, context: Context) -> FollowUp | None:
    """ "Top three countries" is a question of its own, of accounts say, and fits the metric before as well."""
    if alone.query.metrics == before.query.metrics:
        return None
    said = plan_with_metric(fragment.rest, before=before, context=context)
    if not isinstance(said, QueryPlan) or said.query.metrics != before.query.metrics[:1]:
        return None
    readings = [*merge(before.query, said.query), alone.query]
    return offer(readings, before=before, context=context, ask="Which of these is meant?")


def _carry(own: MetricQuery, before: MetricQuery) -> MetricQuery:
    """The question with what it leaves open taken from the one before."""
    filtered = {w.dimension for w in own.where}
    single = {w.dimension for w in own.where if w.in_ is not None and len(w.in_) == 1}
    kept = tuple(b for b in before.by if b not in single)
    return own.model_copy(
        update={
            "by": own.by or kept,
            "where": (*own.where, *(w for w in before.where if w.dimension not in filtered)),
            "period": own.period or before.period,
            "grain": own.grain or (None if own.compare else before.grain),
            "compare": own.compare or (None if own.period or own.grain else before.compare),
            "share_over": own.share_over or (before.share_over if not own.by and own.metrics == before.metrics else ()),
            "order": own.order or (None if own.by or not kept else before.order),
            "limit": own.limit or (None if own.by or not kept else before.limit),
        }
    )
