"""The difference estimator against `ppi-python` on a million unlabelled rows: time, coverage and width.

The other package is installed into a place of its own from hash-pinned wheels and runs in its own process; where it
cannot be installed, our side is measured alone and the reason given.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from tests.bench.install_competitors import install_competitors
from tests.bench.report import Measured
from tools.estimation.assisted import estimate_assisted
from tools.estimation.frame_predictions import describe_frame
from tools.estimation.survey import describe_survey

ROOT = Path(__file__).parents[2]
UNLABELLED, LABELS, TIMED = 1_000_000, 2_000, 5
REPLICATES = 500  # a coverage of 95 % is then known to one point (one standard error)
PREVALENCES = (0.1, 0.01, 0.001, 0.0001)
AUC = 0.95
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """One side at one prevalence: share of intervals that hold the truth, mean width, seconds of one estimate."""

    coverage: float
    width: float
    seconds: float


def measure_assisted(folder: Path) -> Iterator[Measured]:
    """Both sides on the same labels and predictions, replicate i from seed i."""
    target = folder / "ppi"
    reason = install_competitors(target, pinned="assisted-competitors.txt")
    for prevalence in PREVALENCES:
        ours, alone = run_ours(prevalence)
        detail = f"ours {_said(ours)}; labels alone {_said(alone)}"
        what = f"prevalence {prevalence:g}, {LABELS:,} labels"
        if reason:
            yield Measured("assisted, ours alone", what, ours.seconds * 1000, " ms", None, f"{detail}; {reason}")
            continue
        theirs = run_theirs(target, prevalence)
        detail += f"; ppi_mean_ci {_said(theirs)}; {ours.seconds * 1000:.0f} against {theirs.seconds * 1000:.0f} ms"
        yield Measured("assisted / ppi-python, time", what, ours.seconds / theirs.seconds, "x", 1.0, detail)
        yield Measured("assisted / ppi-python, width", what, ours.width / theirs.width, "x", None, detail)


def _said(side: Side) -> str:
    error = math.sqrt(side.coverage * (1 - side.coverage) / REPLICATES)
    return f"holds the truth {side.coverage:.1%} (± {error:.1%}), width {side.width:.3g}"


def frame(prevalence: float) -> tuple[Floats, Floats]:
    """Truth and calibrated binormal scores of the unlabelled rows."""
    from scipy.special import expit, ndtri  # type: ignore[import-untyped]

    rng = np.random.default_rng((51, round(1e6 * prevalence)))
    y = np.zeros(UNLABELLED)
    y[: round(prevalence * UNLABELLED)] = 1
    apart = float(np.sqrt(2) * ndtri(AUC))
    x = rng.normal(size=UNLABELLED) + apart * y
    return y, np.asarray(expit(np.log(prevalence / (1 - prevalence)) + apart * x - apart**2 / 2))


def draw(seed: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, 52)).integers(0, UNLABELLED, LABELS)


def run_ours(prevalence: float) -> tuple[Side, Side]:
    """Our side, and the labels alone. The time includes summing up the million predictions."""
    y, score = frame(prevalence)
    known, limits, alone, seconds = describe_frame(score), [], [], []
    for seed in range(REPLICATES):
        rows = draw(seed)
        begun = time.perf_counter()
        if seed < TIMED:
            known = describe_frame(score)
        found = estimate_assisted(y[rows], score[rows], known, survey=describe_survey(LABELS))
        if seed < TIMED:
            seconds.append(time.perf_counter() - begun)
        limits.append((found.estimate.low or 0.0, found.estimate.high or 1.0))
        alone.append((found.labels_only.low or 0.0, found.labels_only.high or 1.0))
    return _side(limits, prevalence, median(seconds)), _side(alone, prevalence, 0.0)


def run_theirs(target: Path, prevalence: float) -> Side:
    """`ppi_mean_ci` with its own power tuning, in a child that finds the package first."""
    command = [sys.executable, "-m", "tests.bench.assisted", str(target), str(prevalence)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3_000, check=True)
    return Side(**json.loads(done.stdout.splitlines()[-1]))


def main(target: str, prevalence: float) -> None:
    """What the child does."""
    sys.path.insert(0, target)
    from ppi_py import ppi_mean_ci  # type: ignore[import-not-found]

    y, score = frame(prevalence)
    limits, seconds = [], []
    for seed in range(REPLICATES):
        rows = draw(seed)
        begun = time.perf_counter()
        low, high = ppi_mean_ci(y[rows], score[rows], score, alpha=0.05)
        seconds.append(time.perf_counter() - begun)
        limits.append((float(np.squeeze(low)), float(np.squeeze(high))))
    side = _side(limits, prevalence, median(seconds[1:]))
    print(json.dumps({"coverage": side.coverage, "width": side.width, "seconds": side.seconds}))


def _side(limits: list[tuple[float, float]], truth: float, seconds: float) -> Side:
    held = sum(low <= truth <= high for low, high in limits) / len(limits)
    return Side(held, sum(high - low for low, high in limits) / len(limits), seconds)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
