"""The interval that a sample of a given size will report on average, before it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

REACH = 9.0  # standard deviations of the count that are summed over: what is left out is below 1e-18
MANY = 1e6  # variance of the count beyond which it is normal to four digits
MOST_COUNTS = 2_000  # beyond, every so-many-th count stands for its neighbours and the weights are the normal ones


@dataclass(frozen=True)
class ExpectedLimits:
    """Mean limits over samples, and how often there is no positive.

    Attributes:
        low, high: means of the limits.
        zero_probability: P(no positive), (1-p)^n.
        bound_if_zero: the upper bound that is reported then, one-sided at the level.
    """

    low: float
    high: float
    zero_probability: float
    bound_if_zero: float

    @property
    def half_width(self) -> float:
        """Half the mean width."""
        return (self.high - self.low) / 2


def expected_limits(prevalence: float, n: float, *, level: float) -> ExpectedLimits:
    """Mean limits of the interval that estimates of a share report, over binomial samples.

    The interval is Clopper-Pearson's, which is what the default comes to under equal weights; without a positive it is
    the one-sided bound 1 - (1-level)^(1/n), without a negative its mirror image. The sum over counts is exact up to
    2,000 counts within 9 standard deviations, and a normal quadrature beyond; from a million expected positives on the
    limits are p ± (z·SE + 1/2n).

    Args:
        prevalence: the true share, 0 to 1 exclusive.
        n: effective size, at least 1; a broken one lies between its neighbours.
        level: of the interval.
    """
    whole = math.floor(n)
    low, high = _mean_limits(prevalence, whole, level=level)
    if n > whole and n < 1e6:
        more_low, more_high = _mean_limits(prevalence, whole + 1, level=level)
        low, high = low + (n - whole) * (more_low - low), high + (n - whole) * (more_high - high)
    zero = math.exp(n * math.log1p(-prevalence))
    return ExpectedLimits(low, high, zero, -math.expm1(math.log1p(-level) / n))


def _mean_limits(prevalence: float, n: int, *, level: float) -> tuple[float, float]:
    variance = n * prevalence * (1 - prevalence)
    if variance > MANY:
        from scipy.special import ndtri  # type: ignore[import-untyped]  # start-up

        half = (float(ndtri((1 + level) / 2)) * math.sqrt(variance) + 0.5) / n
        return prevalence - half, prevalence + half
    counts, weights = count_distribution(prevalence, n)
    low, high = _limits(counts, n, level=level)
    return float(weights @ low), float(weights @ high)


def count_distribution(prevalence: float, n: float, *, reach: float = REACH) -> tuple[Floats, Floats]:
    """Counts of positives and their probabilities, which sum to 1."""
    import numpy as np  # start-up

    mean = n * prevalence
    sd = math.sqrt(mean * (1 - prevalence))
    first = max(0.0, math.floor(mean - reach * sd - reach))
    last = min(n, math.ceil(mean + reach * sd + 2 * reach))
    step = max(1.0, math.ceil((last - first) / MOST_COUNTS))
    counts = np.arange(first, last + 0.5, step)
    if step > 1:
        log_p = -0.5 * ((counts - mean) / sd) ** 2
    else:  # by ratios from count to count: no factorial of a large n, whose digits would be lost
        ratios = np.log(np.maximum(n - counts[:-1], 1e-300) / (counts[:-1] + 1)) + math.log(prevalence)
        log_p = np.concatenate([[0.0], np.cumsum(ratios - math.log1p(-prevalence))])
    weights = np.exp(log_p - log_p.max())
    return counts, weights / weights.sum()


def _limits(counts: Floats, n: int, *, level: float) -> tuple[Floats, Floats]:
    import numpy as np
    from scipy.special import betaincinv  # start-up

    tail = (1 - level) / 2
    low, high = np.zeros_like(counts), np.ones_like(counts)
    some, short = counts > 0, counts < n
    low[some] = betaincinv(counts[some], n - counts[some] + 1, tail)
    high[short] = betaincinv(counts[short] + 1, n - counts[short], 1 - tail)
    bound = -math.expm1(math.log1p(-level) / n)
    high[~some], low[~short] = bound, 1 - bound
    return low, high
