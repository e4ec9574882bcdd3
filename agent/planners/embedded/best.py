"""`best country by QA pass rate`, `the worst vendor by AHT`: which way is good, the definition says, or a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from agent.planners.embedded.ask_back import label_query
from agent.planners.embedded.canonical import write_query
from agent.planners.embedded.context import Context
from agent.state import Choice, ClarifyPlan, Plan, QueryPlan

_WORD = re.compile(r"(?i)\b(?P<word>best|worst)(?:[- ]performing)?(?P<number> \d+)?\b")
_RANKS = {"higher": ("top{n}", "highest"), "lower": ("bottom{n}", "lowest")}
_OTHER = {"higher": "lower", "lower": "higher"}


def find_best(text: str, context: Context, plan: Callable[[str], Plan]) -> Plan | None:
    """A ranking from the better or the worse end; asked which that is where no definition says. None for other texts.

    Args:
        plan: reads the question with the highest or the lowest in place of the word.
    """
    said = _WORD.search(text)
    if said is None or any(i.entries and i.text.casefold() == said["word"].casefold() for i in context.cut(text).items):
        return None
    ends = {end: _ranked(text, said, phrases, plan) for end, phrases in _RANKS.items()}
    high, low = ends["higher"], ends["lower"]
    if high is None or low is None:
        return None
    metric = context.catalog.metric(high.query.metrics[0])
    name = metric.name.replace("_", " ")
    if metric.better is None or len(high.query.metrics) > 1:
        choices = tuple(Choice(label=label_query(p.query, context), query=write_query(p.query)) for p in (high, low))
        question = (
            f"No definition says which way is better for {name}. Which end is meant by \u201c{said['word']}\u201d?"
        )
        return ClarifyPlan(question=question, choices=choices, understood=True)
    end = metric.better if said["word"].casefold() == "best" else _OTHER[metric.better]
    found = high if end == "higher" else low
    note = f"\u201c{said['word']}\u201d is read by the definition of {name}: a {metric.better} one is better."
    return found.model_copy(update={"assumptions": (*found.assumptions, note)})


def _ranked(text: str, said: re.Match[str], phrases: Sequence[str], plan: Callable[[str], Plan]) -> QueryPlan | None:
    """The plan of the first wording that ranks groups."""
    for phrase in phrases:
        number = said["number"] or ("" if "{n}" not in phrase else " 1")
        written = phrase.format(n=number) if "{n}" in phrase else phrase + number
        found = plan(text[: said.start()] + written + text[said.end() :])
        if isinstance(found, QueryPlan) and found.query.order is not None and found.query.by:
            return found
    return None
