"""Probabilities over many draws: `python -m tests.sampling.draws [--full] [--out FILE]`.

One test a design: T = R (m - e)' S^- (m - e), with m the mean over R draws of each unit's indicator (or weight, where
probabilities depend on a first phase), e what it must be, and S the covariance of a draw's values, is chi-square with
the rank of S. Units with pi = 1 must be in every draw. Where a variance may use joint probabilities, the same test is
made on the indicators of all pairs.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.sampling.trials import Floats, Trial, trials

FULL, SHORT = 40_000, 2_000
ALPHA = 1e-4


@dataclass(frozen=True)
class Verdict:
    """The statistic, its degrees of freedom and its p-value."""

    statistic: float
    df: int
    p_value: float


def draw_often(trial: Trial, *, draws: int) -> Floats:
    """Values, draws by units; seeds 0 to draws - 1."""
    drawn = np.zeros((draws, len(trial.expected)))
    for seed in range(draws):
        for place, value in trial.draw(seed).items():
            drawn[seed, place] = value
    return drawn


def judge(drawn: Floats, expected: Sequence[float] | Floats) -> Verdict:
    """One chi-square for all units of a design."""
    from scipy.stats import chi2  # type: ignore[import-untyped]

    off = drawn.mean(axis=0) - np.asarray(expected)
    fixed = drawn.var(axis=0) == 0  # in every draw, or in none: how likely is that?
    never = float(np.exp(len(drawn) * np.log1p(-np.minimum(np.abs(off[fixed]), 1 - 1e-12))).min(initial=1))
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(drawn[:, ~fixed], rowvar=False)))
    kept = values > 1e-9
    along = vectors.T @ off[~fixed]
    statistic = float(len(drawn) * (along[kept] ** 2 / values[kept]).sum())
    if np.abs(along[~kept]).max(initial=0) > 1e-5:  # a sum that cannot vary is off
        statistic = math.inf
    return Verdict(
        statistic, int(kept.sum()), min(float(chi2.sf(statistic, kept.sum())), never * int(fixed.sum() or 1))
    )


def judge_pairs(drawn: Floats, joint: Floats) -> Verdict:
    """The same for all pairs of units."""
    first, second = np.triu_indices(len(joint), 1)
    return judge(drawn[:, first] * drawn[:, second], joint[first, second])


def run(*, draws: int) -> tuple[list[str], int]:
    """Lines of a table, and how many tests failed."""
    lines, failed = [], 0
    for trial in trials():
        drawn = draw_often(trial, draws=draws)
        found = {"": judge(drawn, trial.expected)}
        if trial.joint is not None and len(trial.joint) > 2:
            found["pairs"] = judge_pairs(drawn, trial.joint)
        for what, verdict in found.items():
            failed += verdict.p_value < ALPHA
            lines.append(line(trial.name, what, verdict))
        if trial.name == "pareto, two units":  # the test has power: Pareto's targets are not its probabilities
            targets = judge(drawn, (0.7, 0.3))
            failed += targets.p_value >= ALPHA
            lines.append(line("pareto, two units: its targets", "to be refused", targets))
        if trial.name == "pareto":  # independence is not what pairs have
            product = judge_pairs(drawn, np.outer(trial.expected, trial.expected))
            failed += product.p_value >= ALPHA
            lines.append(line("pareto: products", "pairs, to be refused", product))
    return lines, failed


def line(name: str, what: str, verdict: Verdict) -> str:
    return f"| {name} | {what} | {verdict.df} | {verdict.statistic:.2f} | {verdict.p_value:.2g} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sampling.draws", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} draws a design instead of {SHORT:,}")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    options = parser.parse_args()
    draws, started = FULL if options.full else SHORT, time.perf_counter()
    lines, failed = run(draws=draws)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    report = "\n".join(
        [
            "# Inclusion probabilities over many draws\n",
            f"- commit: {commit.stdout.strip() or 'unknown'}",
            f"- command: python -m tests.sampling.draws{' --full' if options.full else ''}",
            f"- scale: {draws:,} draws a design, {draws / FULL:.0%} of the full scale",
            f"- seeds: 0..{draws - 1}; alpha = {ALPHA:g} a test",
            f"- duration: {time.perf_counter() - started:.0f} s on one core",
            f"- failed: {failed} of {len(lines)} tests\n",
            "Each line is one chi-square over all units of a small frame (or all pairs of units): shares of draws",
            "against the stated probabilities; *weights*: of the mean weights against 1. Lines *to be refused* hold",
            "wrong probabilities against the same draws and must have p below alpha.\n",
            "| design | of | df | chi-square | p |",
            "|---|---|---|---|---|",
            *lines,
        ]
    )
    if options.out:
        options.out.write_text(report + "\n", encoding="utf-8")
    print(report)
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
