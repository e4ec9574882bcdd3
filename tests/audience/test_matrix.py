"""Who may see what, on every surface: no secret out, and what may be shown is shown."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from evals.scorers.quiet import score_quiet
from tests.audience.case import Case, load_matrix
from tests.audience.examine import examine
from tests.audience.run_matrix import NOBODYS
from tests.audience.surfaces import show

CASES = load_matrix()
ROLES = {"lead", "analyst", "partner", "press", "strike_desk", "visitor"}


def name(surface: str, case: Case) -> str:
    return f"{surface}: {'+'.join(case.roles)} before {'+'.join(case.before) or 'nobody'}: {case.said}"


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name(*pair) for pair in CASES])
def test_case(case: Case, market: Path, places: dict[str, str], truth: duckdb.DuckDBPyConnection) -> None:
    shown = show(case, market, places)
    assert examine(case, shown, truth) == [], shown.text


def test_the_matrix_is_wide_and_does_not_only_refuse() -> None:
    """Printed with `-s`; `python -m tests.audience` runs and counts what came of each."""
    counts = Counter(surface for surface, _ in CASES)
    answered = Counter(surface for surface, case in CASES if case.expect == ("answer",))
    print({surface: f"{answered[surface]} of {n} must be answered" for surface, n in counts.items()})
    assert sum(counts.values()) >= 200
    assert all(answered[surface] / n >= 0.25 for surface, n in counts.items())
    shown = [case for _, case in CASES if case.expect == ("answer",) and (case.shows or case.words)]
    assert len(shown) >= 70
    assert {role for _, case in CASES for role in (*case.roles, *case.before)} >= ROLES
    assert len({(case.roles, case.before) for _, case in CASES}) >= 20


def test_what_nobody_may_know_is_in_no_byte_that_is_left_behind(
    market: Path, places: dict[str, str], truth: duckdb.DuckDBPyConnection
) -> None:
    """Texts revealed and read by a machine, SQL, conversations and charts, then every file of the workspace."""
    wanted = (
        "label reveal listing_5",
        "label import {labels}",
        "label run",
        "sellers by watch level",
        "sql select watch",
    )
    for case in [case for _, case in CASES if case.said.startswith(wanted)]:
        show(case, market, places)
    assert (market / ".transect" / "state.db").is_file()
    assert score_quiet(market, NOBODYS) == []
