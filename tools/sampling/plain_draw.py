"""The same draws in plain Python: the definition that every engine is held against."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tools.errors import InvalidInput
from tools.sampling.allocate import StratumFacts
from tools.sampling.canonical_key import canonical_key
from tools.sampling.designs import Clusters, Daily, Design, Panel, Stratified
from tools.sampling.plain_days import plain_days
from tools.sampling.plain_first_stage import plain_first_stage
from tools.sampling.plain_sizes import plain_sizes
from tools.sampling.plain_unit import DrawnUnit, Placed, Unit, smallest
from tools.sampling.plan import check_n, plan_strata
from tools.sampling.uniform import check_seed, check_stage, uniform


def draw_plain(
    frame: Sequence[Unit], design: Design, *, seed: int, stage: str = "phase1", second_stage: str = "ssu"
) -> list[DrawnUnit]:
    """Draw from units in memory, in the order that the SQL gives them.

    Raises:
        InvalidInput: a stage, seed, id or n that cannot be, an id that repeats, or a size that is not above 0.
    """
    check_stage(stage), check_stage(second_stage), check_seed(seed)
    if isinstance(design, Daily):
        return plain_days(frame, design, seed=seed)
    keys = [canonical_key(unit.id, where=f"row {row}") for row, unit in enumerate(frame, start=1)]
    for key, times in Counter(keys).items():
        if times > 1:
            raise InvalidInput(f"The id {key!r} repeats.", code="duplicate_id", value=key)
    units = dict(zip(keys, frame, strict=True))
    if isinstance(design, Stratified):
        drawn = _stratified(units, design, stage=stage, seed=seed)
    elif getattr(design, "cluster", None) is not None:
        drawn = _clusters(units, design, stages=(stage, second_stage), seed=seed)
    else:
        by_size = getattr(design, "size", None) is not None
        sizes = plain_sizes(units, design) if by_size else dict.fromkeys(units, math.nan)
        placed = plain_first_stage(sizes, design, by_size=by_size, stage=stage, seed=seed)
        drawn = [_row(place.key, place.pi) for place in placed]
    return [_after(row, units[row.id].prior) for row in drawn]


def _stratified(frame: dict[str, Unit], design: Stratified, *, stage: str, seed: int) -> list[DrawnUnit]:
    check_n(design, units=len(frame))
    members: dict[str, list[Placed]] = {}
    for key, unit in frame.items():
        if unit.stratum is None:
            raise InvalidInput(f"The stratum of {key!r} is missing.", code="invalid_stratum", value=key)
        members.setdefault(unit.stratum, []).append(Placed(key, uniform(key, stage=stage, seed=seed), 0.0))
    facts = stratum_facts(list(frame.values()), design)
    drawn = [
        (place, stratum, take / units)
        for stratum, (units, take) in plan_strata(design, facts).items()
        for place in smallest(members[stratum], take)
    ]
    return [_row(p.key, pi, stratum=s) for p, s, pi in sorted(drawn, key=lambda d: (d[0].u, d[0].key))]


def stratum_facts(frame: Sequence[Unit], design: Stratified) -> list[StratumFacts]:
    """What an allocation knows of each stratum, in order."""
    members: dict[str, list[Unit]] = {}
    for unit in frame:
        members.setdefault(str(unit.stratum), []).append(unit)
    return [_facts(stratum, members[stratum], design) for stratum in sorted(members)]


def _facts(stratum: str, units: list[Unit], design: Stratified) -> StratumFacts:
    known = [unit.size for unit in units if not math.isnan(unit.size)]
    sd = statistics.stdev(known) if design.spread and len(known) > 1 else 0.0
    return StratumFacts(stratum, len(units), sd, math.fsum(unit.cost for unit in units) / len(units))


def _clusters(frame: dict[str, Unit], design: Design, *, stages: tuple[str, str], seed: int) -> list[DrawnUnit]:
    assert isinstance(design, Clusters | Panel)
    by_size, take_each = False, None
    if isinstance(design, Clusters):
        by_size, take_each = design.size is not None, design.per_cluster
    members: dict[str, list[str]] = {}
    for key, unit in frame.items():
        members.setdefault(canonical_key(unit.cluster, where=f"the cluster of {key!r}"), []).append(key)
    size = plain_sizes(frame, design) if by_size and isinstance(design, Clusters) else {}
    sizes = {cluster: math.fsum(size.get(key, 1.0) for key in keys) for cluster, keys in members.items()}
    rows: list[tuple[tuple[float, str, float, str], DrawnUnit]] = []
    for place in plain_first_stage(sizes, design, by_size=by_size, stage=stages[0], seed=seed):
        units = members[place.key]
        if take_each is None:
            rows += [((place.u, place.key, 0.0, key), _row(key, place.pi, cluster=place.key)) for key in units]
            continue
        take = min(len(units), take_each)
        inner = smallest([Placed(key, uniform(key, stage=stages[1], seed=seed), 0.0) for key in units], take)
        pi = place.pi * (take / len(units))
        rows += [((place.u, place.key, p.u, p.key), _row(p.key, pi, cluster=place.key)) for p in inner]
    return [row for _, row in sorted(rows, key=lambda row: row[0])]


def _row(key: str, pi: float, *, stratum: str | None = None, cluster: str | None = None) -> DrawnUnit:
    return DrawnUnit(key, pi, 1.0 / pi, stratum, cluster, pi >= 1)


def _after(row: DrawnUnit, prior: float) -> DrawnUnit:
    """The row with the probability of both phases."""
    if prior == 1.0:
        return row
    pi = prior * row.pi
    return replace(row, pi=pi, weight=1.0 / pi, certainty=pi >= 1)
