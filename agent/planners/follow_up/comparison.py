"""Fragments about another period: "compared with February", "the week before", "previous month"."""

from __future__ import annotations

from agent.planners.embedded import Context
from agent.planners.follow_up.fragment import Fragment
from agent.planners.follow_up.offer import FollowUp, offer
from agent.planners.follow_up.other_question import plan_with_metric
from agent.state import DeclinePlan, QueryPlan
from tools.figure import Period
from tools.metrics.buckets import period_before, whole_months
from tools.metrics.query import MetricQuery

_UNIT_DAYS = {"day": 1, "week": 7}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def read_comparison(fragment: Fragment, *, before: QueryPlan, context: Context) -> FollowUp | None:
    """What was asked before, against another period; the later of the two is the new one."""
    period, unit = before.query.period, fragment.before or fragment.previous
    if period is None:
        name = before.query.metrics[0].replace("_", " ")
        return _decline(f"The {name} before covers all the data, so there is no period to compare.")
    if unit and _is_unit(period, unit):
        return offer([_against(before.query, period, "previous")], before=before, context=context)
    if fragment.before:
        return _not_one(unit)
    said = plan_with_metric(fragment.rest, before=before, context=context)
    if not isinstance(said, QueryPlan):
        return None
    other = said.query.period
    if other is None or said.query != MetricQuery(metrics=before.query.metrics[:1], period=other):
        return _decline("Only periods are compared here, and this names none, or more than that.")
    older, newer = sorted((period, other), key=lambda p: p.start)
    if older.end > newer.start:
        return _decline("The two periods overlap, so they are not compared.")
    merged = [_against(before.query, newer, older)]
    relative = before.relative or said.relative
    return offer(merged, before=before, context=context, relative=relative, notes=said.assumptions)


def read_period_before(fragment: Fragment, *, before: QueryPlan, context: Context) -> FollowUp | None:
    """ "The week before" counts from the period asked about; "previous week" may count from today as well."""
    period, unit = before.query.period, fragment.before or fragment.previous
    if period is None or not _is_unit(period, unit) or before.query.compare is not None:
        return _not_one(unit) if fragment.before else None
    shifted = [before.query.model_copy(update={"period": period_before(period)})]
    if fragment.previous and unit != "period":
        said = plan_with_metric("yesterday" if unit == "day" else f"last {unit}", before=before, context=context)
        if isinstance(said, QueryPlan):
            shifted.append(before.query.model_copy(update={"period": said.query.period}))
    return offer([q for q in shifted if q != before.query], before=before, context=context)


def _against(query: MetricQuery, period: Period, other: object) -> MetricQuery:
    return query.model_copy(update={"period": period, "compare": other, "grain": None, "order": None, "limit": None})


def _is_unit(period: Period, unit: str) -> bool:
    """Whether the period is one such unit; any period is a period."""
    if unit in _UNIT_DAYS:
        return period.days == _UNIT_DAYS[unit]
    return unit == "period" or whole_months(period) == _UNIT_MONTHS[unit]


def _not_one(unit: str) -> FollowUp:
    return _decline(f"The question before is not about one {unit}, so it is not clear which {unit} is before it.")


def _decline(message: str) -> FollowUp:
    step = "Name both periods: \u201clast month compared with the month before\u201d."
    return FollowUp(DeclinePlan(reason="unsupported_cut", message=message, next_steps=(step,)))
