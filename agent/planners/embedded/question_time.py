"""When a question is about: its period, what it is compared with, and how finely it is cut."""

from __future__ import annotations

from datetime import date, timedelta

from agent.planners.embedded.assemble import Reading
from agent.planners.embedded.canonical import write_query
from agent.planners.embedded.context import Context
from agent.planners.embedded.mentions import Scan
from agent.planners.embedded.spans import Cut
from agent.planners.embedded.time_grammar import TimePhrase
from agent.planners.embedded.time_points import last_units
from agent.planners.embedded.words import tokenize
from agent.state import Choice, ClarifyPlan, DeclinePlan, Plan, QueryPlan
from tools.figure import Period
from tools.metrics.buckets import period_before
from tools.metrics.definitions import Count, Sum
from tools.metrics.query import MetricQuery, Where


class QuestionTime:
    """Period, comparison and grain of a question, put together."""

    def __init__(self) -> None:
        self.period: Period | None = None
        self.open_start = False
        self.compare: Period | None = None
        self.previous = False
        self.grain: str | None = None
        self.relative = False
        self.inferred = False  # `previous` was not said
        self.year_ago = False
        self.days_before = 0
        self.last_day = False
        self.notes: list[str] = []


def gather_time(scan: Scan) -> QuestionTime | DeclinePlan | ClarifyPlan:
    timed = QuestionTime()
    for phrase in scan.times:
        if phrase.kind == "unsupported":
            if phrase.note == "forecast":
                return DeclinePlan(
                    reason="unsupported_cut",
                    message="This asks about the future, and transect does not forecast.",
                    next_steps=("Ask for the trend so far.",),
                    understood=True,
                )
            return DeclinePlan(
                reason="unsupported_cut", message=phrase.note, next_steps=("Give the first and the last day.",)
            )
        if phrase.kind == "ambiguous":
            return ClarifyPlan(
                question="Which day is meant?",
                choices=tuple(
                    Choice(label=f"{p.start:%-d %B %Y}", query=f"\0{p.start.isoformat()}") for p in phrase.options
                ),
                understood=True,
            )
        timed.year_ago |= phrase.year_ago
        timed.days_before = phrase.days_before or timed.days_before
        timed.last_day |= phrase.last_day
        if phrase.grain is not None:
            timed.grain = phrase.grain
        if phrase.kind == "grain":
            continue
        if phrase.apart and not (scan.change or scan.versus):
            return _apart()
        if phrase.kind == "compare":
            timed.period = phrase.period or timed.period
            timed.compare, timed.previous = phrase.against or timed.compare, phrase.against is None
            timed.relative |= phrase.relative
        elif phrase.kind == "period" and not _add_period(timed, phrase, scan):
            return _apart()
        if phrase.note:
            timed.notes.append(phrase.note)
    _go_on(timed, scan)
    timed.previous |= timed.year_ago and timed.compare is None
    if scan.change and _develops(scan) and timed.compare is None and not timed.previous and timed.grain is None:
        timed.grain = "auto"  # "how has it changed since February?": a series, not one difference
    if (
        scan.change
        and not timed.previous
        and timed.compare is None
        and timed.period is not None
        and timed.grain is None
    ):
        timed.previous = timed.inferred = True
    return timed


_BUCKET = {"day": 1, "week": 7, "month": 31}


def _go_on(timed: QuestionTime, scan: Scan) -> None:
    """`by month from December` is a series that begins there: December alone would be one point."""
    opened = next((p for p in scan.times if p.onwards is not None and p.period == timed.period), None)
    if opened is None or opened.onwards is None or timed.grain is None or timed.period is None:
        return
    if timed.grain == "auto" or timed.period.days <= _BUCKET[timed.grain]:
        timed.period, timed.relative = opened.onwards, True
    else:
        last = timed.period.end - timedelta(days=1)
        timed.notes.append(f"The series is of the days from {timed.period.start} to {last} alone.")


def _develops(scan: Scan) -> bool:
    return any(phrase.since for phrase in scan.times)


