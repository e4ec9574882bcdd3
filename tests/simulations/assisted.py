"""Coverage of assisted shares: `python -m tests.simulations.assisted [--full] [--out FILE]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from tests.simulations.page_forms import ByCell
from tests.simulations.run_study import each_cell, run_study
from tests.simulations.tally import Tally
from tools.errors import Declined
from tools.estimation.assisted import estimate_assisted
from tools.estimation.frame_predictions import FramePredictions, describe_frame
from tools.estimation.survey import describe_survey

Floats = NDArray[np.float64]
UNITS = 400_000
BANDS = (0.9, 0.99)  # quantiles of the score that part the frame in three, labelled equally
SIZES, PREVALENCES = (500, 2_000, 10_000), (0.1, 0.01, 0.001, 0.0001)
STREAM = 13  # samples that no constant of the estimators was set on
FLOOR_SHARE = 0.2  # of the draw that is spread evenly where a score steers it


class Scored:
    """A frame of known prevalence with calibrated binormal scores of a given AUC, and how it is drawn from."""

    def __init__(self, prevalence: float, auc: float) -> None:
        from scipy.special import expit, ndtri  # type: ignore[import-untyped]

        rng = np.random.default_rng((20_260, round(1e6 * prevalence), round(100 * auc)))
        apart = float(np.sqrt(2) * ndtri(auc))
        x = rng.normal(size=UNITS)
        self.y = np.zeros(UNITS)
        self.y[: round(prevalence * UNITS)] = 1
        x[self.y == 1] += apart
        self.score: Floats = expit(np.log(prevalence / (1 - prevalence)) + apart * x - apart**2 / 2)
        self.truth = float(self.y.mean())
        self.band = np.searchsorted(np.quantile(self.score, BANDS), self.score, side="right")
        size = np.sqrt(self.score * (1 - self.score))
        self.chance = (1 - FLOOR_SHARE) * size / size.sum() + FLOOR_SHARE / UNITS
        self.steps = np.cumsum(self.chance)
        self.members = [np.flatnonzero(self.band == h) for h in range(3)]
        self.whole: FramePredictions = describe_frame(self.score)
        self.split: FramePredictions = describe_frame(self.score, strata=self.band)


@lru_cache(maxsize=1)
def scored(prevalence: float, auc: float) -> Scored:
    return Scored(prevalence, auc)


def run_cell(design: str, prevalence: float, n: int, auc: float, replicates: int) -> Tally:
    """Replicate i is drawn with seed i; both intervals are public defaults on the same labels."""
    frame = scored(prevalence, auc)
    useless = ", useless score" if auc == 0.5 else ""
    tally = Tally(design + useless, prevalence=prevalence, n=n, expected=n * prevalence)
    for seed in range(replicates):
        rng = np.random.default_rng((seed, STREAM, n, round(1e6 * prevalence), len(design), round(100 * auc)))
        rows, weights, strata = _draw(frame, design, n, rng)
        survey = describe_survey(len(rows), weights=weights, strata=strata)
        known = frame.split if strata is not None else frame.whole
        try:
            found = estimate_assisted(frame.y[rows], frame.score[rows], known, survey=survey)
        except Declined:
            tally.decline()
            continue
        used, alone = found.estimate, found.labels_only
        assert used.low is not None
        assert used.high is not None
        assert alone.low is not None
        assert alone.high is not None
        tally.add(used.low, used.high, frame.truth, rival=alone.high - alone.low)
        if found.power:
            tally.count("predictions used")
        if used.positives == 0:
            tally.count("no positive")
        if alone.low <= frame.truth <= alone.high:
            tally.count("labels alone hold it")
    return tally


def _draw(
    frame: Scored, design: str, n: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Floats | None, NDArray[np.int64] | None]:
    if design == "simple":
        return rng.integers(0, UNITS, n), None, None
    if design == "stratified":
        each = n // 3
        rows = np.concatenate([m[rng.integers(0, len(m), each)] for m in frame.members])
        strata = np.repeat(np.arange(3), each)
        return rows, np.array([len(m) for m in frame.members])[strata] / each, strata
    rows = np.minimum(np.searchsorted(frame.steps, rng.random(n) * frame.steps[-1]), UNITS - 1)
    return rows, 1 / (n * frame.chance[rows]), None


def cells() -> Sequence[Callable[[int], Tally]]:
    """By frame, so that each is built once."""
    found = []
    for p in PREVALENCES:
        found += [
            partial(run_cell, design, p, n, 0.95) for design in ("simple", "stratified", "steered") for n in SIZES
        ]
        found.append(partial(run_cell, "simple", p, 2_000, 0.5))
    return found


def main() -> int:
    reading = (
        "The frame has 400,000 units with calibrated scores (AUC .95; .5 where useless). *stratified*:"
        " three bands of the"
        " score (90 %, 9 %, 1 % of the frame), labelled equally. *steered*: drawn with probability in proportion to"
        " √(s(1-s)), a fifth spread evenly. *Width*: mean over that of the default interval from the labels"
        " alone, on the"
        " same labels. *predictions used*: how often λ was above 0. A cell fails when the 99 % limits of"
        " its coverage lie"
        " wholly below 94 %."
    )
    title = "Coverage of shares assisted by predictions"
    found = cells()
    return run_study("assisted", title, reading, each_cell(found), form=ByCell("labels alone", len(found)), share=0.02)


if __name__ == "__main__":
    sys.exit(main())
