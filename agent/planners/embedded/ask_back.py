"""What to say when a question is not understood whole: near names, readings to choose from, or a decline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.planners.embedded.assemble import Reading
from agent.planners.embedded.canonical import write_query
from agent.planners.embedded.context import Context
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Scan
from agent.planners.embedded.obstacles import Obstacle
from agent.planners.embedded.question_time import QuestionTime
from agent.planners.embedded.spans import Cut, Item
from agent.planners.embedded.vocabulary import MEASURING, SIZES
from agent.state import Choice, ClarifyPlan, DeclinePlan, Plan, QueryPlan
from tools.metrics.query import MetricQuery, Where

_COMPARING = ("above", "at_least", "below", "at_most", "between", "or_more", "or_less")
_MOST_CHOICES = 4


def ask_readings(plans: Sequence[QueryPlan], context: Context, *, sure: bool = True) -> ClarifyPlan | QueryPlan:
    usable = [p for p in plans if context.may_ask(p.query)]
    if not usable:
        return plans[0]  # declined when it is carried out, with what is missing; nothing hidden is offered
    if len(usable) == 1 and sure:
        return usable[0]
    choices = tuple(
        Choice(label=label_query(p.query, context) + _left(p), query=write_query(p.query))
        for p in usable[:_MOST_CHOICES]
    )
    question = "This can be read in more than one way. Which is meant?" if sure else "Is this what is meant?"
    return ClarifyPlan(question=question, choices=choices, understood=sure)


def _left(plan: QueryPlan) -> str:
    return f" (leaving out \u201c{plan.left_out}\u201d)" if plan.left_out else ""


def label_query(query: MetricQuery, context: Context) -> str:
    """A query in a few plain words."""
    parts = [", ".join(m.replace("_", " ") for m in query.metrics)]
    owners = {context.catalog.base_dataset(m).name for m in query.metrics}
    if len(context.catalog.datasets) > 1:
        parts.append(f"({', '.join(sorted(owners)).replace('_', ' ')})")
    if query.per is not None:
        parts.append(f"per {query.per.replace('_', ' ')}")
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
    if query.contrast is not None:
        parts.append("one against the other")
    if query.order:
        parts.append({"desc": "highest first", "asc": "lowest first"}[query.order])
    return " ".join(parts)


def ask_leftovers(
    leftovers: Sequence[Item], readings: Sequence[Reading], timed: QuestionTime, cut: Cut, context: Context
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
        plans.append(QueryPlan(query=reading.query.model_copy(update={"period": timed.period}), assumptions=(words,)))
    unique = list({write_query(p.query): p for p in plans if context.may_ask(p.query)}.values())[:_MOST_CHOICES]
    if not unique:
        return plans[0]
    left = {write_query(p.query): f" (leaving out {words})" for p in unique if p.assumptions}
    written = [(write_query(p.query), label_query(p.query, context)) for p in unique]
    choices = tuple(Choice(label=label + left.get(query, ""), query=query) for query, label in written)
    return ClarifyPlan(question=f"What should {words} do in this question?", choices=choices)


def about_unknown(text: str, cut: Cut, scan: Scan, context: Context, again: Callable[[str], Plan] | None) -> Plan:
    """Words that are in neither the catalog nor the grammar: near names are offered, else the question is declined."""
    run = _unknown_phrase(cut)
    near = (
        context.words_near(run.text, kinds=("metric", "measure", "dimension", "value", "dataset"))
        if again is not None
        else []
    )
    choices: list[Choice] = []
    tokens = cut.tokens
    for name, entry in near:
        phrase = str(entry.value) if entry.kind == "value" else name
        rewritten = text[: tokens[run.start].start] + phrase + text[tokens[run.end - 1].end :]
        plan = again(rewritten) if again is not None else None
        if isinstance(plan, QueryPlan) and context.may_ask(plan.query):
            choices.append(Choice(label=label_query(plan.query, context), query=write_query(plan.query)))
        elif isinstance(plan, ClarifyPlan):
            choices.extend(plan.choices)
    unique = list({c.query: c for c in choices}.values())[:_MOST_CHOICES]
    quoted = f"\u201c{run.text}\u201d"
    if unique:
        return ClarifyPlan(question=f"{quoted} names nothing here. Did you mean one of these?", choices=tuple(unique))
    if not any(i.kind == "entry" for i in cut.items) and _is_chat(cut, scan):
        return off_topic()
    return DeclinePlan(
        reason="no_data",
        message=f"{quoted} names no metric, dimension or value here.",
        next_steps=(
            "Ask \u201cwhich metrics are there\u201d, or add a synonym for it to the metric or dimension you mean.",
        ),
    )


def off_topic() -> DeclinePlan:
    return DeclinePlan(
        reason="off_topic",
        message="This is not a question about the data in this workspace.",
        next_steps=("Ask \u201cwhich metrics are there\u201d to see what can be answered.",),
    )


def _is_chat(cut: Cut, scan: Scan) -> bool:
    """Small talk and errands: nothing of the data is named, and no measurement is asked for."""
    words = [t.text for t in cut.tokens]
    if words[0] in {"who", "hi", "hello", "hey", "good", "where"}:
        return True
    measuring = any(w in MEASURING for w in words) or scan.count or scan.share or scan.aggregates or scan.times
    errand = words[0] in {"can", "could", "please", "tell", "write", "make", "book", "order", "i"}
    asks_how = words[0] == "how" and len(words) > 1 and words[1] not in SIZES
    return not measuring and (errand or asks_how)


def _unknown_phrase(cut: Cut) -> Item:
    """The first run of unknown words, as one item."""
    first = next(i for i, item in enumerate(cut.items) if item.kind == "unknown")
    last = first
    while last + 1 < len(cut.items) and cut.items[last + 1].kind == "unknown":
        last += 1
    run = cut.items[first : last + 1]
    return replace(run[0], end=run[-1].end, text=" ".join(i.text for i in run))


def about_nothing(text: str, cut: Cut, scan: Scan, obstacles: Sequence[Obstacle], context: Context) -> Plan:
    """No metric was named, or what was named cannot be cut as asked."""
    if obstacles:
        first = obstacles[0]
        return DeclinePlan(reason=first.reason, message=first.message, next_steps=first.next_steps)
    named = [e for i in cut.items for e in i.entries]
    if not named and cut.tokens and cut.tokens[0].text in {"who", "hi", "hello", "hey", "good", "thanks"}:
        return off_topic()
    if not named:
        measuring = scan.count or scan.share or scan.aggregates or scan.times or scan.rows or scan.order or scan.change
        if not measuring:
            return off_topic()
        return _ask_metric(context, "Which metric is meant?")
    if (
        any(i.kind in ("number", "time") or i.is_op("not", "and", *_COMPARING) for i in cut.items)
        or len([i for i in cut.items if i.kind == "entry"]) > 1
    ):
        words = " ".join(i.text for i in cut.items if i.kind == "entry")
        return DeclinePlan(
            reason="no_data",
            message=f"No metric says this of \u201c{words}\u201d.",
            next_steps=("Name what to measure: how many, the share, the average or the total of what.",),
        )
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
    queries = [q for entry in named for q in _queries_about(entry, scan, context) if context.may_ask(q)]
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
