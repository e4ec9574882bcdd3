"""What a draw has to know of its frame before the first unit is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tools.sampling.allocate import StratumFacts, allocate, too_few_units
from tools.sampling.designs import Clusters, Design, ParetoPps, Stratified
from tools.sampling.inclusion_probabilities import SMALL, SizeRule

MAX_STEPS = 2e10  # about half a minute


@dataclass(frozen=True)
class Plan:
    """A design resolved on a frame.

    Attributes:
        design: the design.
        units: N, units of the frame.
        first_units: what the first stage draws from: clusters, or units.
        strata: stratum -> (units, take), for stratified designs.
        unit: whole numbers that a size of 1 stands for, so that sums are exact.
        rule: target probabilities, for designs by size.
        true: size -> true probability of the drawn units, where Pareto's were computed.
    """

    design: Design
    units: int
    first_units: int
    strata: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unit: float = 1.0
    rule: SizeRule | None = None
    true: Mapping[float, float] = field(default_factory=dict)


def check_n(design: Design, *, units: int) -> None:
    """Raises InvalidInput when the frame has fewer units (or clusters) than are to be drawn."""
    if design.n > units:
        raise too_few_units(design.n, units=units, of="clusters" if isinstance(design, Clusters) else "units")


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
    from tools.sampling.pareto_probabilities import pareto_probabilities  # start-up

    found = kinds(wanted)
    place = {size: i for i, (size, _) in enumerate(found)}
    true = pareto_probabilities(
        [rule.probability(size) for size, _ in found],
        n=rule.n_rest,
        counts=[units for _, units in found],
        at=[place[size] for size in wanted],
    )
    return dict(zip(wanted, (float(p) for p in true), strict=True))
