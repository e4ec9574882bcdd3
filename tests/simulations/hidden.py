"""Sizes of populations whose size is known: `python -m tests.simulations.hidden [--full] [--out FILE]`.

Every unit of N is on each list by chance; the histories go through `estimate_hidden` as a user's would.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tests.simulations.page_forms import BySection
from tests.simulations.run_study import run_study
from tests.simulations.tally import Tally
from tools.errors import Declined
from tools.estimation.hidden import HiddenReport, Histories, estimate_hidden
from tools.estimation.hidden.histories import history_cells

FULL, SHOWN = 10_000, 2_000  # replicates of cells that decide, and of those that show what happens otherwise
SHARE = 0.01
STREAM = 7
SECTIONS = ("Independent lists", "Few recaptures, lists that depend on one another, lists with errors")
TITLE = "Sizes of hidden populations: how often the limits hold the truth"
READING = (
    "N units, each on the lists with the chances given; every replicate goes through `estimate_hidden`. *Selected*,"
    " *averaged* and so on are rows of its report; *range with sampling* is its range over odds ratios of ½ to 4 with"
    " the interval's own width. *No limits*: declined, or bounds instead of an estimate (fewer than 7 recaptures); for"
    " bounds coverage means N is not below the bound. *Width*: mean, over N. A cell that decides fails when the 99 %"
    " Wilson interval of its coverage lies wholly under 94 %; the others show what few"
    " recaptures, dependence and errors do. After the search among models *selected* is exploratory, and is shown;"
    " *averaged* decides."
)


@dataclass(frozen=True)
class Cell:
    """N units and the chance of each history, the empty one first."""

    name: str
    size: int
    chances: NDArray[np.float64]
    decides: bool
    counted: tuple[str, ...]
    precision: dict[str, float] = field(default_factory=dict)
    recall: float = 1.0
    corrected: bool = True


def independent(*p: float, odds: dict[tuple[int, int], float] | None = None) -> NDArray[np.float64]:
    """(2^T,) chances of histories: each list with its chance, pairs with these odds ratios, margins kept by fitting."""
    cells = np.vstack([np.zeros((1, len(p)), dtype=int), history_cells(len(p))])
    found: NDArray[np.float64] = np.ones(len(cells))
    for (a, b), ratio in (odds or {}).items():
        found *= np.where((cells[:, a] == 1) & (cells[:, b] == 1), ratio, 1.0)
    for _ in range(200):
        for place, share in enumerate(p):
            on = cells[:, place] == 1
            found = np.where(on, found * share / found[on].sum(), found * (1 - share) / found[~on].sum())
    return np.asarray(found / found.sum(), dtype=np.float64)


def mixed(*classes: tuple[float, tuple[float, ...]]) -> NDArray[np.float64]:
    """Units of several kinds, each with its own chances: heterogeneity."""
    return np.asarray(sum(share * independent(*p) for share, p in classes), dtype=np.float64)


def cells() -> list[Cell]:
    two, three = ("selected", "range with sampling"), ("selected", "averaged", "main effects", "sample coverage")
    lists, more = (0.3, 0.25, 0.2), (*three, "bound", "range with sampling")
    few = independent(0.05, 0.08)
    found = [
        Cell("two lists (.3, .4), N 500", 500, independent(0.3, 0.4), True, two),
        Cell("three lists (.3, .25, .2), N 2,000", 2_000, independent(*lists), True, three),
        Cell("two lists (.1, .1), N 2,000: 20 recaptures", 2_000, independent(0.1, 0.1), True, two),
        Cell("two lists (.05, .08), N 500: 2 recaptures", 500, few, True, ("bound",)),
        Cell(
            "two lists (.05, .08), N 2,000: 8 recaptures",
            2_000,
            few,
            False,
            ("selected", "bound", "selected or bound", "range with sampling"),
        ),
    ]
    for ratio in (0.5, 2.0, 4.0):
        chances = independent(0.3, 0.4, odds={(0, 1): ratio})
        found.append(Cell(f"two lists, odds ratio {ratio:g}, N 2,000", 2_000, chances, False, two))
    pair = independent(*lists, odds={(0, 1): 3.0})
    every = independent(*lists, odds=dict.fromkeys(combinations(range(3), 2), 2.0))
    kinds = mixed((0.7, (0.1, 0.1, 0.1)), (0.3, (0.5, 0.5, 0.5)))
    found += [
        Cell("three lists, one pair with odds ratio 3, N 2,000", 2_000, pair, False, more),
        Cell("three lists, every pair with odds ratio 2, N 2,000", 2_000, every, False, more),
        Cell("three lists, two kinds of units, N 2,000", 2_000, kinds, False, more),
    ]
    for corrected in (True, False):
        said = "corrected" if corrected else "not corrected"
        name = f"two lists (.3, .4), N 2,000, precision .9, linkage recall .85, {said}"
        precision = {"A": 0.9, "B": 0.9}
        found.append(
            Cell(name, 2_000, independent(0.3, 0.4), False, ("selected",), precision, 0.85, corrected=corrected)
        )
    return [
        *found,
        Cell("two lists (.3, .4), N 2,000", 2_000, independent(0.3, 0.4), True, two),
        Cell("three lists (.3, .25, .2), N 500", 500, independent(*lists), True, three),
        Cell("two lists (.3, .4), N 10,000", 10_000, independent(0.3, 0.4), True, two),
        Cell("three lists (.3, .25, .2), N 10,000", 10_000, independent(*lists), True, three),
    ]


def run_cell(cell: Cell, replicates: int) -> list[Tally]:
    """Replicate i is drawn with seed i and the cell's own numbers."""
    lists = len(cell.chances).bit_length() - 1
    names, table = tuple("ABCD"[:lists]), history_cells(lists)
    tallies = [Tally(cell.name, name, decides=cell.decides) for name in cell.counted]
    key = (STREAM, cell.size, round(1e6 * float(cell.chances[0])), cell.corrected)
    for seed in range(replicates):
        rng = np.random.default_rng((seed, *key))
        counts = rng.multinomial(cell.size, cell.chances)[1:].astype(np.float64)
        if cell.recall < 1:
            counts = _spoil(counts, cell, rng)
        options = {"precision": cell.precision, "linkage_recall": cell.recall} if cell.corrected else {}
        try:
            report = estimate_hidden(Histories(names, table, counts), **options)  # type: ignore[arg-type]
        except Declined:
            for tally in tallies:
                tally.decline()
            continue
        for tally in tallies:
            low, high = _limits(report, tally.limits)
            tally.add(low, high, cell.size, rival=cell.size)
    return tallies


