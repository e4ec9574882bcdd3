"""The coverage study at a printed fraction of its full scale, by the same code."""

from __future__ import annotations

import math

import pytest

from tests.simulations.__main__ import FULL, SHORT
from tests.simulations.cells import Cell, read_cells
from tests.simulations.coverage import Result, run_cell
from tests.simulations.populations import build_population
from tests.simulations.report import failed_cells, write_report


@pytest.fixture(scope="module")
def results() -> list[Result]:
    print(f"coverage at {SHORT}/{FULL} = {SHORT / FULL:.0%} of the full scale, seeds 0..{SHORT - 1}")
    return [run_cell(cell, replicates=SHORT) for cell in read_cells()]


def test_no_default_cell_fails(results: list[Result]) -> None:
    assert failed_cells(results) == []


def test_every_sample_has_an_interval(results: list[Result]) -> None:
    assert sum(r.undefined for r in results) == 0


def test_misses_and_hits_add_up(results: list[Result]) -> None:
    assert all(r.covered + r.too_low + r.too_high == r.replicates for r in results)


def test_enough_positives_are_never_much_wider_than_the_true_effective_n(results: list[Result]) -> None:
    """1.05 is the rule; with fewer than 30 effective positives the t quantile and the floor cost more."""
    for r in results:
        effect = 1 + (r.cell.size - 1) * r.cell.icc
        if r.cell.purpose == "default" and r.cell.expected_positives / effect >= 30 and r.cell.n > 500:
            assert r.width <= 1.05, r.cell


def test_the_report_shows_every_cell(results: list[Result]) -> None:
    report = write_report(results, run={"seeds": "0.."})
    assert all(f"| {r.cell.name} | {r.cell.prevalence:g} | {r.cell.n} |" in report for r in results)


def test_classes_follow_the_rule() -> None:
    for cell in read_cells():
        assert (cell.kind == "common") == (cell.expected_positives >= 20 - 1e-9)


def test_expected_positives_are_those_of_the_population() -> None:
    for cell in read_cells():
        assert build_population(cell).positives == pytest.approx(cell.expected_positives, rel=0.01)


def test_every_design_prevalence_and_size_is_there() -> None:
    there = {(c.design, c.prevalence, c.n) for c in read_cells() if c.purpose == "default"}
    designs = ("simple", "stratified", "score bands", "cluster", "two stages", "by score")
    assert there == {(d, p, n) for d in designs for p in (0.1, 0.01, 0.001, 0.0001) for n in (500, 2_000, 10_000)}


def test_a_method_that_undercovers_would_fail() -> None:
    cell = Cell("simple", 0, 1, 0.01, 500, "rare", "default")
    result = Result(cell, 400, 340, 50, 10, 0, 0, 1.0, 1.0, {"wald": 400})
    assert result.failed
    assert failed_cells([result]) == ["simple, prevalence 0.01, n 500"]
    assert not math.isnan(result.coverage)
