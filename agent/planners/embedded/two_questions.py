"""Two questions in one message: read as one, conditions of the first would be put on the second."""

from __future__ import annotations

import re

from agent.planners.embedded.context import Context
from agent.planners.embedded.spans import Item
from agent.state import DeclinePlan

_ENDS = re.compile(r"\?\s+(?=\S)|;\s+|(?<=[^\d\W])[.!]\s+(?=\S)|\n+")


def find_two_questions(text: str, context: Context) -> DeclinePlan | None:
    """A decline where two sentences each ask for a number and one of them has a condition, a breakdown or a time."""
    said = [part for part in _ENDS.split(text) if part.strip()]
    if len(said) < 2:
        return None
    parts = [context.cut(p).items for p in said]
    asking = [items for items in parts if any(i.of_kind("metric", "measure", "dataset") for i in items)]
    if len(asking) < 2 or all(_is_bare(items) for items in asking):
        return None
    return DeclinePlan(
        reason="unsupported_cut",
        message="These are two questions; in one figure, what is said in one would be put on the other.",
        next_steps=("Ask them one after the other.",),
        understood=True,
    )


def _is_bare(items: tuple[Item, ...]) -> bool:
    """A metric and nothing that restricts or divides it."""
    return not any(
        i.kind in ("time", "number") or i.is_op("by", "not", "top", "bottom") or i.of_kind("value") for i in items
    )
