"""The embedded planner: a question to a plan, without a model.

Every content word must be accounted for. What cannot be placed is asked about or declined; it is never dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agent.planners.embedded.ask_back import about_nothing, about_unknown, ask_leftovers, ask_readings
from agent.planners.embedded.assemble import Readings, assemble
from agent.planners.embedded.best import find_best
from agent.planners.embedded.canonical import read_query
from agent.planners.embedded.conditions import sort_mentions
from agent.planners.embedded.context import Context
from agent.planners.embedded.differing import pair_values, set_beside, take_test_words
from agent.planners.embedded.made_ratio import read_total
from agent.planners.embedded.mentions import Scan
from agent.planners.embedded.meta import find_meta
from agent.planners.embedded.pairs import join_pairs
from agent.planners.embedded.question_time import ask_which_day, date_reading, gather_time
from agent.planners.embedded.refuse import find_refusal
from agent.planners.embedded.scan import scan_items
from agent.planners.embedded.set_threshold import set_threshold
from agent.planners.embedded.size_question import find_size_question
from agent.planners.embedded.spans import Cut
from agent.planners.embedded.the_rest import find_the_rest
from agent.planners.embedded.threshold import take_threshold
from agent.planners.embedded.two_questions import find_two_questions
from agent.planners.embedded.verified import find_verified
from agent.planners.embedded.words import tokenize
from agent.state import ClarifyPlan, DeclinePlan, Plan, QueryPlan
from tools.metrics.query import MetricQuery


def plan_question(text: str, *, context: Context, depth: int = 0) -> Plan:
    """What a question asks for: a query, a look into the catalog, a question back, or a decline.

    The first of `STEPS` that knows the text as a whole has it; what none of them knows is read word by word.
    """
    for step in STEPS:
        plan = step(text, context, depth)
        if plan is not None:
            return plan
    return _plan_words(text, context, depth)


Step = Callable[[str, Context, int], Plan | None]


def _written(text: str, context: Context, _: int) -> Plan | None:
    """A query written out, as the choices of a clarification are."""
    exact = read_query(text, metrics=tuple(context.catalog.metrics))
    return QueryPlan(query=exact) if exact is not None and _names_exist(exact, context) else None


def _refused(text: str, context: Context, _: int) -> Plan | None:
    """Small talk, orders, SQL, causes, forecasts."""
    return find_refusal(text, tokenize(text), context.lexicon)


def _sized(text: str, context: Context, depth: int) -> Plan | None:
    """How many labels a change needs; what it is a change of is a question of its own."""
    if depth:
        return None
    return find_size_question(text, context, lambda rest: plan_question(rest, context=context, depth=depth + 1))


def _signed(text: str, context: Context, _: int) -> Plan | None:
    """A question that somebody has verified."""
    return find_verified(text, context)


def _doubled(text: str, context: Context, _: int) -> Plan | None:
    """Two questions in one message."""
    return find_two_questions(text, context)


def _against_the_rest(text: str, context: Context, depth: int) -> Plan | None:
    """One value against all the others of its dimension."""
    if depth:
        return None
    return find_the_rest(text, context, lambda other: plan_question(other, context=context, depth=depth + 1))


def _best(text: str, context: Context, depth: int) -> Plan | None:
    """The better or the worse end of a ranking."""
    if depth:
        return None
    return find_best(text, context, lambda other: plan_question(other, context=context, depth=depth + 1))


def _about_the_catalog(text: str, context: Context, _: int) -> Plan | None:
    """What a metric means, which there are, how fresh the data is."""
    return find_meta(text, context)


# In this order: a written query is never refused for its words, nothing unsafe is matched with a verified question, and
# a verified question is taken as a whole before its sentences are counted.
STEPS: tuple[Step, ...] = (_written, _refused, _sized, _signed, _doubled, _against_the_rest, _best, _about_the_catalog)


def _plan_words(text: str, context: Context, depth: int) -> Plan:
    """The question word by word."""
    cut = context.cut(text)
    items, tested = take_test_words(join_pairs(cut.items, context.profile))
    items, bound = take_threshold(set_beside(pair_values(items)))
    cut = replace(cut, items=items)
    plan = _plan_items(text, cut, context, depth, tested=tested)
    return plan if bound is None else set_threshold(plan, bound, context)


def _plan_items(text: str, cut: Cut, context: Context, depth: int, *, tested: bool) -> Plan:
    """A plan for the items of a question."""
    scan = scan_items(cut.items)
    scan.change |= tested
    _per_as_breakdown(scan, context)
    told = sort_mentions(scan, cut.items, context)
    if scan.unknown:
        again = (lambda other: plan_question(other, context=context, depth=depth + 1)) if depth == 0 else None
        return about_unknown(text, cut, scan, context, again)
    timed = gather_time(scan)
    if isinstance(timed, DeclinePlan | ClarifyPlan):
        return ask_which_day(timed, text, scan)
    readings = assemble(scan, told, context)
    if told.conditions and not (readings.found or readings.obstacles or told.heads or scan.aggregates):
        scan.count = True  # "new york interns": how many, or their share?
        counted = assemble(scan, told, context).found
        readings = Readings(tuple(replace(r, sure=False) for r in counted), ())
    if told.leftovers and readings.found:
        return ask_leftovers(told.leftovers, readings.found, timed, cut, context)
    if not readings.found:
        return about_nothing(text, cut, scan, readings.obstacles, context)
    plans = [p for r in readings.found for p in date_reading(r, timed, scan, cut, context)]
    answers = [p for p in plans if isinstance(p, QueryPlan)]
    if not answers:
        return plans[0]
    answers = [p.model_copy(update={"tested": tested}) for p in answers]
    unique = list({p.query: p for p in answers}.values())
    if len(unique) == 1 and all(r.sure for r in readings.found):
        return unique[0]
    return ask_readings(unique, context, sure=all(r.sure for r in readings.found))


def _names_exist(query: MetricQuery, context: Context) -> bool:
    """`labels by worker` looks like a written query; it is one only if `worker` is the dimension's own name."""
    known = [context.catalog.dimensions_for(m) for m in query.metrics]
    used = (*query.by, *query.share_over, *(w.dimension for w in query.where))
    return all(name in dimensions for dimensions in known for name in used)


def _per_as_breakdown(scan: Scan, context: Context) -> None:
    """`messages per country` is a breakdown, unless a ratio per that entity is defined."""
    ratios = any(context.ratio_per(d, e) for m in scan.per for e in m.item.entries for d in context.catalog.datasets)
    counted = any(m.item.of_kind("metric", "dataset") and not m.item.of_kind("measure") for m in scan.mentions)
    added = any(read_total(e, context) for m in scan.per for e in m.item.of_kind("measure"))
    if scan.per and not added and not (ratios and counted) and all(m.item.of_kind("dimension") for m in scan.per):
        scan.per_breakdown = True
        scan.by.extend(scan.per)
        scan.per.clear()
