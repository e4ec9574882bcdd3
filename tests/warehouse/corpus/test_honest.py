"""Unusual SQL that harms nobody runs, and gives what DuckDB gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.corpus.place import Statement, plain_database, read_corpus
from tools.access import Asker
from tools.warehouse import open_warehouse
from tools.workspace import load_workspace

HONEST = read_corpus("honest.txt")
ANALYST = Asker("p1", ("analyst",))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with plain_database(tmp_path_factory.mktemp("plain")) as connection:
        yield connection


def test_the_corpus_is_large() -> None:
    assert len(HONEST) >= 150
    assert len({each.group for each in HONEST}) >= 12


@pytest.mark.parametrize("honest", HONEST, ids=lambda each: each.sql[:70])
def test_honest_sql_runs_and_gives_what_duckdb_gives(
    honest: Statement, place: Path, plain: duckdb.DuckDBPyConnection
) -> None:
    found = open_warehouse(load_workspace(place)).run_untrusted(honest.sql, asker=ANALYST)
    expected = texts(plain, honest.sql)
    assert len(found.columns) == len(expected[0])
    if honest.mark == "~":
        return
    assert found.columns == expected[0]
    if not found.truncated:
        assert len(found.rows) == len(expected[1])
        ordered = "order by" in honest.sql.lower()
        ours, theirs = [repr(row) for row in found.rows], [repr(row) for row in expected[1]]
        assert ours == theirs if ordered else sorted(ours) == sorted(theirs)


def texts(plain: duckdb.DuckDBPyConnection, sql: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """What DuckDB gives; times with a zone as wall-clock times, because its client has no zones without pytz."""
    described = plain.execute(sql).description or []
    names = tuple(str(each[0]) for each in described)
    kinds = [str(each[1]) for each in described]
    zone = "TIMESTAMP WITH TIME ZONE"
    if any(zone in kind for kind in kinds):
        shown = ", ".join(
            f"c{i}::{kind.replace(zone, 'TIMESTAMP')}" if zone in kind else f"c{i}" for i, kind in enumerate(kinds)
        )
        columns = ", ".join(f"c{i}" for i in range(len(kinds)))
        return names, plain.execute(f"select {shown} from ({sql}\n) q({columns})").fetchall()
    return names, plain.execute(sql).fetchall()
