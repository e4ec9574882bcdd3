"""What interval a design of a given size is expected to give, and how many units a wished width takes.

Both ask the estimator that the study will use, with the default interval, at an assumed prevalence: what is planned is
what will be computed, finite population, allocation and few positives included.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tools.estimation import Design, Estimate, StratumMoments, estimate_proportion


@dataclass(frozen=True)
class Take:
    """Units of a stratum, and how many of them are drawn."""

    units: int
    n: int


def expected_interval(takes: Sequence[Take], *, prevalence: float, level: float) -> Estimate:
    """The estimate of a sample in which every stratum shows exactly the assumed prevalence.

    Args:
        takes: one entry a stratum; one in all for a simple random sample.
        prevalence: assumed, the same in every stratum, 0..1.
        level: of the interval.
    """
    units = np.array([take.units for take in takes], dtype=np.float64)
    n = np.array([take.n for take in takes], dtype=np.int64)
    codes = np.arange(len(takes), dtype=np.int64)
    squares = units**2 / n
    totals = StratumMoments(
        stratum=codes,
        n=n,
        sum_w=units,
        sum_wy=units * prevalence,
        sum_ww=squares,
        sum_wwy=squares * prevalence,
        sum_wwyy=squares * prevalence,
        positives=_share_out(n, prevalence),
        sum_wyy=units * prevalence,
    )
    design = Design(stratum=codes, clusters=n, population=units, rows=int(n.sum()))
    return estimate_proportion(totals, design=design, level=level)


def size_for_width(
    takes_of: Callable[[int], Sequence[Take]], *, width: float, prevalence: float, level: float, least: int, most: int
) -> int | None:
    """The smallest n whose expected interval is no wider than `width`; None when even `most` is wider.

    Args:
        takes_of: the allocation of n units.
        width: whole width, high minus low.
        prevalence, level: as in `expected_interval`.
        least, most: what the design needs, and the units of the frame.
    """

    def fits(n: int) -> bool:
        found = expected_interval(takes_of(n), prevalence=prevalence, level=level)
        return found.low is not None and found.high is not None and found.high - found.low <= width

    if least > most or not fits(most):
        return None
    low, high = least, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return low


def _share_out(n: np.ndarray, prevalence: float) -> np.ndarray:
    """Whole positives by stratum that sum to what is expected in all, by largest remainders."""
    real = n * prevalence
    whole = np.floor(real).astype(np.int64)
    left = math.floor(float(real.sum()) + 0.5) - int(whole.sum())
    for at in np.argsort(whole - real, kind="stable")[:left]:
        whole[at] += 1
    return whole
