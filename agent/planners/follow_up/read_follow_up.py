"""A fragment in a conversation ("and by country?", "only voice", "same for March") as a whole query.

It is read onto the last query that was answered, and the reading is stated. What is not understood whole is not read:
the caller says what it would have said without the conversation. A full new question is never merged.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.planners.embedded import Context, plan_question
from agent.planners.embedded.canonical import read_query, write_query
from agent.planners.embedded.spans import cut_question
from agent.planners.follow_up.fragment import Fragment, asks_its_own, cut_fragment
from agent.planners.follow_up.merge import merge
from agent.planners.label_reading import label_reading
from agent.state import Choice, ClarifyPlan, DeclinePlan, Plan, QueryPlan
from tools.figure import Period
from tools.metrics.buckets import period_before, whole_months
from tools.metrics.query import MetricQuery

_MOST_CHOICES = 4
_UNIT_DAYS = {"day": 1, "week": 7}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class FollowUp:
    """How a fragment is read; `plan` is a query with the reading among its assumptions, choices, or a decline."""

    plan: QueryPlan | ClarifyPlan | DeclinePlan


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
    fragment = cut_fragment(text)
    if isinstance(alone, QueryPlan):
        return _other_metric(fragment, before, alone, context) or _unnamed_metric(fragment, before, alone, context)
    if not isinstance(alone, ClarifyPlan | DeclinePlan) or (isinstance(alone, DeclinePlan) and alone.understood):
        return None
    if fragment.same and isinstance(inner := plan_question(fragment.rest, context=context), QueryPlan):
        return _other_metric(fragment, before, inner, context)
    if fragment.whole:
        return _offer([before.query.model_copy(update={"by": (), "order": None, "limit": None})], before, context)
    if not fragment.rest or asks_its_own(fragment.rest) or _names_its_own(fragment.rest, context):
        return None
    if fragment.comparing:
        return _compared(fragment, before, context)
    if fragment.before or fragment.previous:
        return _period_before(fragment, before, context)
    return _changed(fragment, before, context)


def _changed(fragment: Fragment, before: QueryPlan, context: Context) -> FollowUp | None:
    """The words, read with the metric before: another breakdown, other conditions, another time."""
    said = _plan_with_metric(fragment.rest, before, context)
    if isinstance(said, ClarifyPlan):
        queries = [read_query(c.query, metrics=tuple(context.catalog.metrics)) for c in said.choices]
        known = [q for q in queries if q is not None and q.metrics == before.query.metrics[:1]]
        merged = [m for q in known for m in merge(before.query, q, adding=fragment.adding)]
        return _offer(merged, before, context, ask=said.question) if known and len(known) == len(queries) else None
    if isinstance(said, DeclinePlan):
        return FollowUp(said) if said.reason == "unsupported_cut" else None
    if not isinstance(said, QueryPlan) or said.query.metrics != before.query.metrics[:1]:
        return None
    relative = said.relative if said.query.period is not None else before.relative
    merged = merge(before.query, said.query, adding=fragment.adding)
    filtered = {w.dimension for w in before.query.where}
    adds_nothing = fragment.adding and any(w.dimension not in filtered for w in said.query.where)
    ask = "Is this what is meant?" if adds_nothing else ""
    return _offer(merged, before, context, ask=ask, relative=relative, notes=said.assumptions)


def _names_its_own(rest: str, context: Context) -> bool:
    """Whether the words name a metric, a measure or a table, and nothing that could cut another one."""
    items = cut_question(rest, lexicon=context.lexicon, today=context.today).items
    return any(item.kind == "entry" and not item.of_kind("dimension", "value") for item in items)


def _plan_with_metric(rest: str, before: QueryPlan, context: Context) -> Plan:
    name = before.query.metrics[0].replace("_", " ")
    return plan_question(f"{name} {rest}", context=context)


def _compared(fragment: Fragment, before: QueryPlan, context: Context) -> FollowUp | None:
    """What was asked before, against another period; the later of the two is the new one."""
    period = before.query.period
    if period is None:
        return FollowUp(_no_period(before))
    if (unit := fragment.before or fragment.previous) and _is_unit(period, unit):
        return _offer([_against(before.query, period, "previous")], before, context)
    said = _plan_with_metric(fragment.rest, before, context)
    if not isinstance(said, QueryPlan):
        return None
    other = said.query.period
    if other is None or said.query != MetricQuery(metrics=before.query.metrics[:1], period=other):
        return FollowUp(_decline("Only periods are compared here, and this names none, or more than that."))
    older, newer = sorted((period, other), key=lambda p: p.start)
    if older.end > newer.start:
        return FollowUp(_decline("The two periods overlap, so they are not compared."))
    merged = [_against(before.query, newer, older)]
    return _offer(merged, before, context, relative=before.relative or said.relative, notes=said.assumptions)


def _against(query: MetricQuery, period: Period, other: object) -> MetricQuery:
    return query.model_copy(update={"period": period, "compare": other, "grain": None, "order": None, "limit": None})


def _no_period(before: QueryPlan) -> DeclinePlan:
    name = before.query.metrics[0].replace("_", " ")
    return _decline(f"The {name} before covers all the data, so there is no period to compare.")


def _decline(message: str) -> DeclinePlan:
    step = "Name both periods: \u201clast month compared with the month before\u201d."
    return DeclinePlan(reason="unsupported_cut", message=message, next_steps=(step,))


def _period_before(fragment: Fragment, before: QueryPlan, context: Context) -> FollowUp | None:
    """ "The week before" counts from the period asked about; "previous week" may count from today as well."""
    period, unit = before.query.period, fragment.before or fragment.previous
    if period is None or not _is_unit(period, unit) or before.query.compare is not None:
        return None
    shifted = [before.query.model_copy(update={"period": period_before(period)})]
    if fragment.previous and unit != "period":
        said = _plan_with_metric(f"last {unit}" if unit != "day" else "yesterday", before, context)
        if isinstance(said, QueryPlan):
            shifted.append(before.query.model_copy(update={"period": said.query.period}))
    return _offer([q for q in shifted if q != before.query], before, context)


def _is_unit(period: Period, unit: str) -> bool:
    """Whether the period is one such unit; any period is a period."""
    if unit in _UNIT_DAYS:
        return period.days == _UNIT_DAYS[unit]
    return unit == "period" or whole_months(period) == _UNIT_MONTHS[unit]


def _other_metric(fragment: Fragment, before: QueryPlan, alone: QueryPlan, context: Context) -> FollowUp | None:
    """A text with a metric of its own is a question of its own, unless it says that it goes on from the one before."""
    if not (fragment.going_on or fragment.same or fragment.adding):
        return None
    own = alone.query
    carried = own.model_copy(
        update={
            "by": own.by or before.query.by,
            "where": (
                *own.where,
                *(w for w in before.query.where if w.dimension not in {o.dimension for o in own.where}),
            ),
            "period": own.period or before.query.period,
            "grain": own.grain or (None if own.compare else before.query.grain),
            "compare": own.compare or (None if own.period or own.grain else before.query.compare),
            "share_over": own.share_over or before.query.share_over,
            "order": own.order or (None if own.by else before.query.order),
            "limit": own.limit or (None if own.by else before.query.limit),
        }
    )
    if carried == own:
        return None
    if not _fits(carried, context):
        if fragment.same:
            return FollowUp(_out_of_reach(carried, context))
        return _offer([own], before, context, ask="It cannot be cut as the question before was. Is it meant by itself?")
    if fragment.same:
        return _offer([carried], before, context, relative=alone.relative or before.relative)
    return _offer([carried, own], before, context, ask="Is the rest to stay as it was asked before?")


def _unnamed_metric(fragment: Fragment, before: QueryPlan, alone: QueryPlan, context: Context) -> FollowUp | None:
    """ "Top 3 countries" is a question of its own, of accounts say, and fits the metric before as well."""
    if asks_its_own(fragment.rest) or alone.query.metrics == before.query.metrics:
        return None
    said = _plan_with_metric(fragment.rest, before, context)
    if not isinstance(said, QueryPlan) or said.query.metrics != before.query.metrics[:1]:
        return None
    readings = [*merge(before.query, said.query), alone.query]
    return _offer(readings, before, context, ask="This can be read in more than one way. Which is meant?")


def _offer(
    readings: list[MetricQuery],
    before: QueryPlan,
    context: Context,
    *,
    relative: bool | None = None,
    notes: tuple[str, ...] = (),
    ask: str = "",
) -> FollowUp | None:
    """One reading is answered and stated; several are offered."""
    different = list(dict.fromkeys(readings))
    fitting = [q for q in different if _fits(q, context)]
    if different and not fitting:
        return FollowUp(_out_of_reach(different[0], context))
    visible = [q for q in fitting if context.may_ask(q)]
    if fitting and not visible:
        return FollowUp(QueryPlan(query=fitting[0]))  # declined when it is carried out; nothing hidden is offered
    fitting = visible
    if len(fitting) == 1 and not ask:
        said = f"Read as: {write_query(fitting[0])}."
        kept = before.relative if relative is None else relative
        return FollowUp(QueryPlan(query=fitting[0], assumptions=(said, *notes), relative=kept))
    if not fitting:
        return None
    choices = tuple(Choice(label=label_reading(q, context), query=write_query(q)) for q in fitting[:_MOST_CHOICES])
    question = ask or "This can be read in more than one way. Which is meant?"
    return FollowUp(ClarifyPlan(question=question, choices=choices, understood=True))


def _fits(query: MetricQuery, context: Context) -> bool:
    """Whether every metric can be cut so, by this asker."""
    used = (*query.by, *query.share_over, *(w.dimension for w in query.where))
    return set(query.metrics) <= context.usable and all(
        name in context.catalog.dimensions_for(metric) for metric in query.metrics for name in used
    )


def _out_of_reach(query: MetricQuery, context: Context) -> DeclinePlan:
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
