"""Log-linear models of overlapping lists: from the counts to every size with its profile limits."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import numpy as np

from tests.bench.measure import seconds_of
from tests.bench.report import Measured
from tools.estimation.hidden import Histories, estimate_hidden, fit_hierarchical
from tools.estimation.hidden.histories import history_cells

SEED = 7


def measure_hidden(*, rounds: int = 5) -> Iterator[Measured]:
    """Three to six lists of 5,000 units; six are searched, for there are 32,768 models."""
    for lists in (3, 4, 5, 6):
        histories = _histories(lists)
        models = len(fit_hierarchical(histories, limits=False).fits)
        whole = median(seconds_of(lambda h=histories: estimate_hidden(h)) for _ in range(rounds))  # type: ignore[misc]
        points = median(
            seconds_of(lambda h=histories: fit_hierarchical(h, limits=False))  # type: ignore[misc]
            for _ in range(rounds)
        )
        detail = f"{models:,} models, {whole / models * 1000:.2f} ms each; without limits {points * 1000:.0f} ms"
        yield Measured("hidden population", f"{lists} lists, everything", whole, " s", None, detail)


def _histories(lists: int) -> Histories:
    """Counts of lists with chances .2 to .4, no cell empty in expectation."""
    cells = history_cells(lists)
    chance = np.linspace(0.2, 0.4, lists)
    expected = 5_000 * np.prod(np.where(cells == 1, chance, 1 - chance), axis=1)
    counts = np.random.default_rng(SEED).poisson(expected).astype(np.float64)
    return Histories(tuple("ABCDEF"[:lists]), cells, counts)


if __name__ == "__main__":
    for row in measure_hidden():
        print(f"{row.part}: {row.what}: {row.value:.3g}{row.unit} {row.detail}", flush=True)
