"""How often limits held the truth: one row of a coverage table, filled replicate by replicate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tools.estimation.intervals import wilson

FLOOR = 0.94


@dataclass
class Tally:
    """What samples of one situation gave.

    Attributes:
        situation, limits: of what. prevalence, n, expected: the truth, the sample, the positives expected in it, where
            a page shows them. decides: False where it shows what happens outside the assumptions.
        floor: what the coverage must not lie wholly under.
        covered, below, above: limits that hold, lie below, lie above the truth. none: replicates without limits
            (declined, or a bound instead).
        width, rival: sums over replicates with limits, of widths and of what they are compared with.
        other: how often something else happened, for the note.
    """

    situation: str
    limits: str = ""
    prevalence: float = math.nan
    n: int = 0
    expected: float = math.nan
    decides: bool = True
    floor: float = FLOOR
    covered: int = 0
    below: int = 0
    above: int = 0
    none: int = 0
    width: float = 0.0
    rival: float = 0.0
    other: dict[str, int] = field(default_factory=dict)

    def add(self, low: float | None, high: float | None, truth: float, *, rival: float = 1.0) -> None:
        """One replicate's limits; `rival` is the width beside it, or what widths are divided by."""
        if low is None or high is None:
            self.none += 1
            return
        self.covered += low <= truth <= high
        self.below += high < truth
        self.above += low > truth
        self.width += high - low
        self.rival += rival

    def decline(self) -> None:
        """A replicate without limits."""
        self.none += 1

    def count(self, what: str) -> None:
        self.other[what] = self.other.get(what, 0) + 1

    @property
    def answered(self) -> int:
        return self.covered + self.below + self.above

    @property
    def replicates(self) -> int:
        return self.answered + self.none

    @property
    def coverage(self) -> float:
        """Of the replicates with limits; 0 without any."""
        return self.covered / max(self.answered, 1)

    @property
    def monte_carlo(self) -> tuple[float, float]:
        """99 % Wilson limits of the coverage."""
        if not self.answered:
            return 0.0, 1.0
        found = wilson(self.coverage, self.answered, level=0.99)
        return found.low, found.high

    @property
    def mostly_declined(self) -> bool:
        return 2 * self.none > self.replicates

    @property
    def failed(self) -> bool:
        """Of mostly declined replicates those answered are selected: judged by wrong limits among all."""
        held = self.monte_carlo[1]
        if self.mostly_declined:
            held = wilson(1 - (self.below + self.above) / self.replicates, self.replicates, level=0.99).high
        return held < self.floor

    @property
    def ratio(self) -> float | None:
        """Mean width over that of the rival; None without limits."""
        return self.width / self.rival if self.rival else None
