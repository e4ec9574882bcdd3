"""First-order probabilities over many draws: `python -m tests.sampling.draws [--full]`.

One test a design: T = R (p - pi)' S^- (p - pi), with p the share of R draws that held each unit and S the covariance of
a draw's indicators, is chi-square with the rank of S. Units with pi = 1 must be in every draw. Expected probabilities
are n/N and its like by hand, or R's.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.sampling.frames import reference
from tools.sampling import Clusters, Design, ParetoPps, Poisson, SimpleRandom, Stratified, Unit, draw_plain

FULL, SHORT = 40_000, 2_000
ALPHA = 1e-4


@dataclass(frozen=True)
class Trial:
    """A design on a small frame, and the probabilities it must have."""

    name: str
    frame: tuple[Unit, ...]
    design: Design
    expected: tuple[float, ...]


@dataclass(frozen=True)
class Verdict:
    """The statistic, its degrees of freedom and its p-value."""

    statistic: float
    df: int
    p_value: float


def trials() -> list[Trial]:
    """Every design."""
    six = reference()["pareto_exact_first_order"]["six_units"]
    cascade = reference()["inclusion_probabilities"]["cascade"]
    plain = tuple(Unit(i) for i in range(10))
    strata = tuple(Unit(i, stratum="abbbcccccc"[i]) for i in range(10))
    places = "aabbbbccdd"
    clusters = tuple(Unit(i, cluster=place) for i, place in enumerate(places))
    sized = tuple(Unit(f"u{i}", size=x) for i, x in enumerate([2, 7, 8, 5, 4, 4]))
    certain = (*sized, Unit("huge", size=1_000))
    by_size = tuple(Unit(i, size=x / 2, cluster=f"k{i // 2}") for i, x in enumerate(np.repeat([2, 7, 8, 5, 4, 4], 2)))
    ratio = (0.7 / 0.3) ** 2
    first = ratio * (ratio - 1 - math.log(ratio)) / (ratio - 1) ** 2  # two logits of this odds ratio
    return [
        Trial("srs", plain, SimpleRandom(n=3), (0.3,) * 10),
        Trial("stratified", strata, Stratified(n=5, strata="stratum", minimum=1), (1.0,) + (1 / 3,) * 3 + (1 / 2,) * 6),
        Trial("pareto", sized, ParetoPps(n=3, size="size"), tuple(six["true"])),
        Trial("pareto, two units", (Unit(0, size=7), Unit(1, size=3)), ParetoPps(n=1, size="size"), (first, 1 - first)),
        Trial("pareto, a certain unit", certain, ParetoPps(n=4, size="size"), (*six["true"], 1.0)),
        Trial(
            "poisson",
            tuple(Unit(i, size=x) for i, x in enumerate(cascade["size"])),
            Poisson(n=cascade["n"], size="size"),
            tuple(cascade["pik"]),
        ),
        Trial("bernoulli", plain, Poisson(n=4), (0.4,) * 10),
        Trial("clusters", clusters, Clusters(n=2, cluster="cluster"), (0.5,) * 10),
        Trial(
            "two stages",
            clusters,
            Clusters(n=2, cluster="cluster", per_cluster=2),
            tuple(0.5 * min(1, 2 / places.count(p)) for p in places),
        ),
        Trial(
            "two stages, clusters by size",
            by_size,
            Clusters(n=3, cluster="cluster", per_cluster=1, size="size"),
            tuple(np.repeat(six["true"], 2) / 2),
        ),
    ]


def draw_often(trial: Trial, *, draws: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Indicators, draws by units; seeds 0 to draws - 1. Each row's `_pi` is held against the expected one."""
    place = {str(unit.id): i for i, unit in enumerate(trial.frame)}
    drawn = np.zeros((draws, len(place)))
    for seed in range(draws):
        for row in draw_plain(trial.frame, trial.design, seed=seed):
            drawn[seed, place[row.id]] = 1
            assert abs(row.pi - trial.expected[place[row.id]]) < 1e-6, (trial.name, row)
    return drawn


def judge(drawn: np.ndarray[tuple[int, int], np.dtype[np.float64]], expected: Sequence[float]) -> Verdict:
    """One chi-square for all units of a design."""
    from scipy.stats import chi2  # type: ignore[import-untyped]

    off = drawn.mean(axis=0) - np.asarray(expected)
    assert (off[np.asarray(expected) == 1] == 0).all(), "a certain unit was left out"
    values, vectors = np.linalg.eigh(np.cov(drawn, rowvar=False))
    kept = values > 1e-9
    assert np.abs(vectors[:, ~kept].T @ off).max(initial=0) < 1e-5, "a sum that cannot vary is off"
    statistic = float(len(drawn) * ((vectors[:, kept].T @ off) ** 2 / values[kept]).sum())
    return Verdict(statistic, int(kept.sum()), float(chi2.sf(statistic, kept.sum())))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sampling.draws", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} draws a design instead of {SHORT:,}")
    draws = FULL if parser.parse_args().full else SHORT
    print(f"{draws:,} draws a design, {draws / FULL:.0%} of the full scale, seeds 0..{draws - 1}, alpha = {ALPHA:g}")
    failed, started = 0, time.perf_counter()
    for trial in trials():
        drawn = draw_often(trial, draws=draws)
        verdict = judge(drawn, trial.expected)
        failed += verdict.p_value < ALPHA
        print(f"{trial.name:32} chi2({verdict.df}) = {verdict.statistic:6.2f}, p = {verdict.p_value:.4f}")
        if trial.name == "pareto, two units":  # the test has power: Pareto's targets are not its probabilities
            targets = judge(drawn, (0.7, 0.3))
            failed += targets.p_value >= ALPHA
            print(f"{'  its targets, to be refused':32} chi2({targets.df}) = {targets.statistic:6.2f}, ", end="")
            print(f"p = {targets.p_value:.2g}")
    print(f"{failed} failed, {time.perf_counter() - started:.0f} s on one core")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
