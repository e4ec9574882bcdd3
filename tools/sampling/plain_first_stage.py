"""What the first stage draws from units or clusters in memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from tools.sampling.designs import Design, Panel, Poisson
from tools.sampling.inclusion_probabilities import rule_of_sizes
from tools.sampling.plain_unit import Placed, smallest
from tools.sampling.plan import check_n, true_probabilities
from tools.sampling.uniform import uniform


def plain_first_stage(
    sizes: Mapping[str, float], design: Design, *, by_size: bool, stage: str, seed: int
) -> list[Placed]:
    """Drawn keys in order, with their probabilities.

    Args:
        sizes: key -> size; what it is does not matter unless `by_size`.
        design: any but stratified and daily ones.
    """
    check_n(design, units=len(sizes))
    u = {key: uniform(key, stage=stage, seed=seed) for key in sizes}
    if isinstance(design, Panel):
        return smallest([Placed(k, u[k], design.share) for k in sizes if _is_in(u[k], design)], len(sizes))
    if by_size:
        return _by_size(sizes, design.n, u=u, poisson=isinstance(design, Poisson))
    pi = design.n / len(sizes)
    placed = [Placed(key, u[key], pi) for key in sizes]
    if isinstance(design, Poisson):
        return smallest([p for p in placed if p.u < pi], len(placed))
    return smallest(placed, design.n)


def _is_in(u: float, design: Panel) -> bool:
    """Whether the unit's group entered at most `stay` - 1 waves ago."""
    group = math.floor(u * float(design.groups))
    return (design.wave - group) % design.groups < design.stay


def _by_size(sizes: Mapping[str, float], n: int, *, u: Mapping[str, float], poisson: bool) -> list[Placed]:
    rule = rule_of_sizes(list(sizes.values()), n=n)
    placed = [Placed(key, u[key], rule.probability(size), size) for key, size in sizes.items()]
    if poisson:
        return smallest([p for p in placed if p.u < p.pi], len(placed))
    drawn = smallest([replace(p, u=_pareto(p)) for p in placed], n)
    counts = Counter(size for size in sizes.values() if size < rule.certain_from)
    true = true_probabilities(
        rule,
        spread=math.fsum(p.pi * (1 - p.pi) for p in placed),
        drawn=lambda: [p.size for p in drawn],
        kinds=lambda wanted: sorted(counts.items()),
    )
    return [replace(p, pi=true.get(p.size, p.pi)) for p in drawn]


def _pareto(placed: Placed) -> float:
    """Rosén's ranking number; certainty units come first."""
    return -1.0 if placed.pi >= 1 else (placed.u / (1 - placed.u)) * ((1 - placed.pi) / placed.pi)
