"""Coverage of the agreement intervals: `python -m tests.simulations.agreement [--full] [--out FILE]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.simulations.__main__ import commit_of
from tools.estimation.agreement.item_bootstrap import Resampling
from tools.estimation.intervals import wilson
from tools.estimation.tables import Floats, Ints
from tools.figure import Figure
from tools.labeling import LabelTable, Scale
from tools.labeling.coefficients import measure_coefficients

FULL, SHORT = 10_000, 80
REPLICATIONS = 500
LEVEL = 0.95
FLOOR = LEVEL - 0.01
LARGE = 1_000_000  # items that stand for the population
STREAM = 3


@dataclass(frozen=True)
class Cell:
    """One way of labelling.

    Attributes:
        items: drawn in each replicate. raters: of whom each leaves an item out with probability `missing`.
        prevalence: of the true labels. right: how often a label is the true one; else another, all alike, or on a scale
            a neighbouring one. hard: share of items on which raters are right half as often.
        small: fewer than ten items with a disagreement are expected, where at least 95 % is the target.
    """

    name: str
    items: int
    raters: int
    prevalence: tuple[float, ...]
    right: float
    missing: float = 0.0
    hard: float = 0.0
    scale: Scale = "nominal"
    small: bool = False


CELLS = (
    Cell("three labels", 50, 3, (0.5, 0.3, 0.2), 0.8),
    Cell("three labels", 200, 3, (0.5, 0.3, 0.2), 0.8, 0.1),
    Cell("three labels", 1_000, 3, (0.5, 0.3, 0.2), 0.8, 0.1),
    Cell("a rare label, two raters", 200, 2, (0.95, 0.05), 0.97),
    Cell("a rare label, two raters", 1_000, 2, (0.95, 0.05), 0.97),
    Cell("hard items, two raters", 50, 2, (0.5, 0.5), 0.9, 0.0, 0.2),
    Cell("hard items, two raters", 200, 2, (0.5, 0.5), 0.9, 0.0, 0.2),
    Cell("five ranks, four raters", 50, 4, (0.3, 0.3, 0.2, 0.1, 0.1), 0.7, 0.2, 0.1, "ordinal"),
    Cell("five ranks, four raters", 200, 4, (0.3, 0.3, 0.2, 0.1, 0.1), 0.7, 0.2, 0.1, "ordinal"),
    Cell("amounts, three raters", 200, 3, (0.3, 0.3, 0.2, 0.1, 0.1), 0.7, 0.2, 0.0, "interval"),
    Cell("hardly a disagreement", 50, 2, (0.7, 0.3), 0.99, small=True),
    Cell("hardly a disagreement", 1_000, 2, (0.7, 0.3), 0.999, small=True),
)


@dataclass
class Tally:
    """What `metric` gave in a cell: intervals that lie below and above the truth, their widths, and none at all."""

    cell: Cell
    metric: str
    truth: float
    below: int = 0
    above: int = 0
    undefined: int = 0
    one_sided: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        if figure.low is None or figure.high is None:
            self.undefined += 1
            return
        self.below += figure.high < self.truth
        self.above += figure.low > self.truth
        self.one_sided += figure.one_sided
        self.widths.append(figure.high - figure.low)

    @property
    def coverage(self) -> float:
        return 1 - (self.below + self.above) / len(self.widths)

    @property
    def monte_carlo(self) -> tuple[float, float]:
        """99 % Wilson interval of the coverage."""
        limits = wilson(self.coverage, len(self.widths), level=0.99)
        return limits.low, limits.high

    @property
    def failed(self) -> bool:
        return self.monte_carlo[1] < FLOOR


def run_cell(cell: Cell, *, replicates: int) -> list[Tally]:
    """Replicate i is drawn with seed i, and so is its bootstrap; each coefficient has a tally."""
    tallies = [Tally(cell, each.metric, each.value) for each in _truth(cell) if each.value is not None]
    for seed in range(replicates):
        figures = _figures(cell, draw(cell, cell.items, np.random.default_rng((seed, STREAM))), seed, REPLICATIONS)
        for tally, figure in zip(tallies, figures, strict=True):
            tally.add(figure)
    return tallies


def _truth(cell: Cell) -> Sequence[Figure]:
    """The coefficients of a million items, which the code under test gives; tests check its values elsewhere."""
    return _figures(cell, draw(cell, LARGE, np.random.default_rng(STREAM)), 0, 100)


def _figures(cell: Cell, table: LabelTable, seed: int, replications: int) -> Sequence[Figure]:
    return measure_coefficients(table, scale=cell.scale, how=Resampling(LEVEL, replications, seed)).figures


def draw(cell: Cell, items: int, rng: np.random.Generator) -> LabelTable:
    """Items labelled afresh; those that nobody labelled are left out."""
    k = len(cell.prevalence)
    true = rng.choice(k, items, p=cell.prevalence)
    right = np.where(rng.random(items) < cell.hard, cell.right / 2, cell.right)
    said = np.stack([_say(cell, true, right, rng) for _ in range(cell.raters)])
    rater, item = np.nonzero(rng.random(said.shape) >= cell.missing)
    labelled, code = np.unique(item, return_inverse=True)
    names = tuple(str(i + 1) for i in range(k))
    used, label = np.unique(said[rater, item], return_inverse=True)
    raters = tuple(f"r{i}" for i in range(cell.raters))
    return LabelTable(tuple(map(str, labelled)), raters, tuple(names[i] for i in used), code, rater, label)


def _say(cell: Cell, true: Ints, right: Floats, rng: np.random.Generator) -> Ints:
    k = len(cell.prevalence)
    if cell.scale == "nominal":
        other = (true + rng.integers(1, k, len(true))) % k
    else:
        other = np.clip(true + rng.choice([-1, 1], len(true)), 0, k - 1)
    return np.where(rng.random(len(true)) < right, true, other)


def write_report(tallies: Sequence[Tally], *, run: dict[str, str]) -> str:
    """Both classes of cells, and what failed."""
    parts = ["# Coverage of the agreement intervals\n\n", *(f"- {key}: {value}\n" for key, value in run.items())]
    parts.append(
        "\nItems are drawn afresh in each replicate; the truth is the coefficient of a million items. Each interval is"
        f" that of the product at level {LEVEL:g}, with {REPLICATIONS} bootstrap draws of items instead of 2,000. A row"
        " fails when the 99 % Wilson interval of its coverage lies wholly below 94 %; cells were sorted in"
        " `tests/simulations/agreement.py` before the run. *Below / above*: intervals wholly below or above the truth."
        " *One-sided*: nobody disagreed. *Undefined*: one label occurred, so there is no coefficient and no interval;"
        " not counted in the coverage.\n"
    )
    for title, small in (
        ("Ten items with a disagreement or more expected (94 % and more)", False),
        ("Fewer (at least 95 %, no upper limit)", True),
    ):
        parts.append(f"\n## {title}\n\n{_HEAD}")
        parts += [_row(each) for each in tallies if each.cell.small == small]
    failed = [each for each in tallies if each.failed]
    parts.append(f"\n{len(tallies) - len(failed)} of {len(tallies)} rows pass.\n")
    return "".join(parts)


_HEAD = (
    "| labelling | items | coefficient | truth | coverage % (99 % Monte Carlo) | below / above % | mean width |"
    " one-sided % | undefined % | verdict |\n" + "|---" * 10 + "|\n"
)


def _row(tally: Tally) -> str:
    n, (low, high) = len(tally.widths), tally.monte_carlo
    return (
        f"| {tally.cell.name} | {tally.cell.items:,} | {tally.metric} | {tally.truth:.4f} |"
        f" {100 * tally.coverage:.2f} ({100 * low:.2f}-{100 * high:.2f}) |"
        f" {100 * tally.below / n:.2f} / {100 * tally.above / n:.2f} | {np.mean(tally.widths):.3f} |"
        f" {100 * tally.one_sided / n:.1f} | {100 * tally.undefined / (n + tally.undefined):.1f} |"
        f" {'fail' if tally.failed else 'pass'} |\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulations.agreement", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} replicates a cell instead of {SHORT}")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    options = parser.parse_args()
    replicates, started, commit = FULL if options.full else SHORT, time.perf_counter(), commit_of()
    tallies: list[Tally] = []
    for number, cell in enumerate(CELLS, 1):
        tallies += run_cell(cell, replicates=replicates)
        run = {
            "commit": commit,
            "command": "python -m tests.simulations.agreement" + (" --full" if options.full else ""),
            "scale": f"{replicates:,} replicates a cell, {replicates / FULL:.1%} of the full scale",
            "cells": f"{number} of {len(CELLS)}",
            "seeds": f"0..{replicates - 1} in every cell",
            "duration": f"{time.perf_counter() - started:.0f} s on one core",
        }
        print(f"{cell.name}, {cell.items}: {tallies[-1].coverage:.4f}", file=sys.stderr, flush=True)
        if options.out:  # after each cell: a run that is stopped leaves what it has
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(write_report(tallies, run=run), encoding="utf-8")
    if not options.out:
        print(write_report(tallies, run=run))
    return 1 if any(each.failed for each in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
