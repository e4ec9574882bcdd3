"""What a draw has to know of its frame before the first unit is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from tools.sampling.allocate import StratumFacts, allocate, too_few_units
from tools.sampling.designs import Clusters, Design, Panel, ParetoPps, Stratified
from tools.sampling.inclusion_probabilities import SMALL, SizeRule

MAX_STEPS = 2e10  # about half a minute
_REACHES = (1.02, 1.05, 1.1, 1.2, 1.35, 1.6, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True)
class Plan:
    """A design resolved on a frame.

    Attributes:
        design: the design.
        units: N, units of the frame.
        first_units: what the first stage draws from: clusters, or units.
        strata: stratum -> (units, take), for stratified designs.
        days: day -> its rows and their rule, for daily samples.
        unit: whole numbers that a size of 1 stands for, so that sums are exact.
        rule: target probabilities, for designs by size.
        reach: Pareto's ranking number below which more units than are to be drawn lie but for a chance of 1e-20, so
            that the others need no sorting; infinity where that cannot be said.
        true: size -> true probability of the drawn units, where Pareto's were computed.
    """

    design: Design
    units: int
    first_units: int
    strata: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    days: Mapping[str, DayPlan] = field(default_factory=dict)
    unit: float = 1.0
    rule: SizeRule | None = None
    reach: float = math.inf
    true: Mapping[float, float] = field(default_factory=dict)


@dataclass(frozen=True)
class DayPlan:
    """One day of a daily sample: rows of the frame, and their probabilities; without a rule n over the rows."""

    n: int
    units: int
    rule: SizeRule | None = None

    def probability(self, size: float) -> float:
        """pi of a row of that day."""
        return self.rule.probability(size) if self.rule else self.n / self.units


def pareto_reach(rule: SizeRule, *, spread: float, largest: float) -> float:
    """A ranking number below which at least n units lie, but for a chance below 1e-20.

    The number of units below t has mean m(t) = sum of t o/(1 + t o), o = pi/(1-pi), which is at least
    n + spread (t - 1)/t² and at least t n/(1 + (t - 1) largest); its lower tail is below exp(-(m - n)²/2m)
    (Chernoff).

    Args:
        rule: the targets.
        spread: sum of pi(1-pi). largest: the largest pi below 1.
    """
    n = rule.n_rest
    for t in _REACHES:
        mean = max(n + spread * (t - 1) / t**2, t * n / (1 + (t - 1) * largest))
        if (mean - n) ** 2 >= 100 * mean:
            return t
    return math.inf


def check_n(design: Design, *, units: int) -> None:
    """Raises InvalidInput when the frame has fewer units (or clusters) than are to be drawn."""
    n = 1 if isinstance(design, Panel) else design.n
    if n > units:
        raise too_few_units(n, units=units, of="clusters" if isinstance(design, Clusters) else "units")


def plan_strata(design: Stratified, facts: list[StratumFacts]) -> dict[str, tuple[int, int]]:
    """Stratum -> (units, take), in the order of `facts`."""
    take = allocate(facts, n=design.n, allocation=design.allocation, minimum=design.minimum)
    return {f.stratum: (f.units, take[f.stratum]) for f in facts}


def is_pareto(design: Design) -> bool:
    """Whether a fixed number is drawn with unequal probabilities."""
    return isinstance(design, ParetoPps) or (isinstance(design, Clusters) and design.size is not None)


def true_probabilities(
    rule: SizeRule,
    *,
    spread: float,
    drawn: Callable[[], list[float]],
    kinds: Callable[[list[float]], list[tuple[float, int]]],
) -> dict[float, float]:
    """True probabilities by size of the drawn units that are not certain, in designs so small that targets are off.

    Args:
        rule: the targets.
        spread: sum of pi(1-pi) over the frame.
        drawn: sizes of the drawn units.
        kinds: (size, units) of all units that are not certain; the sizes given to it stand for themselves, others may
            be pooled with near ones.

    Returns:
        size -> probability; empty when `spread` is 5 or more, or the work would exceed its budget.
    """
    if spread >= SMALL:
        return {}
    wanted = sorted({size for size in drawn() if size < rule.certain_from})
    if not wanted or float(rule.units - rule.certain) * rule.n_rest * len(wanted) > MAX_STEPS:
        return {}
    found = kinds(wanted)
    place = {size: i for i, (size, _) in enumerate(found)}
    targets = tuple(rule.probability(size) for size, _ in found)
    counts, at = tuple(units for _, units in found), tuple(place[size] for size in wanted)
    return dict(zip(wanted, _true(targets, rule.n_rest, counts, at), strict=True))


@lru_cache(maxsize=128)
def _true(targets: tuple[float, ...], n: int, counts: tuple[int, ...], at: tuple[int, ...]) -> tuple[float, ...]:
    """Kept for the next seeds of the same frame."""
    from tools.sampling.pareto_probabilities import pareto_probabilities  # start-up

    return tuple(float(p) for p in pareto_probabilities(targets, n=n, counts=counts, at=at))
