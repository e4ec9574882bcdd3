"""How many units each stratum gets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.sampling.designs import Allocation

_DIGITS = 10  # sums in another order differ from the 15th digit on; shares that tie must tie everywhere


@dataclass(frozen=True)
class StratumFacts:
    """What an allocation knows of a stratum.

    Attributes:
        stratum: its label.
        units: units in the frame, at least 1.
        sd: standard deviation (divisor N-1) of what steers the allocation, for neyman and cost.
        cost: mean cost of a unit, above 0, for cost.
    """

    stratum: str
    units: int
    sd: float = 0.0
    cost: float = 1.0


def allocate(
    strata: Sequence[StratumFacts], *, n: int, allocation: Allocation = "proportional", minimum: int = 1
) -> dict[str, int]:
    """Whole numbers of units that sum to n, none above its stratum or below `minimum`.

    Strata that would need more than they hold are taken whole, those below the minimum are raised to it, and the others
    share the rest anew, until nothing changes; fractions go to the largest remainders, ties to the first label.

    Args:
        strata: one entry a stratum.
        n: units in all.
        allocation: see `Stratified`; neyman: n_h ~ N_h S_h, cost: n_h ~ N_h S_h / sqrt(c_h) (Cochran 1977, 5.5).
        minimum: fewest units of a stratum, or all of a smaller one.

    Raises:
        InvalidInput: n above all units or below what the minimum needs, or nothing varies that should steer.
    """
    units = {s.stratum: s.units for s in strata}
    floor = {s.stratum: min(minimum, s.units) for s in strata}
    _check_feasible(n, units=sum(units.values()), needed=sum(floor.values()), minimum=minimum, strata=len(strata))
    share = share_out(strata, allocation=allocation)
    fixed: dict[str, int] = {}
    while True:
        free = [s for s in units if s not in fixed]
        real = _divide(n - sum(fixed.values()), {s: share[s] for s in free}, units=units)
        over = {s: units[s] for s in free if real[s] > units[s]}
        under = {s: floor[s] for s in free if real[s] < floor[s]}
        gained = sum(real[s] - units[s] for s in over)
        lacking = sum(floor[s] - real[s] for s in under)
        change = over if gained >= lacking and over else under
        if not change:
            return {**fixed, **_round(real, total=n - sum(fixed.values()), units=units)}
        fixed |= change


def share_out(strata: Sequence[StratumFacts], *, allocation: Allocation) -> dict[str, float]:
    """Shares of n before minimum, limits and rounding; they sum to 1."""
    weights = {s.stratum: _weight(s, allocation) for s in strata}
    total = math.fsum(weights.values())
    if total <= 0:
        raise InvalidInput(
            f"The allocation {allocation} has nothing to go by: its column does not vary within any stratum.",
            code="no_variation",
            allowed=["proportional", "equal"],
            hint="--allocation proportional",
        )
    return {stratum: weight / total for stratum, weight in weights.items()}


def _weight(stratum: StratumFacts, allocation: Allocation) -> float:
    match allocation:
        case "proportional":
            return float(stratum.units)
        case "equal":
            return 1.0
        case "neyman":
            return stratum.units * stratum.sd
        case "cost":
            return stratum.units * stratum.sd / math.sqrt(stratum.cost)


def _divide(n: int, shares: Mapping[str, float], *, units: Mapping[str, int]) -> dict[str, float]:
    """n by shares; by units where no share is left."""
    total = math.fsum(shares.values())
    if total <= 0:
        shares, total = {s: float(units[s]) for s in shares}, float(sum(units[s] for s in shares))
    return {s: round(n * share / total, _DIGITS) for s, share in shares.items()}


def _round(real: Mapping[str, float], *, total: int, units: Mapping[str, int]) -> dict[str, int]:
    """Largest remainders."""
    whole = {s: math.floor(value) for s, value in real.items()}
    by_remainder = sorted(real, key=lambda s: (round(whole[s] - real[s], _DIGITS), s))
    for stratum in [s for s in by_remainder if whole[s] < units[s]][: total - sum(whole.values())]:
        whole[stratum] += 1
    return whole


def _check_feasible(n: int, *, units: int, needed: int, minimum: int, strata: int) -> None:
    if n > units:
        raise too_few_units(n, units=units, of="units")
    if n < needed:
        raise InvalidInput(
            f"n = {n:,} is too small for {strata:,} strata with at least {minimum} units each: that takes {needed:,}.",
            code="n_too_small",
            value=n,
            allowed=[f"{needed:,} to {units:,}"],
            hint="Raise --n, merge small strata, or lower --min-per-stratum (one unit gives no variance).",
        )


def too_few_units(n: int, *, units: int, of: str) -> InvalidInput:
    """The error for an n that the frame cannot give."""
    return InvalidInput(
        f"n = {n:,} is more than the {units:,} {of} of the frame.",
        code="n_too_large",
        value=n,
        allowed=[f"1 to {units:,}"] if units else [],
        hint="A draw is without replacement: lower --n." if units else "The frame is empty.",
    )