def _add_period(timed: QuestionTime, phrase: TimePhrase, scan: Scan) -> bool:
    """Put a period to those before it; False where they have no day in common."""
    assert phrase.period is not None
    if phrase.options and scan.change and timed.compare is None:
        timed.compare, timed.period = phrase.options
    elif timed.period is None:
        timed.period, timed.open_start = phrase.period, phrase.open_start
    elif scan.versus or scan.change:
        if timed.period == phrase.period and not (timed.relative and phrase.relative):
            return False  # a period is not compared with itself
        if timed.period == phrase.period:  # "messages last week vs previous week"
            timed.compare = period_before(phrase.period)
            return True
        older, newer = sorted((timed.period, phrase.period), key=lambda p: p.start)
        timed.period, timed.compare = newer, older
    else:
        start, end = max(timed.period.start, phrase.period.start), min(timed.period.end, phrase.period.end)
        if start >= end:
            return False
        timed.period = Period(start=start, end=end)
    timed.relative |= phrase.relative
    return True


def _apart() -> DeclinePlan:
    return DeclinePlan(
        reason="unsupported_cut",
        message="Two periods that do not touch are not added up in one figure.",
        next_steps=("Ask for each of them, or compare one with the other.",),
    )


def ask_which_day(plan: DeclinePlan | ClarifyPlan, text: str, scan: Scan) -> Plan:
    if isinstance(plan, DeclinePlan):
        return plan
    written = next(t for t in tokenize(text) if "/" in t.text).raw
    choices = tuple(
        Choice(label=c.label, query=text.replace(written, c.query.removeprefix("\0"))) for c in plan.choices
    )
    return ClarifyPlan(question=f"Is {written} day first or month first?", choices=choices, understood=True)


def date_reading(reading: Reading, timed: QuestionTime, scan: Scan, cut: Cut, context: Context) -> list[Plan]:
    """A reading with its period, comparison and grain."""
    query = reading.query
    first = query.metrics[0]
    wants_time = timed.period is not None or timed.previous or timed.compare is not None or timed.grain is not None
    if wants_time and not context.has_time(first):
        return [_undated(first, "has no time column, so it has no periods or trends", "without a period")]
    if timed.last_day and not _is_stock(first, context):
        why = "is counted over days, so there is none at the end of a period alone"
        return [_undated(first, why, "on a day, or over a period")]
    bounds = _bounds(first, context)
    period = timed.period
    if timed.year_ago and period is None:
        period = last_units(1, "year", context.today)[0]
    if period is not None and timed.open_start and bounds is not None:
        if period.end <= bounds[0]:
            period = Period(start=period.end - timedelta(days=1), end=period.end)
        else:
            period = Period(start=bounds[0], end=period.end)
    compare: Period | None = timed.compare
    sides = contrasts(cut) and _several_values(query)
    if timed.previous and compare is None and not (timed.inferred and sides):
        if period is None:
            return ask_which_change(reading, context)
        compare = _before(period, timed)
    elif (scan.change or scan.versus) and compare is None and timed.grain is None:
        return (
            ask_which_change(reading, context)
            if not query.by and not sides
            else _plain(reading, period, None, None, timed, cut)
        )
    grain = timed.grain
    if grain == "auto":
        span = period or (Period(start=bounds[0], end=bounds[1] + timedelta(days=1)) if bounds else None)
        days = span.days if span else 0
        grain = "day" if days <= 45 else "week" if days <= 366 else "month"
    return _plain(reading, period, compare, grain, timed, cut)


def _undated(metric: str, why: str, instead: str) -> DeclinePlan:
    """A metric that cannot be asked for in that way over time."""
    name = metric.replace("_", " ")
    return DeclinePlan(
        reason="unsupported_cut",
        message=f"{name} {why}.",
        next_steps=(f"Ask for {name} {instead}.",),
        understood=True,
    )


