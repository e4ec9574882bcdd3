"""How many units each stratum needs, so that an interval has a given width at the least cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.sampling.allocate import StratumFacts, allocate
from tools.sampling.check_number import check_count, check_number, check_share
from tools.sampling.designs import Allocation
from tools.sampling.expected_limits import expected_limits
from tools.sampling.sample_size import size_for_interval, smallest


@dataclass(frozen=True)
class StratumPlan:
    """What is assumed of a stratum.

    Attributes:
        stratum: its label.
        units: N_h, at least 1.
        prevalence: p_h, 0 to 1; the mean of a calibrated score will do.
        cost_usd: c_h, of one label.
    """

    stratum: str
    units: int
    prevalence: float
    cost_usd: float = 1.0


@dataclass(frozen=True)
class StratifiedSize:
    """Sizes of strata, and what the sample will report if the assumptions hold.

    Attributes:
        n: units in all. by_stratum: n_h.
        cost_usd: sum of n_h c_h.
        prevalence: over all strata.
        variance: of the estimate, sum of W_h² (1 - n_h/N_h) S_h²/n_h (Cochran 1977, eq. 5.6).
        n_effective: p(1-p) over it; infinity for a full count.
        expected_low, expected_high: mean limits of the interval at n_effective.
        simple_n: units that a simple random sample needs for the same width.
        notes: what to know before these sizes are relied on.
    """

    n: int
    by_stratum: Mapping[str, int]
    cost_usd: float
    prevalence: float
    variance: float
    n_effective: float
    expected_low: float
    expected_high: float
    simple_n: int
    notes: tuple[str, ...]

    @property
    def expected_half_width(self) -> float:
        """Half the mean width."""
        return (self.expected_high - self.expected_low) / 2


def allocate_for_interval(
    strata: Sequence[StratumPlan],
    *,
    half_width: float | None = None,
    relative_half_width: float | None = None,
    level: float = 0.95,
    allocation: Allocation = "cost",
    minimum: int = 2,
) -> StratifiedSize:
    """The smallest n, allocated to strata, whose interval for the share of all is on average no wider than asked.

    Args:
        strata: one entry a stratum.
        half_width: half the width, absolute; or
        relative_half_width: over the prevalence of all strata.
        level: of the interval.
        allocation: `cost` (n_h ~ N_h S_h/√c_h: the width at the least cost), `neyman` (at the least n),
            `proportional` or `equal`.
        minimum: fewest units of a stratum, or all of a smaller one.

    Raises:
        InvalidInput: no strata, a label twice, or a number out of its range.

    The effective n that the width takes comes from `size_for_interval`, and n is the smallest whose allocation reaches
    it. Source: Cochran 1977, 5.5 and 5.9.
    """
    whole = _check(strata)
    check_count("minimum", minimum)
    prevalence = check_share("The prevalence over all strata", sum(s.units * s.prevalence for s in strata) / whole)
    target = size_for_interval(
        prevalence=prevalence, half_width=half_width, relative_half_width=relative_half_width, level=level
    )
    wanted = prevalence * (1 - prevalence) / target.n_effective
    least = sum(min(minimum, s.units) for s in strata)

    def enough(n: int) -> bool:
        return n >= whole or (n >= least and _variance(strata, _take(strata, n, allocation, minimum)) <= wanted)

    n = smallest(enough, start=target.n, end=whole)
    simple = size_for_interval(
        prevalence=prevalence,
        half_width=half_width,
        relative_half_width=relative_half_width,
        level=level,
        population=whole if whole > 1 else None,
    )
    return _size(strata, _take(strata, n, allocation, minimum), prevalence=prevalence, level=level, simple_n=simple.n)


def interval_for_allocation(
    strata: Sequence[StratumPlan], by_stratum: Mapping[str, int], *, level: float = 0.95
) -> StratifiedSize:
    """What given sizes of strata will report on average; every stratum needs one unit at least."""
    whole = _check(strata)
    for s in strata:
        taken = by_stratum.get(s.stratum, 0)
        check_number(f"n of the stratum {s.stratum!r}", taken, above=0, below=s.units + 1)
    prevalence = check_share("The prevalence over all strata", sum(s.units * s.prevalence for s in strata) / whole)
    return _size(strata, dict(by_stratum), prevalence=prevalence, level=level, simple_n=None)


def _take(strata: Sequence[StratumPlan], n: int, allocation: Allocation, minimum: int) -> dict[str, int]:
    facts = [StratumFacts(s.stratum, s.units, _sd(s), s.cost_usd) for s in strata]
    if allocation in ("neyman", "cost") and not any(f.sd > 0 for f in facts):
        allocation = "proportional"
    return allocate(facts, n=n, allocation=allocation, minimum=minimum)


def _sd(stratum: StratumPlan) -> float:
    """S_h, with divisor N_h - 1."""
    n, p = stratum.units, stratum.prevalence
    return math.sqrt(p * (1 - p) * n / (n - 1)) if n > 1 else 0.0


def _variance(strata: Sequence[StratumPlan], take: Mapping[str, int]) -> float:
    whole = sum(s.units for s in strata)
    return math.fsum(
        (s.units / whole) ** 2 * (1 - take[s.stratum] / s.units) * _sd(s) ** 2 / take[s.stratum] for s in strata
    )


def _size(
    strata: Sequence[StratumPlan], take: dict[str, int], *, prevalence: float, level: float, simple_n: int | None
) -> StratifiedSize:
    variance = _variance(strata, take)
    effective = prevalence * (1 - prevalence) / variance if variance > 0 else math.inf
    low = high = prevalence
    if math.isfinite(effective):
        limits = expected_limits(prevalence, max(effective, 1.0), level=level)
        low, high = limits.low, limits.high
    if simple_n is None:
        whole = sum(s.units for s in strata)
        width = max((high - low) / 2, 1e-12)
        simple_n = size_for_interval(prevalence=prevalence, half_width=width, level=level, population=whole).n
    return StratifiedSize(
        n=sum(take.values()),
        by_stratum=take,
        cost_usd=math.fsum(take[s.stratum] * s.cost_usd for s in strata),
        prevalence=prevalence,
        variance=variance,
        n_effective=effective,
        expected_low=low,
        expected_high=high,
        simple_n=simple_n,
        notes=_notes(strata, take),
    )


def _notes(strata: Sequence[StratumPlan], take: Mapping[str, int]) -> tuple[str, ...]:
    notes = []
    certain = [s for s in strata if s.prevalence in (0.0, 1.0) and take[s.stratum] < s.units]
    if certain:
        names = ", ".join(s.stratum for s in certain)
        heaviest = max(s.units / take[s.stratum] for s in certain)
        notes.append(
            f"{names}: assumed to hold no variation, so drawn at the minimum; one exception found there would weigh "
            f"{heaviest:,.0f} units"
        )
    few = [s.stratum for s in strata if 0 < s.prevalence < 1 and take[s.stratum] * s.prevalence < 1]
    if few:
        notes.append(f"{', '.join(few)}: less than one positive is expected among the units drawn")
    return (*notes, "the width is a mean, and rests on the assumed prevalence of every stratum")


def _check(strata: Sequence[StratumPlan]) -> int:
    """The number of units."""
    if not strata:
        raise InvalidInput("There are no strata.", code="usage")
    labels = [s.stratum for s in strata]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise InvalidInput(f"The stratum {twice!r} repeats.", code="usage", value=twice)
    for s in strata:
        check_count(f"N of the stratum {s.stratum!r}", s.units)
        check_number(f"The prevalence of the stratum {s.stratum!r}", s.prevalence, above=-1e-300, below=1 + 1e-12)
        check_number(f"The cost of the stratum {s.stratum!r}", s.cost_usd, above=0)
    return sum(s.units for s in strata)
