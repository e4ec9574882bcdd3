"""Complete runs of a steered study, through files and DuckDB, from a scored frame to an interval."""

from __future__ import annotations

import csv
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from tools.estimation.file import EstimateRequest, estimate_file
from tools.sampling import (
    ParetoPps,
    Stratified,
    draw,
    fit_score_curve,
    open_file,
    read_pilot,
    steer_frame,
    totals_path,
)

UNITS, PREVALENCE, AUC = 400_000, 0.005, 0.97
PILOT, LABELS = 1_200, 6_000
FULL_RUNS, SHORT_RUNS = 20, 2
FEWEST = 15  # of 20 at 95 %: fewer hold the truth with probability 0.0003


@dataclass(frozen=True)
class Run:
    """Truth and what was reported, with labels by the truth; `simple` labels that the same width would have taken."""

    seed: int
    truth: float
    value: float
    low: float
    high: float
    positives: int

    @property
    def holds(self) -> bool:
        return self.low <= self.truth <= self.high


def run_complete(runs: int) -> tuple[str, bool]:
    """Runs as Markdown, and whether too few of them hold the truth."""
    with tempfile.TemporaryDirectory() as folder:
        found = [run_study(Path(folder), seed) for seed in range(runs)]
    held = sum(run.holds for run in found)
    lines = [
        f"| {r.seed} | {100 * r.truth:.3f} | {100 * r.value:.3f} | {100 * r.low:.3f} to {100 * r.high:.3f} |"
        f" {r.positives} | {'yes' if r.holds else 'no'} |"
        for r in found
    ]
    text = (
        f"\n## {runs} complete runs\n\nA Parquet file of {UNITS:,} units, prevalence {PREVALENCE:g}, AUC {AUC:g}, three"
        f" scores in a thousand missing; a pilot of {PILOT:,} labels by bands, {LABELS:,} more by `steer_frame` and"
        " `draw`, then `estimate_file` with the totals that the draw wrote."
        f" {held} of {runs} intervals hold the truth.\n\n"
        "| seed | truth % | estimate % | interval % | positives | holds |\n|---|---|---|---|---|---|\n"
        + "\n".join(lines)
    )
    return text + "\n", held < runs - (FULL_RUNS - FEWEST)


def run_study(folder: Path, seed: int) -> Run:
    """One study, from the file to the interval."""
    frame = folder / "frame.parquet"
    truth = write_scored(frame, seed)
    with open_file(frame) as source:
        design = Stratified(n=PILOT, strata="band", allocation="equal")
        draw(source, design, id="id", seed=seed, stage="pilot", out=folder / "pilot.csv")
    found = read_pilot(folder / "pilot.csv", score="score", label="label", value="violating")
    with open_file(frame) as source:
        steps = steer_frame(source, "score", curve=fit_score_curve(found.scores, found.labels))
        out = folder / "main.csv"
        draw(source, ParetoPps(n=LABELS, size="score", steps=steps), id="id", seed=seed, stage="main", out=out)
    request = EstimateRequest(
        statistic="proportion", column="label=violating", probability="_pi", calibrate=totals_path(out)
    )
    figure = estimate_file(out, request).figures[0]
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    return Run(seed, truth, figure.value, figure.low, figure.high, figure.positives or 0)


def write_scored(path: Path, seed: int) -> float:
    """A frame with labels in it, as people would give them; its true share."""
    from scipy.special import expit, ndtri  # type: ignore[import-untyped]

    rng = np.random.default_rng((seed, 5))
    label = rng.random(UNITS) < PREVALENCE
    latent = rng.normal(size=UNITS) + math.sqrt(2) * ndtri(AUC) * label
    score = expit(1.4 * latent - 4)
    cuts = np.quantile(latent, [0.9, 0.99, 0.999])
    missing = rng.random(UNITS) < 0.003
    rows = zip(
        range(UNITS),
        np.where(missing, "", score.astype(str)),
        np.where(missing, 0, np.searchsorted(cuts, latent)),
        np.where(label, "violating", "fine"),
        strict=True,
    )
    text = path.with_suffix(".csv")
    with text.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "score", "band", "label"), *rows])
    duckdb.execute(f"copy (select id, score::double as score, band, label from read_csv('{text}')) to '{path}'")
    text.unlink()
    return float(label.mean())
