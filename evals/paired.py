"""Two runs of the same suite, compared case by case.

Let b be the cases that went from pass to fail, c those from fail to pass, n all cases asked both times. Wordings of one
case rise and fall together, so a case counts once: it passes when every wording of it does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

ALPHA = 0.05
POWER = 0.8


def worse_p_value(broken: int, fixed: int) -> float:
    """One-sided exact McNemar test: P(at least `broken` of b + c flips are breaks | both equally likely).

    p = sum over k >= b of C(b + c, k) / 2^(b + c). Source: McNemar (1947); exact form as in Agresti, Categorical Data
    Analysis, 3rd ed., 11.1.2.
    """
    flips = broken + fixed
    return float(sum(math.comb(flips, k) for k in range(broken, flips + 1)) / 2**flips)


def detectable_difference(n: int, *, fixed: int = 0, alpha: float = ALPHA, power: float = POWER) -> float | None:
    """Least drop d of the pass rate that the test above finds with probability `power`; None when no drop can be found.

    Each case goes from fail to pass with probability q = fixed / n and from pass to fail with probability q + d, so

        power(d) = sum over m of Bin(m; n, 2q + d) · P(B >= k(m)),   B ~ Bin(m, (q + d) / (2q + d)),

    where k(m) is the least b that the test rejects at `alpha` among m flips. Without fixed cases this is
    P(Bin(n, d) >= 5) at alpha 5 %. Source: Duffy (1984), Biometrics 40; Lachin (1992), Statistics in Medicine 11.
    """
    largest = 1 - 2 * fixed / n if n else 0.0
    if largest <= 0 or power_of(largest, n, fixed=fixed, alpha=alpha) < power:
        return None
    low, high = 0.0, largest
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(middle, n, fixed=fixed, alpha=alpha) >= power else (middle, high)
    return high


def power_of(drop: float, n: int, *, fixed: int = 0, alpha: float = ALPHA) -> float:
    """Probability that the test rejects when the pass rate of `n` cases truly drops by `drop` (0..1)."""
    import numpy as np
    from scipy.stats import binom  # type: ignore[import-untyped]  # slow

    q = fixed / n
    flips = np.arange(n + 1)
    # least b with P(Bin(m, 1/2) >= b) <= alpha; m + 1 (never) where even m breaks of m are not enough
    least = binom.isf(alpha, flips, 0.5) + 1
    rejects = binom.sf(least - 1, flips, (q + drop) / (2 * q + drop) if drop or q else 0.5)
    return float(np.sum(binom.pmf(flips, n, min(2 * q + drop, 1.0)) * rejects))


@dataclass(frozen=True)
class Difference:
    """New pass rate minus old, with limits at `level`."""

    value: float
    low: float
    high: float
    level: float = 0.95


def pass_rate_difference(n: int, *, broken: int, fixed: int) -> Difference:
    """(c - b) / n with the interval of Agresti and Min: Wald after half a case is added to each cell.

    Source: Agresti and Min (2005), Statistics in Medicine 24, 729-740. Not valid for n = 0.
    """
    if n <= 0:
        raise ValueError("no case was asked in both runs")
    size, b, c = n + 2, broken + 0.5, fixed + 0.5
    middle = (c - b) / size
    half = 1.959963984540054 * math.sqrt(b + c - (c - b) ** 2 / size) / size
    return Difference((fixed - broken) / n, max(middle - half, -1.0), min(middle + half, 1.0))
