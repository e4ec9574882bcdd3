"""Every design on a small frame, with the probabilities that it must have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.sampling.frames import reference
from tools.sampling import (
    Clusters,
    Daily,
    Design,
    DrawnUnit,
    Panel,
    ParetoPps,
    Poisson,
    SimpleRandom,
    Stratified,
    Unit,
    draw_plain,
    joint_plain,
)

Floats = NDArray[np.float64]
Frame = tuple[Unit, ...]


@dataclass(frozen=True)
class Trial:
    """What many draws are held against.

    Attributes:
        name: of the design.
        draw: seed -> unit's place -> value: 1 where the frame's probabilities are fixed, else the weight.
        expected: mean of the value of each unit: its probability, or 1 of a weight.
        joint: of two units, where a variance may use it.
    """

    name: str
    draw: Callable[[int], Mapping[int, float]]
    expected: tuple[float, ...]
    joint: Floats | None = None


def trials() -> list[Trial]:
    """Every design. Expected probabilities are n/N and its like by hand, or R's."""
    six = reference()["pareto_exact_first_order"]["six_units"]
    cascade = reference()["inclusion_probabilities"]["cascade"]
    plain = tuple(Unit(i) for i in range(10))
    strata = tuple(Unit(i, stratum="abbbcccccc"[i]) for i in range(10))
    places = "aabbbbccdd"
    clusters = tuple(Unit(i, cluster=place) for i, place in enumerate(places))
    sized = tuple(Unit(f"u{i}", size=x) for i, x in enumerate([2, 7, 8, 5, 4, 4]))
    by_size = tuple(Unit(i, size=x / 2, cluster=f"k{i // 2}") for i, x in enumerate(np.repeat([2, 7, 8, 5, 4, 4], 2)))
    sizes = tuple(Unit(i, size=x) for i, x in enumerate(cascade["size"]))
    two_stages = tuple(0.5 * min(1, 2 / places.count(p)) for p in places)
    return [
        one_phase("srs", plain, SimpleRandom(n=3), (0.3,) * 10),
        one_phase(
            "stratified", strata, Stratified(n=5, strata="stratum", minimum=1), (1.0,) + (1 / 3,) * 3 + (0.5,) * 6
        ),
        one_phase("pareto", sized, ParetoPps(n=3, size="size"), tuple(six["true"])),
        pareto_of_two(),
        one_phase(
            "pareto, a certain unit",
            (*sized, Unit("huge", size=1_000)),
            ParetoPps(n=4, size="size"),
            (*six["true"], 1.0),
        ),
        one_phase(
            "pareto, a missing size and a floor",
            tuple(Unit(f"u{i}", size=x) for i, x in enumerate([2, 7, 8, math.nan, 0, 4])),
            ParetoPps(n=3, size="size", floor=4.0),
            tuple(pareto_by_numbers([4, 7, 8, 5.4, 4, 4], n=3)),
        ),
        one_phase("poisson", sizes, Poisson(n=cascade["n"], size="size"), tuple(cascade["pik"])),
        one_phase("bernoulli", plain, Poisson(n=4), (0.4,) * 10),
        one_phase("clusters", clusters, Clusters(n=2, cluster="cluster"), (0.5,) * 10),
        one_phase("two stages", clusters, Clusters(n=2, cluster="cluster", per_cluster=2), two_stages),
        one_phase(
            "two stages, clusters by size",
            by_size,
            Clusters(n=3, cluster="cluster", per_cluster=1, size="size"),
            tuple(np.repeat(six["true"], 2) / 2),
        ),
        one_phase("panel", plain, Panel(wave=3, stay=2, groups=7), (2 / 7,) * 10),
        one_phase("panel of clusters", clusters, Panel(wave=0, stay=3, groups=5, cluster="cluster"), (0.6,) * 10),
        days_by_probability(),
        days_by_multiplicity(),
        two_phases("two phases, srs of srs", SimpleRandom(n=6), SimpleRandom(n=2), plain, (0.2,) * 10),
        two_phases("two phases, poisson of srs", SimpleRandom(n=6), Poisson(n=2), plain, (0.2,) * 10),
        two_phases(
            "two phases, srs of pareto",
            ParetoPps(n=4, size="size"),
            SimpleRandom(n=2),
            sized,
            tuple(np.insert(pareto_by_numbers([2, 7, 5, 4, 4], n=3), 2, 1.0) / 2),  # the third is certain
        ),
        two_phases("two phases, pareto of poisson: weights", Poisson(n=7), ParetoPps(n=3, size="size"), sizes, None),
        two_phases(
            "two phases, stratified of srs: weights",
            SimpleRandom(n=8),
            Stratified(n=4, strata="stratum", minimum=1),
            strata,
            None,
        ),
    ]


