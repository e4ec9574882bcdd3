"""Run one cell: how often the default interval holds the truth, and how wide it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tests.simulations.cells import Cell
from tests.simulations.populations import build_population
from tools.estimation import estimate_proportion
from tools.estimation.intervals import clopper_pearson, wilson

LEVEL = 0.95
STREAM = 2  # samples that no constant of the estimators was set on
FLOOR = LEVEL - 0.01
WIDTH_LIMIT = {"common": 1.05, "rare": 1.30}


@dataclass(frozen=True)
class Result:
    """What `replicates` samples of a cell gave.

    Attributes:
        covered, too_low, too_high: replicates whose interval holds, lies below, lies above the truth.
        none: replicates without a positive (one-sided bound). undefined: without an interval.
        width: mean width over that of Clopper-Pearson at the true effective n, over replicates with a positive;
            width_all: over all of them, the design bound among them. NaN when there are none.
        methods: how often each interval was chosen.
    """

    cell: Cell
    replicates: int
    covered: int
    too_low: int
    too_high: int
    none: int
    undefined: int
    width: float
    width_all: float
    methods: dict[str, int]

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
        return self.monte_carlo[1] < FLOOR

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the rules ask to be said beside pass or fail."""
        found = []
        low, high = self.monte_carlo
        if self.cell.kind == "common" and low > 0.97:
            found.append("over 97 %")
        if self.cell.kind == "rare" and high < LEVEL:
            found.append("under 95 %")
        limit = WIDTH_LIMIT[self.cell.kind]
        if self.width > limit:
            found.append(f"width over {limit:g}")
        return tuple(found)


def run_cell(cell: Cell, *, replicates: int) -> Result:
    """Replicate i is drawn with seed i and the cell's own numbers; the interval is the public default."""
    population = build_population(cell)
    methods = dict[str, int]()
    covered = low_misses = high_misses = none = undefined = 0
    widths, rivals, with_positive = [], [], []
    stream = (STREAM, round(1e6 * cell.prevalence), cell.n, cell.size, round(1000 * cell.icc), len(cell.design))
    for seed in range(replicates):
        drawn = population.draw(np.random.default_rng((seed, *stream)))
        found, truth = estimate_proportion(drawn.totals, design=drawn.design, level=LEVEL), drawn.truth
        if found.low is None or found.high is None or found.value is None:
            undefined += 1
            continue
        covered += found.low <= truth <= found.high
        low_misses += found.high < truth
        high_misses += found.low > truth
        none += found.positives == 0
        methods[found.method] = methods.get(found.method, 0) + 1
        widths.append(found.high - found.low)
        rivals.append(_rival(found.value, population.n_eff))
        with_positive.append(found.positives != 0)
    seen = np.array(with_positive)
    return Result(
        cell,
        replicates,
        covered,
        low_misses,
        high_misses,
        none,
        undefined,
        _ratio(np.array(widths)[seen], np.array(rivals)[seen]),
        _ratio(np.array(widths), np.array(rivals)),
        methods,
    )


def _rival(p: float, n_eff: float) -> float:
    """Width of Clopper-Pearson at the true effective n, one-sided without a positive."""
    if p == 0:
        return -math.expm1(math.log(1 - LEVEL) / n_eff)
    limits = clopper_pearson(min(p, 1.0) * n_eff, n_eff, level=LEVEL)
    return limits.high - limits.low


def _ratio(widths: np.ndarray, rivals: np.ndarray) -> float:
    return float(widths.mean()) / float(rivals.mean()) if len(widths) else math.nan
