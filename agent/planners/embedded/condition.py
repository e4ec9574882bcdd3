"""One condition, with every dimension it may be about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Zone
from agent.planners.embedded.spans import Item


@dataclass(frozen=True)
class Condition:
    """One condition, with every dimension it may be about.

    `options` are value entries (one per possible dimension); `kind` says how they are used.
    """

    kind: str  # in | not_in | is_null | not_null | above | at_least | below | at_most
    options: tuple[Entry, ...]
    position: int
    zone: Zone
    text: str
    number: float | None = None
    partial: bool = False
    either: bool = False  # joined to the condition before it by `or`


def near(items: Sequence[Item], a: int, b: int) -> bool:
    """Whether nothing of weight stands between two items."""
    low, high = min(a, b), max(a, b)
    between = items[low + 1 : high]
    return len(between) <= 2 and all(i.kind == "filler" or i.is_op("relative", "announce", "not") for i in between)
