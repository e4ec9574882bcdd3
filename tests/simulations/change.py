"""Differences of two periods and their parts: `python -m tests.simulations.change [--full] [--out FILE]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tests.simulations.page_forms import BySection
from tests.simulations.run_study import run_study
from tests.simulations.tally import Tally
from tools.estimation import StratumMoments, Totals, estimate_difference, sum_rows
from tools.estimation.change import decompose_change, judge_no_change, separate_versions

FULL, SHARE, STREAM = 10_000, 0.01, 8
TITLE = "Change between two periods: how often the limits hold the truth"
READING = (
    "Every replicate goes through the public function with its defaults. *Independent*: two samples. *Overlapping*:"
    " half of the units are in both samples and keep their key; six of ten of them are alike in both periods. *Width*:"
    " mean, over that of the normal interval at the true variance for a difference of shares, else as it is. A cell"
    " fails when the 99 % Wilson interval of its coverage lies wholly under 94 %."
)

Floats = NDArray[np.float64]


def independent(p0: float, p1: float, n: int, replicates: int) -> Tally:
    """Two simple random samples."""
    tally = Tally(f"share {p0:g} to {p1:g}, n {n:,} each, independent", "difference")
    scale = 2 * 1.959964 * ((p0 * (1 - p0) + p1 * (1 - p1)) / n) ** 0.5
    for seed in range(replicates):
        rng = np.random.default_rng((seed, STREAM, n, round(1e6 * p0)))
        new, old = (_counts(int(rng.binomial(n, p)), n) for p in (p1, p0))
        found = estimate_difference(new, old, of="proportion", independent=True)
        tally.add(found.low, found.high, p1 - p0, rival=scale)
    return tally


def overlapping(p0: float, p1: float, n: int, replicates: int) -> Tally:
    """Half of the units in both; the two outcomes of a unit share a cause in six of ten."""
    tally = Tally(f"share {p0:g} to {p1:g}, n {n:,} each, overlapping", "difference")
    both = _both(p0, p1)
    covariance = both - p0 * p1
    scale = 2 * 1.959964 * ((p0 * (1 - p0) + p1 * (1 - p1) - covariance) / n) ** 0.5
    for seed in range(replicates):
        y, period, unit = _panel(np.random.default_rng((seed, STREAM + 1, n, round(1e6 * p0))), p0, p1, n)
        new, old = (sum_rows(y, clusters=unit, domain=period == side) for side in (1, 0))
        found = estimate_difference(new.totals, old.totals, of="proportion", design=new.design)
        tally.add(found.low, found.high, p1 - p0, rival=scale)
    return tally


def mix_and_rate(n: int, replicates: int, *, overlap: bool) -> list[Tally]:
    """Three groups whose shares and rates both move."""
    s0, s1 = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.3])
    r0, r1 = np.array([0.05, 0.1, 0.3]), np.array([0.06, 0.12, 0.3])
    mix, rate = float((s1 - s0) @ (r0 + r1)) / 2, float((r1 - r0) @ (s0 + s1)) / 2
    kind = "overlapping" if overlap else "independent"
    truths = {"mix": mix, "rate": rate, "total": mix + rate}
    parts = {name: Tally(f"three groups, n {n:,} each, {kind}", name) for name in truths}
    for seed in range(replicates):
        rng = np.random.default_rng((seed, STREAM + 2, n, overlap))
        old_group, new_group = rng.choice(3, n, p=s0), rng.choice(3, n, p=s1)
        u0, u1 = rng.random(n), rng.random(n)
        unit = np.arange(2 * n)
        if overlap:  # the same actors, alike in what they do and in where they do it
            v, w = rng.random(n), rng.random(n) < 0.5
            old_group = np.searchsorted(np.cumsum(s0), np.where(w, v, rng.random(n)) * 0.999999)
            new_group = np.searchsorted(np.cumsum(s1), np.where(w, v, rng.random(n)) * 0.999999)
            u1 = np.where(w, u0, u1)
            unit = np.tile(np.arange(n), 2)
        y = np.concatenate([u0 < r0[old_group], u1 < r1[new_group]]).astype(np.float64)
        period, group = np.repeat([0, 1], n), np.concatenate([old_group, new_group])
        found = decompose_change(y, period, group, clusters=unit, independent=not overlap)
        for name, tally in parts.items():
            part = getattr(found, name)
            tally.add(part.low, part.high, truths[name])
    return list(parts.values())


def versions(n: int, bridge: int, replicates: int) -> list[Tally]:
    """Truth goes from .10 to .12; the new policy also finds 3 of 100 of the rest and loses 1 of 10."""
    lost, gained = 0.1, 0.03
    policy = -0.1 * lost + 0.9 * gained
    new = 0.12 * (1 - lost) + 0.88 * gained
    real = new - 0.1 - policy
    parts = {name: Tally(f"new policy, n {n:,} each, {bridge} in the bridge", name) for name in ("policy", "real")}
    for seed in range(replicates):
        rng = np.random.default_rng((seed, STREAM + 3, n, bridge))
        old_y, later = rng.random(n) < 0.1, rng.random(n) < new
        relabelled = np.where(old_y, rng.random(n) >= lost, rng.random(n) < gained).astype(np.float64)
        relabelled[bridge:] = np.nan
        y = np.concatenate([old_y, later]).astype(np.float64)
        again = np.concatenate([relabelled, np.full(n, np.nan)])
        found = separate_versions(y, np.repeat([0, 1], n), {"policy": again}, independent=True)
        for name, estimate in (("policy", found.versions["policy"]), ("real", found.real)):
            parts[name].add(estimate.low, estimate.high, {"policy": policy, "real": real}[name])
    return list(parts.values())


def equivalence(replicates: int) -> str:
    """How often a change as large as the margin is called none, and how often no change is."""
    lines = [
        "\n## No change within a margin\n\n| share | n each | margin | true change | called no change % | asked |\n"
    ]
    lines.append("|---" * 6 + "|\n")
    for p, n, margin in ((0.1, 5_000, 0.02), (0.02, 10_000, 0.006), (0.1, 500, 0.02)):
        for change in (margin, -margin, 0.0):
            called = 0
            for seed in range(replicates):
                rng = np.random.default_rng((seed, STREAM + 4, n, round(1e6 * (margin + change))))
                new, old = (_counts(int(rng.binomial(n, q)), n) for q in (p + change, p))
                found = judge_no_change(new, old, of="proportion", margin=margin, independent=True)
                called += found.verdict == "no change"
            asked = "as often as the sample allows" if change == 0 else "at most 5"
            lines.append(f"| {p:g} | {n:,} | {margin:g} | {change:g} | {100 * called / replicates:.2f} | {asked} |\n")
    return "".join(lines)


def tallies(scale: float) -> Iterator[tuple[str, Tally]]:
    some = round(FULL * scale)
    for p0, p1 in ((0.1, 0.12), (0.01, 0.012), (0.001, 0.0015)):
        for n in (500, 2_000, 10_000):
            yield "Independent samples", independent(p0, p1, n, some)
    for p0, p1, n in ((0.1, 0.12, 500), (0.1, 0.12, 2_000), (0.01, 0.012, 2_000), (0.1, 0.12, 10_000)):
        yield "Overlapping samples", overlapping(p0, p1, n, some)
    for n, overlap in ((500, False), (500, True), (2_000, False)):
        for found in mix_and_rate(n, some, overlap=overlap):
            yield "Mix and rate", found
    for found in versions(500, 200, some):
        yield "Versions, by a bridge", found
    for found in versions(2_000, 500, some):
        yield "Versions, by a bridge", found


def _counts(positives: int, n: int) -> Totals:
    one = np.array([float(n)])
    s = np.array([float(positives)])
    return StratumMoments(
        stratum=np.zeros(1, dtype=np.int64),
        n=np.array([n]),
        sum_w=one,
        sum_wy=s,
        sum_ww=one,
        sum_wwy=s,
        sum_wwyy=s,
        positives=np.array([positives]),
    )


def _both(p0: float, p1: float) -> float:
    """P(positive in both) of a unit that is in both: the same draw with probability 0.6, else two."""
    return 0.6 * min(p0, p1) + 0.4 * p0 * p1


def _panel(
    rng: np.random.Generator, p0: float, p1: float, n: int
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    u0, u1 = rng.random(n), rng.random(n)
    half = n // 2
    same = (rng.random(n) < 0.6) & (np.arange(n) < half)
    u1 = np.where(same, u0, u1)
    unit = np.concatenate([np.arange(n), np.arange(half), np.arange(n, 2 * n - half)])
    return np.concatenate([u0 < p0, u1 < p1]).astype(np.float64), np.repeat([0, 1], n), unit


def after(scale: float) -> str:
    return equivalence(round(FULL * scale))


if __name__ == "__main__":
    sys.exit(run_study("change", TITLE, READING, tallies, form=BySection(), full=FULL, share=SHARE, after=after))
