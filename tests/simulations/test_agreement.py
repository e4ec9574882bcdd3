"""Coverage of the agreement intervals at a printed fraction of its full scale, by the same code."""

from __future__ import annotations

import pytest

from tests.simulations.agreement import CELLS, FULL, SHORT, Tally, run_cell, write_report


@pytest.fixture(scope="module")
def tallies() -> list[Tally]:
    print(f"agreement at {SHORT}/{FULL} = {SHORT / FULL:.1%} of the full scale, seeds 0..{SHORT - 1}")
    return [tally for cell in CELLS for tally in run_cell(cell, replicates=SHORT)]


def test_no_interval_fails(tallies: list[Tally]) -> None:
    assert [(each.cell.name, each.cell.items, each.metric) for each in tallies if each.failed] == []


def test_every_replicate_is_counted(tallies: list[Tally]) -> None:
    assert all(len(each.widths) + each.undefined == SHORT for each in tallies)
    assert sum(each.undefined for each in tallies) == 0


def test_intervals_say_something(tallies: list[Tally]) -> None:
    """An interval of [-1, 1] covers and proves nothing: with 200 items widths stay below a half."""
    assert all(sum(each.widths) / SHORT < 0.5 for each in tallies if each.cell.items >= 200)


def test_the_report_shows_every_cell(tallies: list[Tally]) -> None:
    report = write_report(tallies, run={"seeds": "0.."})
    assert all(f"| {each.cell.name} | {each.cell.items:,} | {each.metric} |" in report for each in tallies)


def test_an_interval_that_undercovers_would_fail() -> None:
    tally = Tally(CELLS[0], "gwet_ac1", 0.5, below=30, above=10, widths=[0.1] * 400)
    assert tally.failed
    assert "| fail |" in write_report([tally], run={})
