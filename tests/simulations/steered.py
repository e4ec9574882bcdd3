"""Labels needed for ±10 % of a rare share when a score steers the draw: `python -m tests.simulations.steered`.

A pilot by bands of the score, a curve from its labels, sizes from the curve, a Pareto draw, and the public estimator on
the rows: all but the draw itself, which is simulated by kinds, is the product's own code. Complete runs through files
and DuckDB are beside it in `steered_runs`.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.simulations.steered_frame import (
    Floats,
    Ints,
    ScoredFrame,
    binormal_frame,
    draw_kinds,
    draw_positives,
    godambe_joshi_bound,
)
from tools.estimation import Estimate, estimate_proportion
from tools.estimation.calibration import Calibration
from tools.estimation.domain import sum_domain
from tools.estimation.intervals import wilson
from tools.estimation.survey import describe_survey
from tools.sampling import ScoreCurve, Steps, fit_score_curve, size_for_interval, steer
from tools.sampling.inclusion_probabilities import rule_of_sizes
from tools.sampling.steer import DEFENSIVE, STEPS

PREVALENCE, RELATIVE = 0.001, 0.1
UNITS = 100_000_000
BANDS = (1.0, 0.1, 0.01, 0.001)  # of the frame, from the top; the pilot takes as many of each
FRAMES = 10  # finite frames that replicates take in turn
FULL, SHORT = 2_000, 60
LEVEL, FLOOR, RATIO = 0.95, 0.94, 1.25


@dataclass(frozen=True)
class Cell:
    """One situation: labels in all, pilot included, and how the score is used."""

    name: str
    auc: float
    labels: int
    pilot: int
    calibrated: bool = True
    defensive: float = DEFENSIVE
    spread: float = 1.0
    decides: bool = True


def cells() -> list[Cell]:
    """Those that decide first; then what happens without the known totals, and with a score of another shape."""
    found = []
    for auc, pilot in ((0.95, 4_000), (0.99, 2_400)):
        bound = godambe_joshi_bound(auc, prevalence=PREVALENCE, half_width=RELATIVE * PREVALENCE)
        labels = math.floor(RATIO * bound)
        found += [
            Cell("steered, known totals (the default path)", auc, labels, pilot),
            Cell("steered, weights alone", auc, labels, pilot, calibrated=False, decides=False),
            Cell("positives spread 1.3 times as wide", auc, labels, pilot, spread=1.3, decides=False),
            Cell("a quarter as many labels", auc, labels // 4, pilot // 2, decides=False),
        ]
    return sorted(found, key=lambda cell: not cell.decides)


@dataclass(frozen=True)
class Result:
    """What replicates of a cell gave; `needed` labels bring the mean half width to ±10 %."""

    cell: Cell
    replicates: int
    covered: int
    too_low: int
    too_high: int
    bias: float
    half_width: float
    needed: float
    bound: float
    positives: float

    @property
    def coverage(self) -> float:
        return self.covered / self.replicates

    @property
    def monte_carlo(self) -> tuple[float, float]:
        """99 % Wilson interval of the coverage."""
        limits = wilson(self.coverage, self.replicates, level=0.99)
        return limits.low, limits.high

    @property
    def failed(self) -> bool:
        return self.monte_carlo[1] < FLOOR or self.needed > RATIO * self.bound


def run_cell(cell: Cell, *, replicates: int) -> Result:
    """Replicate i is drawn with seed i from frame i mod 10."""
    key = (round(1e4 * cell.auc), round(10 * cell.spread))
    frames = [
        binormal_frame(
            cell.auc,
            prevalence=PREVALENCE,
            units=UNITS,
            rng=np.random.default_rng((i, *key)),
            spread=cell.spread,
        )
        for i in range(FRAMES)
    ]
    rows = []
    for seed in range(replicates):
        frame = frames[seed % FRAMES]
        found = run_once(cell, frame, np.random.default_rng((seed, cell.labels, *key)))
        assert found.low is not None
        assert found.high is not None
        assert found.value is not None
        low, high, bias = found.low - frame.truth, found.high - frame.truth, found.value / frame.truth - 1
        rows.append((low, high, bias, frame.truth, float(found.positives or 0)))
    lows, highs, biases, truths, positives = (np.array(column) for column in zip(*rows, strict=True))
    half_width = float(((highs - lows) / 2 / truths).mean())
    return Result(
        cell,
        replicates,
        covered=int(((lows <= 0) & (highs >= 0)).sum()),
        too_low=int((highs < 0).sum()),
        too_high=int((lows > 0).sum()),
        bias=float(biases.mean()),
        half_width=half_width,
        needed=cell.pilot + (cell.labels - cell.pilot) * (half_width / RELATIVE) ** 2,
        bound=godambe_joshi_bound(cell.auc, prevalence=PREVALENCE, half_width=RELATIVE * PREVALENCE),
        positives=float(positives.mean()),
    )


def run_once(cell: Cell, frame: ScoredFrame, rng: np.random.Generator) -> Estimate:
    """Pilot, curve, sizes, draw, labels, estimate."""
    curve = fit_score_curve(*draw_pilot(frame, cell.pilot, rng))
    steps, place = steps_of(frame, curve, defensive=cell.defensive)
    counts = np.bincount(place, weights=frame.units, minlength=len(steps.sizes)).astype(np.int64)
    n = cell.labels - cell.pilot
    rule = rule_of_sizes(steps.sizes, n=n, counts=counts.tolist())
    pi = np.array([rule.probability(size) for size in steps.sizes])
    taken = draw_kinds(pi[place], frame.units, n=n, rng=rng)
    positive = draw_positives(frame, taken, rng)
    return estimate(cell, steps, counts, place, pi, taken, positive)


def draw_pilot(frame: ScoredFrame, m: int, rng: np.random.Generator) -> tuple[list[float], list[int]]:
    """As many of each band of the score, simple random."""
    above = np.cumsum(frame.units[::-1])[::-1] / frame.size
    scores: list[float] = []
    labels: list[int] = []
    for band, next_band in zip(BANDS, (*BANDS[1:], 0.0), strict=True):
        inside = (above <= band) & (above > next_band)
        taken = np.zeros(len(frame.units), dtype=np.int64)
        taken[inside] = rng.multivariate_hypergeometric(frame.units[inside], m // len(BANDS), method="marginals")
        positive = draw_positives(frame, taken, rng)
        scores += np.repeat(frame.score, taken).tolist()
        labels += [y for x, k in zip(positive, taken, strict=True) for y in [1] * int(x) + [0] * int(k - x)]
    return scores, labels


def steps_of(frame: ScoredFrame, curve: ScoreCurve, *, defensive: float) -> tuple[Steps, Ints]:
    """As `steer_frame` has it, and the step of each kind."""
    edges = curve.edges(STEPS)
    place = np.searchsorted(edges, frame.score, side="right").astype(np.int64)
    counts = np.bincount(place, weights=frame.units, minlength=len(edges) + 1).astype(np.int64)
    return steer(curve, counts.tolist(), edges, defensive=defensive), place


def estimate(cell: Cell, steps: Steps, counts: Ints, place: Ints, pi: Floats, taken: Ints, positive: Ints) -> Estimate:
    """What `transect estimate --proportion --probability _pi [--calibrate]` computes from the rows."""
    size = len(steps.sizes)
    drawn = np.bincount(place, weights=taken, minlength=size).astype(np.int64)
    hits = np.bincount(place, weights=positive, minlength=size).astype(np.int64)
    rows = np.repeat(np.arange(size), drawn)
    outcome = np.concatenate([np.r_[np.ones(x), np.zeros(k - x)] for k, x in zip(drawn, hits, strict=True)])
    probability, predicted = pi[rows], np.array(steps.predictions)
    calibration = Calibration(
        method="linear",
        base=1 / probability,
        totals=np.array([float(counts.sum()), float(counts @ predicted)]),
        names=("(Intercept)", "_predicted"),
        auxiliary=np.column_stack([np.ones(len(rows)), predicted[rows]]),
    )
    survey = describe_survey(
        len(rows), probability=probability, variance="brewer", calibration=calibration if cell.calibrated else None
    )
    return estimate_proportion(sum_domain(survey, outcome).totals, design=survey.design, level=LEVEL)


HEAD = (
    "| AUC | how | labels (pilot) | positives | bias % | half width % | coverage % (99 % Monte Carlo) |"
    " below / above % | labels needed | over the bound | verdict |\n" + "|---" * 11 + "|\n"
)


def row(r: Result) -> str:
    low, high = r.monte_carlo
    verdict = ("fail" if r.failed else "pass") if r.cell.decides else "shown"
    return (
        f"| {r.cell.auc:g} | {r.cell.name} | {r.cell.labels:,} ({r.cell.pilot:,}) | {r.positives:,.0f} |"
        f" {100 * r.bias:.2f} | {100 * r.half_width:.2f} | {100 * r.coverage:.2f} ({100 * low:.2f}-{100 * high:.2f}) |"
        f" {100 * r.too_low / r.replicates:.2f} / {100 * r.too_high / r.replicates:.2f} | {r.needed:,.0f} |"
        f" {r.needed / r.bound:.3f} | {verdict} |\n"
    )


def report(results: list[Result], *, runs: str, about: dict[str, str]) -> str:
    simple = size_for_interval(prevalence=PREVALENCE, relative_half_width=RELATIVE)
    bounds = {r.cell.auc: r.bound for r in results}
    return (
        "# Labels needed when a score steers the draw\n\n"
        + "".join(f"- {key}: {value}\n" for key, value in about.items())
        + f"\nPrevalence {PREVALENCE:g}, ±{RELATIVE:.0%} at {LEVEL:.0%}, a frame of {UNITS:,} units with an"
        " equal-variance binormal score. The Godambe-Joshi bound, the fewest labels of any design with the score as"
        f" its only auxiliary: {', '.join(f'{bound:,.0f} at AUC {auc:g}' for auc, bound in sorted(bounds.items()))}."
        f" Simple random sampling needs {simple.wald_n:,.0f} by the usual formula and {simple.n:,} for the interval"
        " that is reported.\n\n"
        f"A cell fails when the 99 % Wilson interval of its coverage lies wholly below {FLOOR:.0%}, or when the labels"
        f" needed, pilot included, are more than {RATIO:g} times the bound. *Below / above*: intervals wholly below or"
        " above the truth. *Labels needed*: pilot, and as many more as bring the mean reported half width to"
        f" ±{RELATIVE:.0%}.\n\n{HEAD}{''.join(map(row, results))}\n{runs}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulations.steered", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} replicates a cell instead of {SHORT}")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    options = parser.parse_args()
    from tests.simulations.steered_runs import FULL_RUNS, SHORT_RUNS, run_complete

    replicates, started = FULL if options.full else SHORT, time.perf_counter()
    results = []
    for cell in cells():
        results.append(run_cell(cell, replicates=replicates))
        print(row(results[-1]), end="", file=sys.stderr)
    runs, missed = run_complete(FULL_RUNS if options.full else SHORT_RUNS)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    about = {
        "commit": commit.stdout.strip() or "unknown",
        "command": "python -m tests.simulations.steered" + (" --full" if options.full else ""),
        "scale": f"{replicates:,} replicates a cell, {replicates / FULL:.0%} of the full scale",
        "seeds": f"0..{replicates - 1} in every cell, {FRAMES} frames in turn",
        "duration": f"{time.perf_counter() - started:.0f} s on one core",
    }
    text = report(results, runs=runs, about=about)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    else:
        print(text)
    failed = [r.cell.name for r in results if r.cell.decides and r.failed]
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
