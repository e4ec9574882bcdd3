"""What interval a design of a given size is expected to give, and how many units a wished width takes.

`tools.sampling.sample_size` knows what a simple random sample reports on average; strata enter by their design effect
at the assumed prevalence, which is the same in every stratum because nothing better is known before anybody labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.sampling.sample_size import SampleSize, interval_for_size


@dataclass(frozen=True)
class Take:
    """Units of a stratum, and how many of them are drawn."""

    units: int
    n: int


def expected_interval(takes: Sequence[Take], *, prevalence: float, level: float) -> SampleSize:
    """What a sample with these takes reports on average.

    Args:
        takes: one entry a stratum; one in all for a simple random sample.
        prevalence: assumed, the same in every stratum, 0..1 exclusive.
        level: of the interval.
    """
    units = sum(take.units for take in takes)
    return interval_for_size(
        sum(take.n for take in takes),
        prevalence=prevalence,
        level=level,
        population=units if units > 1 else None,
        design_effect=design_effect(takes),
    )


def design_effect(takes: Sequence[Take]) -> float:
    """Variance under these takes over that of a simple random sample of as many, strata alike in their shares.

    Σ_h W_h² (1 - f_h)/n_h · N_h/(N_h - 1), over (1 - f)/n · N/(N - 1): Cochran 1977, eq. 5.7 and 3.8 with one p. 1 for
    a frame that is drawn in full.
    """
    units, n = sum(take.units for take in takes), sum(take.n for take in takes)
    simple = _variance(Take(units, n))
    if simple == 0:
        return 1.0
    return sum((take.units / units) ** 2 * _variance(take) for take in takes) / simple


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
        return 2 * expected_interval(takes_of(n), prevalence=prevalence, level=level).expected_half_width <= width

    if least > most or not fits(most):
        return None
    low, high = least, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return low


def _variance(take: Take) -> float:
    """Of a mean in one stratum, in units of p(1 - p)."""
    if take.n >= take.units:
        return 0.0
    return (1 - take.n / take.units) / take.n * take.units / (take.units - 1)
