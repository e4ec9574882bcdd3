"""Statements that nobody wrote: what the guard lets through is what DuckDB, too, reads of visible tables only."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.corpus.grammar import Grammar
from tests.warehouse.corpus.place import make_place, plain_database
from tests.warehouse.corpus.raw import has_canary
from tools.access import Asker
from tools.errors import Declined, InvalidInput
from tools.warehouse import open_warehouse
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import load_workspace

VISIBLE = {"users", "events", "v_users", "notes", "wide", "huge"}


@pytest.mark.parametrize("role", ["analyst", "careful"])
def test_guard_and_engine_agree_on_two_hundred_statements(role: str, tmp_path: Path) -> None:
    throw(200, seed=11, role=role, folder=tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("role", ["analyst", "careful"])
def test_guard_and_engine_agree_on_five_thousand_statements(role: str, tmp_path: Path) -> None:
    throw(5_000, seed=12, role=role, folder=tmp_path)


def throw(number: int, *, seed: int, role: str, folder: Path) -> None:
    """Each one is answered or refused in our words; nothing hidden comes out and no file of the place changes."""
    place = make_place(folder / "w")
    warehouse, asker = open_warehouse(load_workspace(place)), Asker("p1", (role,))
    warehouse.run_untrusted("select 1", asker=asker)
    (folder / "plain").mkdir()
    outcomes: Counter[str] = Counter()
    before = contents(place)
    with plain_database(folder / "plain") as plain:
        for text in Grammar(seed).statements(number):
            sql = text.replace("{data}", str(place / "data"))
            outcome, said = ask(warehouse, sql, asker)
            outcomes[outcome] += 1
            assert not has_canary(without(said, sql)), sql
            if outcome == "ok":
                assert tables_by_duckdb(plain, sql) <= VISIBLE, sql
    assert contents(place) == before
    assert warehouse.run_untrusted("select count(*) from users", asker=asker).rows == [(1200,)]
    assert min(outcomes["ok"], outcomes["declined"]) > number / (20 if role == "analyst" else 200), outcomes


def ask(warehouse: DuckDBWarehouse, sql: str, asker: Asker) -> tuple[str, str]:
    """How it ended and all that was said; any other error than a refusal ends the test."""
    try:
        found = warehouse.run_untrusted(sql, asker=asker)
    except (Declined, InvalidInput) as refused:
        return "declined" if isinstance(refused, Declined) else "error", repr(refused.to_dict())
    return "ok", repr((found.columns, found.rows))


def without(said: str, sql: str) -> str:
    """What was said, without the words of the statement itself."""
    import re

    words = {word.lower() for word in re.findall(r"\w+", sql)}
    return " ".join(word for word in re.findall(r"\w+", said) if word.lower() not in words)


def tables_by_duckdb(plain: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The tables that DuckDB's own function names, on a database that holds visible tables only."""
    try:
        return {name.split(".")[-1].strip('"').lower() for name in plain.get_table_names(sql)}
    except duckdb.Error:  # a PIVOT without values is several statements to it
        return set()


def contents(place: Path) -> dict[str, str]:
    """Every file of the data, by hash."""
    files = [*(place / "data").rglob("*"), *(place / ".transect" / "roles").rglob("*.duckdb")]
    return {str(file): sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


def test_the_same_seed_makes_the_same_statements() -> None:
    assert list(Grammar(3).statements(50)) == list(Grammar(3).statements(50))
    assert len(set(Grammar(3).statements(500))) > 400