def _before(period: Period, timed: QuestionTime) -> Period:
    """What a period is compared with: as said, else the one before it."""
    if timed.days_before:
        return Period(start=period.start - timedelta(days=timed.days_before), end=period.start)
    if timed.year_ago:
        return Period(start=_year_before(period.start), end=_year_before(period.end))
    return period_before(period)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _is_stock(metric: str, context: Context) -> bool:
    found = context.catalog.metrics[metric]
    return isinstance(found, Count | Sum) and found.semi_additive is not None


def _several_values(query: MetricQuery) -> bool:
    return any(w.in_ is not None and len(w.in_) > 1 for w in query.where) or _the_rest(query) is not None


def _the_rest(query: MetricQuery) -> Where | None:
    """The condition that keeps exactly what another one leaves out: `US versus not US`."""
    kept = {(w.dimension, w.in_) for w in query.where if w.in_ is not None and len(w.in_) == 1}
    return next((w for w in query.where if w.not_in is not None and (w.dimension, w.not_in) in kept), None)


def _plain(
    reading: Reading, period: Period | None, compare: Period | None, grain: str | None, timed: QuestionTime, cut: Cut
) -> list[Plan]:
    query = reading.query
    by, contrast = query.by, None
    split = next((w for w in query.where if w.in_ is not None and len(w.in_) > 1 and w.dimension not in by), None)
    if split is not None and contrasts(cut):
        pair = len(split.in_ or ()) == 2 and grain is None and compare is None and not query.share_over
        by, contrast = (by, split.dimension) if pair else ((*by, split.dimension), None)
    rest = _the_rest(query) if contrast is None and contrasts(cut) else None
    if rest is not None and grain is None and compare is None and not query.share_over and rest.dimension not in by:
        contrast = rest.dimension
        query = query.model_copy(update={"where": tuple(w for w in query.where if w is not rest)})
    made = query.model_copy(
        update={
            "period": period,
            "compare": compare,
            "grain": grain if compare is None else None,
            "by": by,
            "contrast": contrast,
        }
    )
    notes = (*cut.assumptions, *reading.assumptions, *timed.notes)
    return [
        QueryPlan(
            query=MetricQuery.model_validate(made.model_dump(by_alias=True)),
            assumptions=tuple(dict.fromkeys(notes)),
            relative=timed.relative,
            left_out=reading.left_out,
        )
    ]


def contrasts(cut: Cut) -> bool:
    """Whether values are set against each other; of `did it rise in the US and Brazil` they are not."""
    return any(i.is_op("versus") or (i.is_op("change") and i.text.casefold() in _SIDE_BY_SIDE) for i in cut.items)


_SIDE_BY_SIDE = {
    "compare",
    "compared",
    "comparing",
    "comparison",
    "difference",
    "differences",
    "difference between",
    "delta",
    "gap",
    "different",
    "differ",
    "differs",
    "differed",
    "higher",
    "lower",
    "larger",
    "smaller",
    "greater",
    "bigger",
    "more",
    "fewer",
    "less",
}


def _bounds(metric: str, context: Context) -> tuple[date, date] | None:
    profile = context.profile.datasets.get(context.catalog.base_dataset(metric).name)
    return (profile.first, profile.last) if profile and profile.first and profile.last else None


def ask_which_change(reading: Reading, context: Context) -> list[Plan]:
    today = context.today
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    week = Period(start=monday - timedelta(weeks=1), end=monday)
    whole_month = period_before(Period(start=month, end=_next_month(month)))
    days = Period(start=today - timedelta(days=28), end=today)
    choices = [
        Choice(
            label=label,
            query=write_query(reading.query.model_copy(update={"period": p, "compare": period_before(p)})),
        )
        for label, p in (
            ("last week against the week before", week),
            ("last month against the month before", whole_month),
            ("the last 28 days against the 28 before", days),
        )
    ]
    choices.append(
        Choice(label="the trend per week", query=write_query(reading.query.model_copy(update={"grain": "week"})))
    )
    return [ClarifyPlan(question="Compared over which period?", choices=tuple(choices), understood=True)]


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
