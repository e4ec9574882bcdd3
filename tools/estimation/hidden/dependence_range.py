"""How far the size moves when the lists depend on one another in a way that no model could see."""

from __future__ import annotations

from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.estimation.hidden.size_estimate import SizeEstimate

ODDS_RATIO = (0.5, 4.0)


@dataclass(frozen=True)
class Interval:
    """Two ends; None where nothing is claimed."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class DependenceRange:
    """Sizes at the ends of the declared odds ratio; `with_sampling` adds the interval's own width at each end."""

    low: float | None
    high: float | None
    odds_ratio: tuple[float, float]
    with_sampling: Interval


def range_of_dependence(estimate: SizeEstimate, *, odds_ratio: tuple[float, float] = ODDS_RATIO) -> DependenceRange:
    """seen + θ(N - seen) for θ at both ends.

    For two lists θ is the odds ratio of being on one given being on the other, and the formula is exact:
    n00 = θ n10 n01/n11. For more it is the interaction of all lists, which no data can show, as a ratio of odds
    ratios; a θ above 1 means that who is on some lists is likelier to be on the others. Gerritse, van der Heijden and
    Bakker 2015.

    Raises:
        InvalidInput: ends that are not positive, or in the wrong order.
    """
    lowest, highest = odds_ratio
    if not 0 < lowest <= highest:
        raise InvalidInput("An odds ratio is above 0, the smaller one first.", code="usage", value=list(odds_ratio))

    def at(limit: float | None, ratio: float) -> float | None:
        return None if limit is None else estimate.seen + ratio * (limit - estimate.seen)

    below = estimate.only_from_below
    upper = None if below else estimate.high
    sampling = Interval(at(estimate.low, lowest), at(upper, highest))
    high = None if below else at(estimate.value, highest)
    return DependenceRange(at(estimate.low if below else estimate.value, lowest), high, odds_ratio, sampling)
