"""`how many labels would I need to see a 10 % change in X`: a size for a change, of a share that X names."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.planners.embedded.context import Context
from agent.state import ChangeToSee, DeclinePlan, Plan, QueryPlan
from tools.metrics.definitions import Prevalence, Proportion

_NUMBER = r"(?P<number>\d+(?:\.\d+)?) ?(?P<unit>%|percentage points?|percent|per cent|pp|points?)"
_UP = ("rise", "increase", "improvement", "lift", "uplift")
_DOWN = ("drop", "fall", "decrease", "decline", "reduction")
_CHANGE = rf"(?P<change>change|difference|shift|effect|move|{'|'.join((*_UP, *_DOWN))})"
_SEE = r"(?:see|detect|notice|find|spot|measure|show|pick up|resolve|prove|establish|tell|catch)"
_OPEN = re.compile(
    r"(?is)^\W*(?:(?:please|so|and|hi|hello|can you tell me|tell me)\W+)*"
    r"(?:how (?:many|much) (?P<noun>[\w\- ]+?) (?:(?:would|do|does|should|must|will|to|are|is) )?"
    r"(?:(?:i|we|one|you|it|they) )?"
    r"(?:have to |need to |be )?(?P<verb>needs?|needed|requires?|required|takes?|label|review|collect|sample)\b"
    r"|(?:what|which) sample size\b|(?:what is |what's )?(?:the )?(?:required |needed |necessary )?sample size\b"
    r"|how (?:large|big) (?:a|should the|should my|should our|must the) sample\b)"
)
_WHOLE = re.compile(
    rf"(?is){_SEE}? ?(?:for )?\b(?:an?|the)? ?(?:(?P<kind>relative|absolute) )?{_NUMBER} "
    rf"(?:(?P<kind2>relative|absolute) )?{_CHANGE} "
    r"(?:in|of|for|on) (?:the )?(?P<rest>.+?)[?.!\s]*$"
)
_LARGEST = 10
_UNITS = {"label", "labels", "sample", "samples", "item", "items", "unit", "units", "row", "rows", "observation"}
_UNITS |= {"observations", "data point", "data points", "rating", "ratings", "judgements", "judgments", "data"}


def find_size_question(text: str, context: Context, plan: Callable[[str], Plan]) -> Plan | None:
    """The plan of such a question; None for any other.

    Args:
        plan: reads the words that name the metric, its filters and its period.
    """
    opened = _OPEN.search(text)
    if opened is None:
        return None
    whole = _WHOLE.search(text, opened.end())
    if whole is None:
        return (
            _incomplete() if "sample" in opened[0].casefold() or (opened["noun"] or "").casefold() in _UNITS else None
        )
    inner = plan(whole["rest"])
    if not isinstance(inner, QueryPlan):
        return inner if isinstance(inner, DeclinePlan) else _incomplete()
    refused = _unfit(inner, opened["noun"], context)
    if refused is not None:
        return refused
    if not 0 < float(whole["number"]) / 100 < _LARGEST:
        return _incomplete()
    change = _change(whole, opened["noun"] or "labels")
    reading = "of the share itself, in points" if change.points else "relative to the share as it is"
    note = f"A change of {whole['number']} {whole['unit']} is read as {reading}."
    return inner.model_copy(update={"change_to_see": change, "assumptions": (*inner.assumptions, note)})


def _change(whole: re.Match[str], noun: str) -> ChangeToSee:
    points = "p" in whole["unit"].replace("percent", "").replace("per cent", "")
    points = points or "absolute" in (whole["kind"], whole["kind2"])
    word = whole["change"].casefold()
    direction = "up" if word in _UP else "down" if word in _DOWN else "either"
    return ChangeToSee.model_validate(
        {"size": float(whole["number"]) / 100, "points": points, "direction": direction, "noun": noun.strip()}
    )


def _unfit(plan: QueryPlan, noun: str | None, context: Context) -> DeclinePlan | None:
    query = plan.query
    metric = context.catalog.metrics[query.metrics[0]]
    name = metric.name.replace("_", " ")
    cut = bool(query.by or query.grain or query.compare or query.contrast or query.share_over or query.per)
    if len(query.metrics) > 1 or cut or not isinstance(metric, Proportion | Prevalence):
        return DeclinePlan(
            reason="unsupported_cut",
            message=f"A size for a change is worked out for one share at a time; {name} as asked is not one.",
            next_steps=("Name one metric that is a share, with its filters and period.",),
            understood=True,
        )
    if noun is None or noun.strip().casefold() in _UNITS or _counts_rows(noun, metric.name, context):
        return None
    return DeclinePlan(
        reason="unsupported_cut",
        message=f"{name} is not measured on \u201c{noun}\u201d, so no number of them shows a change in it.",
        next_steps=("Ask how many labels are needed.",),
        understood=True,
    )


def _counts_rows(noun: str, metric: str, context: Context) -> bool:
    """Whether the noun names the rows that the metric is measured on, or those of its frame."""
    dataset = context.catalog.base_dataset(metric)
    own = {dataset.name} | ({dataset.design.frame} if dataset.design is not None else set())
    entries = [e for i in context.cut(noun).items for e in i.entries]
    named = {e.name for e in entries if e.kind == "dataset"}
    named |= {context.catalog.base_dataset(e.name).name for e in entries if e.kind == "metric"}
    return bool(named & own) or dataset.unit in noun


def _incomplete() -> DeclinePlan:
    return DeclinePlan(
        reason="unsupported_cut",
        message="A sample size depends on the metric and on how small a change is to be seen.",
        next_steps=("Ask, for example, how many labels are needed to see a tenth less of a named share.",),
        understood=True,
    )
