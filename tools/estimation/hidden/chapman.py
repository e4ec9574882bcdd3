"""Chapman's estimate from two lists, and Petersen's, which it corrects."""

from __future__ import annotations

import math

from tools.estimation.hidden.histories import Histories
from tools.estimation.hidden.size_estimate import SizeEstimate, log_limits, undefined_size

FEW_RECAPTURES = 7


def estimate_chapman(
    first: float, second: float, both: float, *, names: tuple[str, str] = ("A", "B"), level: float = 0.95
) -> SizeEstimate:
    """(n1+1)(n2+1)/(m+1) - 1, with Seber's variance and Chao's log-transformed limits.

    Independent lists of a closed population; units on one list that are the same are known to be. With fewer than 7 in
    both, only a one-sided lower bound is given (Seber 1982, section 3.1.4). Chapman 1951; Seber 1982, eq. 3.4.

    Where one list holds the other, nothing is left to extrapolate, and Seber's variance is 0: the upper limit is then
    the size at which all of the smaller list would be on the larger with probability 1 - level, one-sided.

    Args:
        first, second: units on each list. both: units on both.
    """
    seen, method = first + second - both, f"chapman {names[0]},{names[1]}"
    if both <= 0:
        return undefined_size(method, level=level, seen=seen, reason=f"no unit is on both {names[0]} and {names[1]}")
    value = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    se, few = math.sqrt(max(variance, 0.0)), both < FEW_RECAPTURES
    if se == 0 and not few:
        high = seen * (1 - level) ** (-1 / both)
        return SizeEstimate(method, value, None, value, high, level, seen, one_sided=True)
    limits = log_limits(value, se, seen=seen, level=level, one_sided=few)
    return SizeEstimate(method, value, se, limits.low, limits.high, level, seen, one_sided=few)


def estimate_petersen(first: float, second: float, both: float) -> float:
    """n1·n2/m, the maximum of the likelihood of independent lists."""
    return math.inf if both == 0 else first * second / both


def chapman_pairs(histories: Histories, *, level: float = 0.95) -> tuple[SizeEstimate, ...]:
    """Every pair of lists by itself; the others are left out of it."""
    sizes, names = histories.sizes, histories.lists
    return tuple(
        estimate_chapman(
            float(sizes[a]), float(sizes[b]), histories.overlap(a, b), names=(names[a], names[b]), level=level
        )
        for a, b in histories.pairs
    )
