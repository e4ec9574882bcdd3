"""The embedded planner: a question to a plan, without a model.

Every content word must be accounted for. What cannot be placed is asked about or declined; it is never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from agent.planners.embedded.assemble import Obstacle, Reading, assemble
from agent.planners.embedded.canonical import read_query, write_query
from agent.planners.embedded.conditions import sort_mentions
from agent.planners.embedded.context import Context
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.meta import find_meta
from agent.planners.embedded.pairs import join_pairs
from agent.planners.embedded.refuse import find_refusal
from agent.planners.embedded.scan import Scan, scan_items
from agent.planners.embedded.spans import Cut, Item, cut_question
from agent.planners.embedded.time_grammar import TimePhrase, previous_period
from agent.planners.embedded.vocabulary import MEASURING
from agent.planners.embedded.words import tokenize
from agent.state import Choice, ClarifyPlan, DeclinePlan, Plan, QueryPlan
from tools.figure import Period
from tools.metrics.query import MetricQuery, Where

_MOST_CHOICES = 4


def plan_question(text: str, *, context: Context, depth: int = 0) -> Plan:
    """What a question asks for: a query, a look into the catalog, a question back, or a decline."""
    exact = read_query(text, metrics=tuple(context.catalog.metrics))
    if exact is not None:
        return QueryPlan(query=exact)
    tokens = tokenize(text)
    refusal = find_refusal(text, tokens, context.lexicon)
    if refusal is not None:
        return refusal
    verified = _verified(text, context)
    if verified is not None:
        return verified
    meta = find_meta(text, context)
    if meta is not None:
        return meta
    cut = cut_question(text, lexicon=context.lexicon, today=context.today)
    cut = replace(cut, items=join_pairs(cut.items, context.profile))
    scan = scan_items(cut.items)
    _per_as_breakdown(scan, context)
    told = sort_mentions(scan, cut.items, context)
    if scan.unknown:
        return _about_unknown(text, cut, scan, context, depth)
    timed = _time(scan)
    if isinstance(timed, DeclinePlan | ClarifyPlan):
        return _with_dates(timed, text, scan)
    readings = assemble(scan, told, context)
    if told.leftovers and readings.found:
        return _ask_leftovers(told.leftovers, readings.found, timed, cut, context)
    if not readings.found:
        return _nothing(text, cut, scan, readings.obstacles, context)
    plans = [p for r in readings.found for p in _dated(r, timed, scan, cut, context)]
    answers = [p for p in plans if isinstance(p, QueryPlan)]
    if not answers:
        return plans[0]
    unique = list({p.query: p for p in answers}.values())
    if len(unique) == 1 and all(r.sure for r in readings.found):
        return unique[0]
    return _ask(unique, context, sure=all(r.sure for r in readings.found))


def _verified(text: str, context: Context) -> QueryPlan | None:
    """A question somebody has signed, word for word."""
    wanted = [t.stem for t in tokenize(text)]
    for signed in context.catalog.verified_queries:
        if [t.stem for t in tokenize(signed.question)] == wanted:
            return QueryPlan(
                query=MetricQuery.model_validate(signed.query),
                assumptions=(f"This reading was signed by {signed.by}.",),
            )
    return None


def _per_as_breakdown(scan: Scan, context: Context) -> None:
    """`messages per country` is a breakdown, unless a ratio per that entity is defined."""
    ratios = any(context.ratio_per(d, e) for m in scan.per for e in m.item.entries for d in context.catalog.datasets)
    if scan.per and not ratios and all(m.item.of_kind("dimension") for m in scan.per):
        scan.per_breakdown = True
        scan.by.extend(scan.per)
        scan.per.clear()


# --- time ---------------------------------------------------------------------------------------


class _Timed:
    """Period, comparison and grain of a question, put together."""

    def __init__(self) -> None:
        self.period: Period | None = None
        self.open_start = False
        self.compare: Period | None = None
        self.previous = False
        self.grain: str | None = None
        self.relative = False
        self.notes: list[str] = []


def _time(scan: Scan) -> _Timed | DeclinePlan | ClarifyPlan:
    timed = _Timed()
    for phrase in scan.times:
        if phrase.kind == "unsupported":
            if phrase.note == "forecast":
                return DeclinePlan(
                    reason="unsupported_cut",
                    message="This asks about the future, and transect does not forecast.",
                    next_steps=("Ask for the trend so far.",),
                )
            return DeclinePlan(reason="unsupported_cut", message=phrase.note)
        if phrase.kind == "ambiguous":
            return ClarifyPlan(
                question="Which day is meant?",
                choices=tuple(
                    Choice(label=f"{p.start:%-d %B %Y}", query=f"\0{p.start.isoformat()}") for p in phrase.options
                ),
            )
        if phrase.kind == "grain":
            timed.grain = phrase.grain
        elif phrase.kind == "compare":
            timed.period = phrase.period or timed.period
            timed.compare, timed.previous = phrase.against or timed.compare, phrase.against is None
            timed.relative |= phrase.relative
        elif phrase.kind == "period":
            _add_period(timed, phrase, scan)
        if phrase.note:
            timed.notes.append(phrase.note)
    if (
        scan.change
        and not timed.previous
        and timed.compare is None
        and timed.period is not None
        and timed.grain is None
    ):
        timed.previous = True
    return timed


def _add_period(timed: _Timed, phrase: TimePhrase, scan: Scan) -> None:
    assert phrase.period is not None
    if phrase.options and scan.change and timed.compare is None:
        timed.compare, timed.period = phrase.options
    elif timed.period is None:
        timed.period, timed.open_start = phrase.period, phrase.open_start
    elif scan.versus or scan.change:
        older, newer = sorted((timed.period, phrase.period), key=lambda p: p.start)
        timed.period, timed.compare = newer, older
    else:
        start, end = max(timed.period.start, phrase.period.start), min(timed.period.end, phrase.period.end)
        timed.period = Period(start=start, end=end) if start < end else phrase.period  # type: ignore[call-arg]
    timed.relative |= phrase.relative


def _with_dates(plan: DeclinePlan | ClarifyPlan, text: str, scan: Scan) -> Plan:
    if isinstance(plan, DeclinePlan):
        return plan
    written = next(t for t in tokenize(text) if "/" in t.text).raw
    choices = tuple(
        Choice(label=c.label, query=text.replace(written, c.query.removeprefix("\0"))) for c in plan.choices
    )
    return ClarifyPlan(question=f"Is {written} day first or month first?", choices=choices)


def _dated(reading: Reading, timed: _Timed, scan: Scan, cut: Cut, context: Context) -> list[Plan]:
    """A reading with its period, comparison and grain."""
    query = reading.query
    first = query.metrics[0]
    wants_time = timed.period is not None or timed.previous or timed.compare is not None or timed.grain is not None
    if wants_time and not context.has_time(first):
        name = first.replace("_", " ")
        return [
            DeclinePlan(
                reason="unsupported_cut",
                message=f"{name} has no time column, so it has no periods or trends.",
                next_steps=(f"Ask for {name} without a period.",),
            )
        ]
    bounds = _bounds(first, context)
    period = timed.period
    if period is not None and timed.open_start and bounds is not None:
        if period.end <= bounds[0]:
            period = Period(start=period.end - timedelta(days=1), end=period.end)  # type: ignore[call-arg]
        else:
            period = Period(start=bounds[0], end=period.end)  # type: ignore[call-arg]
    compare: Period | None = timed.compare
    if timed.previous and compare is None:
        if period is None:
            return _ask_which_change(reading, context)
        compare = previous_period(period)
    elif (scan.change or scan.versus) and compare is None and timed.grain is None:
        return (
            _ask_which_change(reading, context)
            if not query.by and not _several_values(query)
            else _plain(reading, period, None, None, timed, cut)
        )
    grain = timed.grain
    if grain == "auto":
        span = period or (Period(start=bounds[0], end=bounds[1] + timedelta(days=1)) if bounds else None)  # type: ignore[call-arg]
        days = span.days if span else 0
        grain = "day" if days <= 45 else "week" if days <= 366 else "month"
    return _plain(reading, period, compare, grain, timed, cut)


def _several_values(query: MetricQuery) -> bool:
    return any(w.in_ is not None and len(w.in_) > 1 for w in query.where)


def _plain(
    reading: Reading, period: Period | None, compare: Period | None, grain: str | None, timed: _Timed, cut: Cut
) -> list[Plan]:
    query = reading.query
    by = query.by
    if (
        not by
        and compare is None
        and (split := next((w.dimension for w in query.where if w.in_ is not None and len(w.in_) > 1), None))
        and _contrasted(cut)
    ):
        by = (split,)
    made = query.model_copy(
        update={"period": period, "compare": compare, "grain": grain if compare is None else None, "by": by}
    )
    notes = (*cut.assumptions, *reading.assumptions, *timed.notes)
    return [
        QueryPlan(
            query=MetricQuery.model_validate(made.model_dump(by_alias=True)),
            assumptions=tuple(dict.fromkeys(notes)),
            relative=timed.relative,
        )
    ]


def _contrasted(cut: Cut) -> bool:
    return any(i.is_op("versus", "change") for i in cut.items)


def _bounds(metric: str, context: Context) -> tuple[date, date] | None:
    profile = context.profile.datasets.get(context.catalog.base_dataset(metric).name)
    return (profile.first, profile.last) if profile and profile.first and profile.last else None


def _ask_which_change(reading: Reading, context: Context) -> list[Plan]:
    today = context.today
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    week = Period(start=monday - timedelta(weeks=1), end=monday)  # type: ignore[call-arg]
    whole_month = previous_period(Period(start=month, end=_next_month(month)))  # type: ignore[call-arg]
    days = Period(start=today - timedelta(days=28), end=today)  # type: ignore[call-arg]
    choices = [
        Choice(
            label=label,
            query=write_query(reading.query.model_copy(update={"period": p, "compare": previous_period(p)})),
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
    return [ClarifyPlan(question="Compared over which period?", choices=tuple(choices))]


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


# --- asking and declining -----------------------------------------------------------------------


def _ask(plans: Sequence[QueryPlan], context: Context, *, sure: bool = True) -> ClarifyPlan | QueryPlan:
    usable = [p for p in plans if set(p.query.metrics) <= context.usable]
    if len(usable) == 1 and sure:
        return usable[0]
    choices = tuple(
        Choice(label=label_query(p.query, context), query=write_query(p.query))
        for p in (usable or plans)[:_MOST_CHOICES]
    )
    question = "This can be read in more than one way. Which is meant?" if sure else "Is this what is meant?"
    return ClarifyPlan(question=question, choices=choices)


def label_query(query: MetricQuery, context: Context) -> str:
    """A query in a few plain words."""
    parts = [", ".join(m.replace("_", " ") for m in query.metrics)]
    owners = {context.catalog.base_dataset(m).name for m in query.metrics}
    if len(context.catalog.datasets) > 1:
        parts.append(f"({', '.join(sorted(owners)).replace('_', ' ')})")
    if query.share_over:
        parts.append("as a share")
    if query.by:
        parts.append("by " + ", ".join(query.by).replace("_", " "))
    for w in query.where:
        shown = " or ".join(str(v) for v in (w.in_ or w.not_in or ()))
        name = w.dimension.replace("_", " ")
        if w.in_ is not None:
            parts.append(f"where {name} is {shown}")
        elif w.not_in is not None:
            parts.append(f"where {name} is not {shown}")
        else:
            parts.append("where " + write_query(MetricQuery(metrics=("m",), where=(w,))).removeprefix("m where "))
    if query.order:
        parts.append({"desc": "highest first", "asc": "lowest first"}[query.order])
    return " ".join(parts)


def _ask_leftovers(
    leftovers: Sequence[Item], readings: Sequence[Reading], timed: _Timed, cut: Cut, context: Context
) -> Plan:
    """A dimension that is named without saying what for: as a breakdown?"""
    words = " ".join(f"\u201c{i.text}\u201d" for i in leftovers)
    plans: list[QueryPlan] = []
    for reading in readings:
        by = [
            r.name
            for item in leftovers
            for e in item.of_kind("dimension")
            if (r := context.reach(reading.query.metrics[0], e))
        ]
        for extra in dict.fromkeys(by):
            query = reading.query.model_copy(update={"by": (*reading.query.by, extra), "period": timed.period})
            plans.append(QueryPlan(query=query))
        plans.append(QueryPlan(query=reading.query.model_copy(update={"period": timed.period})))
    unique = list({write_query(p.query): p for p in plans}.values())[:_MOST_CHOICES]
    choices = tuple(Choice(label=label_query(p.query, context), query=write_query(p.query)) for p in unique)
    return ClarifyPlan(question=f"What should {words} do in this question?", choices=choices)


def _about_unknown(text: str, cut: Cut, scan: Scan, context: Context, depth: int) -> Plan:
    """Words that are in neither the catalog nor the grammar: near names are offered, else the question is declined."""
    run = _unknown_phrase(cut)
    near = (
        context.words_near(run.text, kinds=("metric", "measure", "dimension", "value", "dataset")) if depth == 0 else []
    )
    choices: list[Choice] = []
    tokens = cut.tokens
    for name, entry in near:
        phrase = str(entry.value) if entry.kind == "value" else name
        rewritten = text[: tokens[run.start].start] + phrase + text[tokens[run.end - 1].end :]
        plan = plan_question(rewritten, context=context, depth=depth + 1)
        if isinstance(plan, QueryPlan) and set(plan.query.metrics) <= context.usable:
            choices.append(Choice(label=label_query(plan.query, context), query=write_query(plan.query)))
        elif isinstance(plan, ClarifyPlan):
            choices.extend(plan.choices)
    unique = list({c.query: c for c in choices}.values())[:_MOST_CHOICES]
    quoted = f"\u201c{run.text}\u201d"
    if unique:
        return ClarifyPlan(
            question=f"Nothing here is called {quoted}. Did you mean one of these?", choices=tuple(unique)
        )
    known = any(i.kind == "entry" for i in cut.items)
    if not known and cut.tokens and cut.tokens[0].text in {"who", "hi", "hello", "hey", "good"}:
        return _off_topic()
    measuring = (
        len(cut.tokens) <= 2
        or any(i.is_op("above", "at_least", "below", "at_most", "max", "min", "by", "per") for i in cut.items)
        or any(t.text in MEASURING for t in cut.tokens)
        or bool(scan.times)
        or scan.count
        or scan.share
        or bool(scan.aggregates)
    )
    if not known and not measuring and not _asks_for_thing(text):
        return DeclinePlan(
            reason="off_topic",
            message="This is not a question about the data in this workspace.",
            next_steps=("Ask \u201cwhich metrics are there\u201d to see what can be answered.",),
        )
    return DeclinePlan(
        reason="no_data",
        message=f"Nothing in this workspace is called {quoted}.",
        next_steps=(
            "Ask \u201cwhich metrics are there\u201d, or add a synonym for it to the metric or dimension you mean.",
        ),
    )


def _off_topic() -> DeclinePlan:
    return DeclinePlan(
        reason="off_topic",
        message="This is not a question about the data in this workspace.",
        next_steps=("Ask \u201cwhich metrics are there\u201d to see what can be answered.",),
    )


def _asks_for_thing(text: str) -> bool:
    words = [t.text for t in tokenize(text)]
    return words[:1] in (["what"], ["show"], ["give"], ["whats"]) and any(
        w in {"our", "the", "my", "total"} for w in words
    )


def _unknown_phrase(cut: Cut) -> Item:
    """The first run of unknown words, as one item."""
    first = next(i for i, item in enumerate(cut.items) if item.kind == "unknown")
    last = first
    while last + 1 < len(cut.items) and cut.items[last + 1].kind == "unknown":
        last += 1
    run = cut.items[first : last + 1]
    return replace(run[0], end=run[-1].end, text=" ".join(i.text for i in run))


def _nothing(text: str, cut: Cut, scan: Scan, obstacles: Sequence[Obstacle], context: Context) -> Plan:
    """No metric was named, or what was named cannot be cut as asked."""
    if obstacles:
        first = obstacles[0]
        return DeclinePlan(reason=first.reason, message=first.message, next_steps=first.next_steps)
    named = [e for i in cut.items for e in i.entries]
    if not named and cut.tokens and cut.tokens[0].text in {"who", "hi", "hello", "hey", "good", "thanks"}:
        return _off_topic()
    if not named:
        measuring = scan.count or scan.share or scan.aggregates or scan.times or scan.rows or scan.order or scan.change
        if not measuring:
            return DeclinePlan(
                reason="off_topic",
                message="This is not a question about the data in this workspace.",
                next_steps=("Ask \u201cwhich metrics are there\u201d to see what can be answered.",),
            )
        return _ask_metric(context, "Which metric is meant?")
    return _offer(named, scan, cut, context)


def _ask_metric(context: Context, question: str) -> Plan:
    names = [m for m in context.catalog.metrics if m in context.usable][:_MOST_CHOICES]
    if not names:
        return DeclinePlan(
            reason="no_data", message="No metric is defined in this workspace.", next_steps=("Define one in metrics/.",)
        )
    return ClarifyPlan(question=question, choices=tuple(Choice(label=n.replace("_", " "), query=n) for n in names))


def _offer(named: Sequence[Entry], scan: Scan, cut: Cut, context: Context) -> Plan:
    """What was named has no such metric: offer what there is on the same rows."""
    words = " ".join(i.text for i in cut.items if i.kind == "entry")
    queries = [q for entry in named for q in _queries_about(entry, scan, context) if set(q.metrics) <= context.usable]
    unique = list({write_query(q): q for q in queries}.values())[:_MOST_CHOICES]
    if not unique:
        return DeclinePlan(
            reason="no_data",
            message=f"No metric says this of \u201c{words}\u201d.",
            next_steps=("Ask \u201cwhich metrics are there\u201d.",),
        )
    choices = tuple(Choice(label=label_query(q, context), query=write_query(q)) for q in unique)
    return ClarifyPlan(
        question=f"No metric says exactly this of \u201c{words}\u201d. Is one of these meant?", choices=choices
    )


def _queries_about(entry: Entry, scan: Scan, context: Context) -> list[MetricQuery]:
    """Queries that a catalog phrase alone could stand for."""
    if entry.kind == "metric":
        return [MetricQuery(metrics=(entry.name,))]
    if entry.kind == "measure":
        same = (entry.dataset, entry.name)
        return [MetricQuery(metrics=(m.metric,)) for m in context.catalog.measures if (m.dataset, m.measure) == same]
    counts = context.count_metrics(entry.dataset)
    if entry.kind == "dataset":
        return [MetricQuery(metrics=(c,)) for c in counts]
    found = []
    for count in counts:
        ref = context.reach(count, entry)
        if ref is None:
            continue
        if entry.kind == "dimension":
            found.append(MetricQuery(metrics=(count,), by=(ref.name,)))
        elif entry.value is not None:
            where = Where(dimension=ref.name, in_=(entry.value,))
            found.append(MetricQuery(metrics=(count,), where=(where,)))
            governed = context.share_metrics(where, entry.dataset)
            found += [MetricQuery(metrics=(g,)) for g in governed] or [
                MetricQuery(metrics=(count,), where=(where,), share_over=(ref.name,))
            ]
    return found
