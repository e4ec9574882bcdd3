"""The same draws in plain Python: the definition that every engine is held against."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.errors import InvalidInput
from tools.sampling.allocate import StratumFacts
from tools.sampling.canonical_key import canonical_key
from tools.sampling.designs import Clusters, Design, Poisson, Stratified
from tools.sampling.inclusion_probabilities import rule_of_sizes
from tools.sampling.plan import check_n, plan_strata, true_probabilities
from tools.sampling.uniform import check_seed, check_stage, uniform


@dataclass(frozen=True)
class Unit:
    """One unit of a frame in memory; `size` also stands for the spread that steers an allocation."""

    id: int | str
    size: float = math.nan
    cost: float = 1.0
    stratum: str | None = None
    cluster: int | str | None = None


@dataclass(frozen=True)
class DrawnUnit:
    """One drawn unit, as a row of `transect sample` shows it."""

    id: str
    pi: float
    weight: float
    stratum: str | None
    cluster: str | None
    certainty: bool


@dataclass(frozen=True)
class _Placed:
    """A unit (or cluster) with its random number (certainty: -1) and probability."""

    key: str
    u: float
    pi: float
    size: float = math.nan


def draw_plain(
    frame: Sequence[Unit], design: Design, *, seed: int, stage: str = "phase1", second_stage: str = "ssu"
) -> list[DrawnUnit]:
    """Draw from units in memory, in the order that the SQL gives them.

    Raises:
        InvalidInput: a stage, seed, id or n that cannot be, an id that repeats, or a size that is not above 0.
    """
    check_stage(stage), check_stage(second_stage), check_seed(seed)
    keys = [canonical_key(unit.id, where=f"row {row}") for row, unit in enumerate(frame, start=1)]
    for key, times in Counter(keys).items():
        if times > 1:
            raise InvalidInput(f"The id {key!r} repeats.", code="duplicate_id", value=key)
    if isinstance(design, Stratified):
        return _stratified(dict(zip(keys, frame, strict=True)), design, stage=stage, seed=seed)
    if isinstance(design, Clusters):
        return _clusters(dict(zip(keys, frame, strict=True)), design, stages=(stage, second_stage), seed=seed)
    by_size = getattr(design, "size", None) is not None
    sizes = {key: unit.size if by_size else math.nan for key, unit in zip(keys, frame, strict=True)}
    drawn = _first(sizes, design, by_size=by_size, stage=stage, seed=seed)
    return [_row(place.key, place.pi) for place in drawn]


def _first(sizes: dict[str, float], design: Design, *, by_size: bool, stage: str, seed: int) -> list[_Placed]:
    """What the first stage draws."""
    check_n(design, units=len(sizes))
    u = {key: uniform(key, stage=stage, seed=seed) for key in sizes}
    poisson = isinstance(design, Poisson)
    if not by_size:
        pi = design.n / len(sizes)
        placed = [_Placed(key, u[key], pi) for key in sizes]
        kept = [p for p in placed if p.u < pi] if poisson else _smallest(placed, design.n)
        return sorted(kept, key=lambda p: (p.u, p.key))
    for key, size in sizes.items():
        if not 0 < size < math.inf:
            raise InvalidInput(f"The size of {key!r} is {size}; it must be above 0.", code="invalid_size", value=key)
    rule = rule_of_sizes(list(sizes.values()), n=design.n)
    placed = [_Placed(key, u[key], rule.probability(size), size) for key, size in sizes.items()]
    if poisson:
        return sorted((p for p in placed if p.u < p.pi), key=lambda p: (p.u, p.key))
    drawn = _smallest([replace(p, u=_pareto(p)) for p in placed], design.n)
    counts = Counter(size for size in sizes.values() if size < rule.certain_from)
    true = true_probabilities(
        rule,
        spread=math.fsum(p.pi * (1 - p.pi) for p in placed),
        drawn=lambda: [p.size for p in drawn],
        kinds=lambda wanted: sorted(counts.items()),
    )
    return [replace(p, pi=true.get(p.size, p.pi)) for p in drawn]


def _pareto(placed: _Placed) -> float:
    """Rosén's ranking number; certainty units come first."""
    return -1.0 if placed.pi >= 1 else (placed.u / (1 - placed.u)) * ((1 - placed.pi) / placed.pi)


def _smallest(placed: list[_Placed], n: int) -> list[_Placed]:
    return sorted(placed, key=lambda p: (p.u, p.key))[:n]


def _stratified(frame: dict[str, Unit], design: Stratified, *, stage: str, seed: int) -> list[DrawnUnit]:
    check_n(design, units=len(frame))
    members: dict[str, list[_Placed]] = {}
    for key, unit in frame.items():
        if unit.stratum is None:
            raise InvalidInput(f"The stratum of {key!r} is missing.", code="invalid_stratum", value=key)
        members.setdefault(unit.stratum, []).append(_Placed(key, uniform(key, stage=stage, seed=seed), 0.0))
    facts = [_facts(stratum, [frame[p.key] for p in members[stratum]], design) for stratum in sorted(members)]
    drawn = [
        (place, stratum, take / units)
        for stratum, (units, take) in plan_strata(design, facts).items()
        for place in _smallest(members[stratum], take)
    ]
    return [_row(p.key, pi, stratum=s) for p, s, pi in sorted(drawn, key=lambda d: (d[0].u, d[0].key))]


def _facts(stratum: str, units: list[Unit], design: Stratified) -> StratumFacts:
    sd = statistics.stdev(unit.size for unit in units) if design.spread and len(units) > 1 else 0.0
    return StratumFacts(stratum, len(units), sd, math.fsum(unit.cost for unit in units) / len(units))


def _clusters(frame: dict[str, Unit], design: Clusters, *, stages: tuple[str, str], seed: int) -> list[DrawnUnit]:
    members: dict[str, list[str]] = {}
    for key, unit in frame.items():
        members.setdefault(canonical_key(unit.cluster, where=f"the cluster of {key!r}"), []).append(key)
    sizes = {cluster: math.fsum(frame[key].size for key in keys) for cluster, keys in members.items()}
    rows: list[tuple[tuple[float, str, float, str], DrawnUnit]] = []
    for place in _first(sizes, design, by_size=design.size is not None, stage=stages[0], seed=seed):
        units = members[place.key]
        if design.per_cluster is None:
            rows += [((place.u, place.key, 0.0, key), _row(key, place.pi, cluster=place.key)) for key in units]
            continue
        take = min(len(units), design.per_cluster)
        inner = _smallest([_Placed(key, uniform(key, stage=stages[1], seed=seed), 0.0) for key in units], take)
        pi = place.pi * (take / len(units))
        rows += [((place.u, place.key, p.u, p.key), _row(p.key, pi, cluster=place.key)) for p in inner]
    return [row for _, row in sorted(rows, key=lambda row: row[0])]


def _row(key: str, pi: float, *, stratum: str | None = None, cluster: str | None = None) -> DrawnUnit:
    return DrawnUnit(key, pi, 1.0 / pi, stratum, cluster, pi >= 1)