def _spoil(counts: NDArray[np.float64], cell: Cell, rng: np.random.Generator) -> NDArray[np.float64]:
    """Two lists: links lost, wrong entries added so that each list has the precision."""
    second, first, both = counts
    lost = rng.binomial(int(both), 1 - cell.recall)
    second, first, both = second + lost, first + lost, both - lost
    wrong = [rng.poisson(n * (1 / cell.precision[name] - 1)) for name, n in (("A", first + both), ("B", second + both))]
    return np.array([second + wrong[1], first + wrong[0], both])


def _limits(report: HiddenReport, name: str) -> tuple[float | None, float | None]:
    if name == "range with sampling":
        spread = None if report.range is None else report.range.with_sampling
        return (None, None) if spread is None else (spread.low, spread.high)
    methods = {"averaged": "averaged", "main effects": "loglinear A+B+C", "sample coverage": "sample_coverage"}
    if name == "selected or bound":
        low, high = _limits(report, "selected")
        return (low, high) if low is not None else _limits(report, "bound")
    for figure in report.estimates:
        if name == "bound" and figure.role == "bound" and figure.low is not None:
            if figure.one_sided or figure.method == "chao_lower":
                return figure.low, float("inf")
        elif (name == "selected" and figure.role == "selected") or figure.method == methods.get(name):
            return figure.low, figure.high
    return None, None


def tallies(scale: float) -> Iterator[tuple[str, Tally]]:
    for cell in cells():
        section = SECTIONS[not cell.decides]
        for found in run_cell(cell, round(FULL * scale if cell.decides else min(SHOWN, FULL * scale / 2))):
            exploratory = "three" in cell.name and found.limits in ("selected", "sample coverage")
            yield section, replace(found, decides=found.decides and not exploratory)


if __name__ == "__main__":
    sys.exit(run_study("hidden", TITLE, READING, tallies, form=BySection(), full=FULL, share=SHARE))
