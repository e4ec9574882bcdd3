"""Limits at every look, all of which hold together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.estimation.tables import Floats, Ints


@dataclass(frozen=True, eq=False)
class ConfidenceSequence:
    """One interval a look. With probability `level` all of them hold the truth, whenever one stops or looks.

    Attributes:
        n: (L,) rows up to each look. value, low, high: (L,).
        level: for all looks together. method: in words fit for `Figure.method`.
        broken_at: the first look at which no single value fits all looks so far, None if there is none: what is
            measured has then changed (or is not as assumed), with false alarms of at most 1 - level.
    """

    n: Ints
    value: Floats
    low: Floats
    high: Floats
    level: float
    method: str
    broken_at: int | None

    def first_excluding(self, value: float) -> int | None:
        """The first look whose limits exclude a value, such as last year's; None if none does."""
        outside = (self.low > value) | (self.high < value)
        return int(np.argmax(outside)) if outside.any() else None


def intersect(n: Ints, value: Floats, low: Floats, high: Floats, *, level: float, method: str) -> ConfidenceSequence:
    """Limits that never widen: what an earlier look excluded stays excluded."""
    low, high = np.maximum.accumulate(low), np.minimum.accumulate(high)
    crossed = low > high
    return ConfidenceSequence(n, value, low, high, level, method, int(np.argmax(crossed)) if crossed.any() else None)
