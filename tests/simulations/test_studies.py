"""The studies of hidden populations, change and monitoring at a printed fraction of their scale, by the same code."""

from __future__ import annotations

import pytest

from tests.simulations import change, hidden, monitoring

SHORT = 40


@pytest.fixture(autouse=True)
def said() -> None:
    print(f"{SHORT} of {hidden.FULL:,} replicates = {SHORT / hidden.FULL:.1%} of the full scale, seeds 0..{SHORT - 1}")


@pytest.mark.parametrize("cell", [cell for cell in hidden.cells() if cell.decides], ids=lambda cell: cell.name)
def test_independent_lists(cell: hidden.Cell) -> None:
    found = hidden.run_cell(cell, SHORT)
    assert not [row for row in found if row.failed]
    assert all(row.replicates == SHORT for row in found)


def test_dependence_breaks_the_interval_and_not_the_range() -> None:
    cell = next(cell for cell in hidden.cells() if "odds ratio 4" in cell.name)
    selected, spread = hidden.run_cell(cell, SHORT)
    assert selected.failed
    assert not spread.failed


@pytest.mark.parametrize("overlap", [False, True])
def test_change(overlap: bool) -> None:
    found = [change.independent(0.1, 0.12, 500, SHORT), change.overlapping(0.1, 0.12, 500, SHORT)]
    found += change.mix_and_rate(500, SHORT, overlap=overlap) + change.versions(500, 200, SHORT)
    assert not [row for row in found if row.failed]


def test_looking_every_day() -> None:
    found = [monitoring.shares(0.02, 50, SHORT), monitoring.weighted(0.02, 20, SHORT)]
    found.append(monitoring.nothing_happens("normal", SHORT, decides=True))
    assert not [row for row in found if row.failed]
    assert monitoring.daily_intervals(0.02, 50, SHORT).failed  # what the sequences are for


def test_chances_of_histories_keep_margins_and_odds() -> None:
    p = hidden.independent(0.3, 0.4, odds={(0, 1): 4.0})  # 00, 01, 10, 11
    assert p.sum() == pytest.approx(1)
    assert (p[2] + p[3], p[1] + p[3]) == (pytest.approx(0.3), pytest.approx(0.4))
    assert p[3] * p[0] / (p[1] * p[2]) == pytest.approx(4)
