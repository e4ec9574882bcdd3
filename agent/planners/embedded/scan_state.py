"""What the words so far have opened: a breakdown, a negation, a comparison, the part or the whole of a share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.planners.embedded.mentions import Scan, Zone
from agent.planners.embedded.operators import OpSpan
from agent.planners.embedded.spans import Item


@dataclass
class ScanState:
    by: bool = False
    per: bool = False
    negated: bool = False
    zone: Zone = ""
    pending: list[OpSpan] = field(default_factory=list)
    last: list[OpSpan] = field(default_factory=list)
    counted: bool = False
    comparator: tuple[Literal["above", "at_least", "below", "at_most", "between"], int] | None = None
    between: float | None = None
    between_at: int = 0
    joined: bool = False
    sticky: bool = False
    either: bool = False
    by_value: bool = False
    nots: list[int] = field(default_factory=list)
    bound_nots: list[int] = field(default_factory=list)
    fresh_not: bool = False  # nothing has come under the last `not` yet

    def take_not(self) -> bool:
        """Whether what comes now is negated: right after a `not`, or listed with what was."""
        if not self.negated:
            return False
        if self.fresh_not:
            self.fresh_not = False
            self.bound_nots.append(self.nots[-1])
            return True
        self.negated = self.joined
        return self.negated


def read_zone(scan: Scan, state: ScanState, op: str, position: int, items: Sequence[Item]) -> Zone:
    """Part or population: `that are`, `came via` name the part; `among`, `when` the population, up to the end."""
    if op == "where":  # "share of messages where ..." names the part, a second `where` the population
        named = any(m.item.of_kind("value") for m in scan.mentions)
        state.sticky = named
        return "population" if named else "relative"
    if op == "population":
        state.sticky = True
        return "population"
    if state.sticky:
        return "population"
    if op == "announce" and _after_verb(items, position):
        return "relative"
    return "relative" if op == "relative" else "announce"


def _after_verb(items: Sequence[Item], position: int) -> bool:
    """`came via chat`, `are in Norway`: the part that is asked about, not the population."""
    before = items[position - 1] if position else None
    return before is not None and (before.is_op("relative") or before.text.casefold() in HAPPENING)


HAPPENING = {"came", "come", "comes", "happened", "happen", "occurred", "occur", "made"}
