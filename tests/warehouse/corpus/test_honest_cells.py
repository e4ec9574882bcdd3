"""Aggregations for a role that sees no small cells: all are answered, and what is shown is what DuckDB gives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.corpus.place import plain_database, read_corpus
from tools.access import Asker
from tools.warehouse import open_warehouse
from tools.workspace import load_workspace

HONEST = read_corpus("honest_cells.txt")
CAREFUL = Asker("p1", ("careful",))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with plain_database(tmp_path_factory.mktemp("plain")) as connection:
        yield connection


def test_the_corpus_is_large() -> None:
    assert len(HONEST) >= 60


def test_every_statement_is_answered_one_after_the_other(
    place: Path, plain: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """By one role, so that what was answered before counts."""
    shutil.copytree(place, tmp_path / "w", ignore=shutil.ignore_patterns("state.db*"))
    warehouse = open_warehouse(load_workspace(tmp_path / "w"))
    for honest in HONEST:
        found = warehouse.run_untrusted(honest.sql, asker=CAREFUL)
        assert found.rows, honest.sql
        described = plain.execute(honest.sql).description or []
        assert found.columns == tuple(str(each[0]) for each in described), honest.sql
        if "joined" not in honest.sql and "over" not in honest.sql:
            expected = {repr(row) for row in rounded(plain.execute(honest.sql).fetchall())}
            shown = [repr(row) for row in rounded(found.rows) if None not in row]
            assert "limit" in honest.sql or set(shown) <= expected, honest.sql


def rounded(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Sums of floats differ in their last digits with the order of adding."""
    return [tuple(round(value, 6) if isinstance(value, float) else value for value in row) for row in rows]
