"""Who may see what, on every surface: no secret out, and what may be shown is shown."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.audience.case import Case, load_matrix
from tests.audience.examine import examine
from tests.audience.surfaces import show

CASES = load_matrix()


@pytest.mark.parametrize(
    "case",
    [case for _, case in CASES],
    ids=[f"{s}: {c.said} ({'+'.join(c.roles)}/{'+'.join(c.before)})" for s, c in CASES],
)
def test_case(case: Case, market: Path, truth: duckdb.DuckDBPyConnection) -> None:
    shown = show(case, market)
    assert examine(case, shown, truth) == [], shown.text
