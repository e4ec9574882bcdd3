"""A fragment in a conversation ("and by country?", "only voice", "same for March") as a whole query.

It is read onto the last query that was answered, and the reading is stated. What is not understood whole is not read:
the caller says what it would have said without the conversation. A full new question is never merged.
"""

from __future__ import annotations

from agent.planners.embedded import Context, plan_question
from agent.planners.embedded.canonical import read_query
from agent.planners.follow_up.comparison import read_comparison, read_period_before
from agent.planners.follow_up.fragment import Fragment, asks_its_own, cut_fragment
from agent.planners.follow_up.merge import merge
from agent.planners.follow_up.offer import FollowUp, offer
from agent.planners.follow_up.other_question import names_a_metric, plan_with_metric, read_other_question
from agent.planners.follow_up.real_change import read_real_change
from agent.state import ClarifyPlan, DeclinePlan, Plan, QueryPlan
from tools.metrics.query import MetricQuery


def read_follow_up(text: str, *, before: QueryPlan, alone: Plan, context: Context) -> FollowUp | None:
    """The fragment as a query; None when the text is no fragment or is not understood whole.

    Args:
        text: as typed.
        before: the last query of the conversation that was answered.
        alone: the plan of the text without the conversation.
        context: what the asker may see.
    """
    if read_query(text, metrics=tuple(context.catalog.metrics)) is not None:
        return None  # written out, such as a choice that was offered
    tested = read_real_change(text, before=before, context=context)
    if tested is not None:
        return FollowUp(tested)
    fragment = cut_fragment(text)
    if isinstance(alone, QueryPlan):
        return read_other_question(fragment, before=before, alone=alone, context=context)
    if not isinstance(alone, ClarifyPlan | DeclinePlan) or (isinstance(alone, DeclinePlan) and alone.understood):
        return None
    if fragment.same and isinstance(inner := plan_question(fragment.rest, context=context), QueryPlan):
        return read_other_question(fragment, before=before, alone=inner, context=context)
    if fragment.whole:
        total = before.query.model_copy(update={"by": (), "order": None, "limit": None})
        return offer([total], before=before, context=context)
    if not fragment.rest or asks_its_own(fragment.rest):
        return None
    if fragment.comparing:
        return read_comparison(fragment, before=before, context=context)
    if (fragment.before or fragment.previous) and (
        found := read_period_before(fragment, before=before, context=context)
    ):
        return found
    return _read_change(fragment, before, context)


def _read_change(fragment: Fragment, before: QueryPlan, context: Context) -> FollowUp | None:
    """The words, read with the metric before: another breakdown, other conditions, another time."""
    said = plan_with_metric(fragment.rest, before=before, context=context)
    bare = MetricQuery(metrics=before.query.metrics[:1])
    if isinstance(said, ClarifyPlan):
        queries = [read_query(c.query, metrics=tuple(context.catalog.metrics)) for c in said.choices]
        known = [q for q in queries if q is not None and q != bare and q.metrics == bare.metrics]
        merged = [m for q in known for m in merge(before.query, q, adding=fragment.adding)]
        whole = known and len(known) == len(queries)
        return offer(merged, before=before, context=context, ask=said.question) if whole else None
    if isinstance(said, DeclinePlan):
        reached = said.reason == "unsupported_cut" and not names_a_metric(fragment.rest, context)
        return FollowUp(said) if reached else None
    if not isinstance(said, QueryPlan) or said.query.metrics != bare.metrics or said.query == bare:
        return None
    relative = said.relative if said.query.period is not None else before.relative
    merged = merge(before.query, said.query, adding=fragment.adding)
    filtered = {w.dimension for w in before.query.where}
    adds_nothing = fragment.adding and any(w.dimension not in filtered for w in said.query.where)
    ask = "Is this what is meant?" if adds_nothing else ""
    return offer(merged, before=before, context=context, ask=ask, relative=relative, notes=said.assumptions)
