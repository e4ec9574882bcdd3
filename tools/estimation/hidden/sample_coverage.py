"""Sizes by sample coverage: how much of the population the lists hold, dependence of two lists allowed for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tools.estimation.hidden.gradient import gradient_of
from tools.estimation.hidden.histories import Histories
from tools.estimation.hidden.size_estimate import SizeEstimate, log_limits, undefined_size
from tools.estimation.tables import Floats

ENOUGH = 0.55  # coverage from which the estimate for high coverage is taken
STEADY = 1 / 3  # of the size: a larger standard error says that the overlap does not carry it


@dataclass(frozen=True)
class CoverageEstimates:
    """What the lists cover, and three sizes.

    Attributes:
        coverage: estimated share of the population's chances that is on another list as well.
        recommended: of the two that allow for dependence. independent: D/C. high, low: for high and low coverage.
    """

    coverage: float
    recommended: SizeEstimate
    independent: SizeEstimate
    high: SizeEstimate
    low: SizeEstimate


def estimate_sample_coverage(histories: Histories, *, level: float = 0.95) -> CoverageEstimates:
    """Chao and Tsay 1998, and Chao et al. 2001, for three lists and more.

    C = 1 - mean of (units on list j alone)/n_j; D = M - mean of those alone; `independent` is D/C. With
    A_ij = (i alone) + (j alone) + 2(i and j alone) and g_ij = N n_ij/(n_i n_j) - 1:

    - low: D/C + Σ A_ij g_ij /(T C), g taken twice, at D/C and then at what that gives;
    - high: (T D - Σ A_ij)/(T C - Σ A_ij n_ij/(n_i n_j)), which solves the equation, and explodes where coverage is low.

    `recommended` is `high` when C ≥ 0.55 and its standard error at most a third of it, else `low`. Standard errors by
    the delta method over the multinomial counts (published ones come from a bootstrap); limits log-transformed.
    """
    table = _Table(histories)
    coverage = table.coverage(histories.counts) if (histories.sizes > 0).all() else float("nan")
    independent = _size(table.independent, histories, "sample_coverage (independent)", level)
    high = _size(table.high, histories, "sample_coverage (high coverage)", level)
    low = _size(table.low, histories, "sample_coverage (low coverage)", level)
    steady = high.se is not None and high.value is not None and high.se <= STEADY * high.value
    chosen = high if coverage >= ENOUGH and steady else low
    named = SizeEstimate(
        "sample_coverage", chosen.value, chosen.se, chosen.low, chosen.high, level, chosen.seen, None, False,
        chosen.undefined,
    )  # fmt: skip
    return CoverageEstimates(coverage, named, independent, high, low)


def coverage_size(histories: Histories) -> Callable[[Floats], float]:
    """The recommended size as a function of the counts, for derivatives."""
    found, table = estimate_sample_coverage(histories), _Table(histories)
    return table.high if found.recommended.value == found.high.value else table.low


class _Table:
    """Which histories enter each sum."""

    def __init__(self, histories: Histories) -> None:
        cells, self._lists = histories.cells, len(histories.lists)
        self._on = cells.T.astype(np.float64)
        alone = histories.times == 1
        self._alone = self._on * alone
        a, b = np.array(histories.pairs).T
        self._a, self._b = a, b
        self._both = self._on[a] * self._on[b]
        self._near = self._alone[a] + self._alone[b] + 2 * self._both * (histories.times == 2)

    def coverage(self, z: Floats) -> float:
        return float(1 - ((self._alone @ z) / (self._on @ z)).mean())

    def independent(self, z: Floats) -> float:
        return self._distinct(z) / self.coverage(z)

    def low(self, z: Floats) -> float:
        first = self.independent(z)
        second = first + self._bias(z, first)
        return first + self._bias(z, second)

    def high(self, z: Floats) -> float:
        above = self._lists * self._distinct(z) - (self._near @ z).sum()
        below = self._lists * self.coverage(z) - ((self._near @ z) * self._together(z)).sum()
        return float(above / below) if below > 0 else float("nan")

    def _distinct(self, z: Floats) -> float:
        return float(z.sum() - (self._alone @ z).mean())

    def _together(self, z: Floats) -> Floats:
        sizes = self._on @ z
        return np.asarray((self._both @ z) / (sizes[self._a] * sizes[self._b]), dtype=np.float64)

    def _bias(self, z: Floats, size: float) -> float:
        dependence = size * self._together(z) - 1
        return float(((self._near @ z) * dependence).sum() / (self._lists * self.coverage(z)))


def _size(estimate: Callable[[Floats], float], histories: Histories, method: str, level: float) -> SizeEstimate:
    z, seen = histories.counts, histories.seen
    value = estimate(z) if (histories.sizes > 0).all() and histories.recaptured > 0 else float("nan")
    if not np.isfinite(value) or value <= seen:
        reason = "the lists cover too little of the population for this estimate, or one holds all of the others"
        return undefined_size(method, level=level, seen=seen, reason=reason)
    slope = gradient_of(estimate, z)
    variance = float((slope**2 * z).sum() - (slope * z).sum() ** 2 / value)
    se = float(np.sqrt(max(variance, 0.0)))
    limits = log_limits(value, se, seen=seen, level=level)
    return SizeEstimate(method, value, se, limits.low, limits.high, level, seen)
