"""Every case of the matrix, once, in a market place of its own: what came of each, and what was left behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from evals.scorers.quiet import score_quiet
from tests.audience.case import Case, load_matrix
from tests.audience.examine import examine, find_leaks
from tests.audience.market import build_market, write_places
from tests.audience.surfaces import show

NOBODYS = ("osprey-lattice", "saffron-plover", "wheatear")
"""Secrets of which no role may know: in no byte that is left behind."""


@dataclass(frozen=True)
class Result:
    """One case: how it ended, what was wrong, and whether a secret came out."""

    surface: str
    case: Case
    outcome: str
    problems: tuple[str, ...]
    leaked: bool


def run_matrix(folder: Path) -> tuple[list[Result], list[str]]:
    """The results in file order, and the places in the workspace that hold what nobody may know."""
    market = build_market(folder / "market")
    shutil.copyfile(market / "data" / "warehouse.duckdb", folder / "truth.duckdb")
    places = write_places(folder / "places")
    with duckdb.connect(str(folder / "truth.duckdb"), read_only=True) as truth:
        results = list(_results(market, places, truth, folder))
    return results, score_quiet(market, NOBODYS)


def _results(market: Path, places: dict[str, str], truth: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[Result]:
    for number, (surface, case) in enumerate(load_matrix()):
        shown = show(case, market, {**places, "out": str(folder / f"drawn-{number}.csv")})
        leaks = find_leaks(case, shown, truth)
        yield Result(surface, case, shown.outcome, tuple(examine(case, shown, truth)), bool(leaks))