def one_phase(name: str, frame: Frame, design: Design, expected: tuple[float, ...]) -> Trial:
    """Each row's `_pi` is held against the expected one, too."""
    place = {str(unit.id): i for i, unit in enumerate(frame)}

    def draw(seed: int) -> Mapping[int, float]:
        rows = draw_plain(frame, design, seed=seed)
        for row in rows:
            assert abs(row.pi - expected[place[row.id]]) < 1e-6, (name, row)
        return {place[row.id]: 1.0 for row in rows}

    everybody = [
        DrawnUnit(str(u.id), pi, 1 / pi, u.stratum, None if u.cluster is None else str(u.cluster), pi >= 1)
        for u, pi in zip(frame, expected, strict=True)
    ]
    return Trial(name, draw, expected, joint_plain(frame, design, everybody))


def pareto_of_two() -> Trial:
    """P(Q1 < Q2) for two logits of odds ratio r is r (r - 1 - ln r) / (r - 1)^2."""
    ratio = (0.7 / 0.3) ** 2
    first = ratio * (ratio - 1 - math.log(ratio)) / (ratio - 1) ** 2
    return one_phase(
        "pareto, two units", (Unit(0, size=7), Unit(1, size=3)), ParetoPps(n=1, size="size"), (first, 1 - first)
    )


def pareto_by_numbers(sizes: list[float], *, n: int) -> list[float]:
    """By enumeration of who is below t, and a fine sum over t: slow, and written without the code under test."""
    from itertools import combinations

    pi = np.array(sizes) * n / sum(sizes)
    odds = pi / (1 - pi)
    log_t = np.arange(-45, 45, 0.01)
    share = np.exp(log_t)[:, None] * odds / (1 + np.exp(log_t)[:, None] * odds)
    found = []
    for k in range(len(sizes)):
        others = [j for j in range(len(sizes)) if j != k]
        below = sum(
            np.prod([share[:, j] if j in chosen else 1 - share[:, j] for j in others], axis=0)
            for m in range(n)
            for chosen in combinations(others, m)
        )
        found.append(float((below * share[:, k] * (1 - share[:, k])).sum() * 0.01))
    return found


DAYS: Frame = tuple(
    Unit(k, size=1.0 + (k * (1 + "xyz".index(day))) % 4, day=day)
    for day, there in (("x", range(6)), ("y", range(3, 9)), ("z", range(5)))
    for k in there
)


def day_chances(n: int) -> dict[int, list[float]]:
    """Unit -> pi on each of its days."""
    chances: dict[int, list[float]] = {}
    for unit in DAYS:
        total = sum(u.size for u in DAYS if u.day == unit.day)
        chances.setdefault(int(unit.id), []).append(n * unit.size / total)
    return chances


def days_by_probability() -> Trial:
    chances = day_chances(2)
    expected = tuple(1 - math.prod(1 - pi for pi in chances[k]) for k in range(9))

    def draw(seed: int) -> Mapping[int, float]:
        rows = draw_plain(DAYS, Daily(n=2, day="day", size="size"), seed=seed)
        for row in rows:
            assert abs(row.pi - expected[int(row.id)]) < 1e-9, row
        return {int(row.id): 1.0 for row in rows}

    joint = np.outer(expected, expected)
    return Trial("days, union", draw, expected, joint)


def days_by_multiplicity() -> Trial:
    """The weights of a unit's rows sum to 1 on average."""
    design = Daily(n=2, day="day", size="size", union="multiplicity")

    def draw(seed: int) -> Mapping[int, float]:
        weights: dict[int, float] = {}
        for row in draw_plain(DAYS, design, seed=seed):
            weights[int(row.id)] = weights.get(int(row.id), 0.0) + row.weight
        return weights

    return Trial("days, multiplicity: weights", draw, (1.0,) * 9)


def two_phases(name: str, first: Design, second: Design, frame: Frame, expected: tuple[float, ...] | None) -> Trial:
    """Without `expected` the second phase's probabilities depend on who is in the first: then weights are summed.

    A first phase that leaves too few for the second one gives no rows: its draw does not count.
    """
    place = {str(unit.id): i for i, unit in enumerate(frame)}
    by_id = {str(unit.id): unit for unit in frame}

    def draw(seed: int) -> Mapping[int, float]:
        taken = [replace(by_id[row.id], prior=row.pi) for row in draw_plain(frame, first, seed=seed)]
        if expected is None and isinstance(first, Poisson) and len(taken) < 3:
            return {place[str(unit.id)]: 1 / unit.prior for unit in taken}  # all of them: their own weights
        rows = draw_plain(taken, second, seed=seed, stage="phase2")
        if expected is None:
            return {place[row.id]: row.weight for row in rows}
        if not isinstance(second, Poisson):
            for row in rows:
                assert abs(row.pi - expected[place[row.id]]) < 1e-9, (name, row)
        return {place[row.id]: 1.0 for row in rows}

    return Trial(name, draw, expected or (1.0,) * len(frame))
