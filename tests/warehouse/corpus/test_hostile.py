"""SQL that wants to do harm: nothing hidden comes out, nothing changes, and the next statement works."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.corpus.place import Statement, read_corpus
from tests.warehouse.corpus.raw import Unguarded, has_canary
from tools.access import Asker
from tools.errors import Declined, InvalidInput, TransectError
from tools.state import open_state
from tools.warehouse import open_warehouse
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.warehouse.layers import Layers
from tools.workspace import load_workspace

HOSTILE = read_corpus("hostile.txt")
HEAVY = ("too much memory", "too much time")
QUICK = [each for each in HOSTILE if not each.group.startswith(HEAVY)]
SLOW = [each for each in HOSTILE if each.group.startswith(HEAVY)]
ANALYST = Asker("p1", ("analyst",))
ATTACKS = (
    "files",
    "network",
    "writes",
    "changes",
    "hidden tables",
    "names that shadow",
    "macros",
    "disguises",
    "SQL in",
)


@pytest.fixture
def own(place: Path, tmp_path: Path) -> Path:
    """A copy of the place that a test may look at alone."""
    return Path(shutil.copytree(place, tmp_path / "w", ignore=shutil.ignore_patterns(".transect")))


def test_the_corpus_is_large() -> None:
    assert len(HOSTILE) >= 300
    assert len({each.group for each in HOSTILE}) >= 20


def test_each_statement_does_on_duckdb_what_its_class_says(tmp_path: Path) -> None:
    """A corpus of typing errors would prove nothing."""
    unguarded, wrong = Unguarded(tmp_path), []
    for each in QUICK:
        expected = each.group.rpartition(" | ")[2]
        found = unguarded.effect(each.sql) if expected != "parses" else "parses"
        if found != expected and (found, expected) != ("leaks", "runs"):
            wrong.append((expected, found, each.sql))
    assert wrong == []


def test_nothing_hidden_comes_out_and_nothing_changes(own: Path) -> None:
    warehouse = open_warehouse(load_workspace(own))
    warehouse.run_untrusted("select 1", asker=ANALYST)
    before = contents(own)
    outcomes: Counter[str] = Counter()
    for each in QUICK:
        outcome, said = run(warehouse, each, own)
        outcomes[outcome] += 1
        assert not has_canary(said), each.sql
    assert contents(own) == before
    assert outcomes["ok"] < 100  # whole rows and stars run, and show what may be seen
    assert outcomes["declined"] > 500
    assert outcomes["failed"] == 0
    assert not has_canary(audit_without_texts(own))
    assert warehouse.run_untrusted("select count(*) from users", asker=ANALYST).rows == [(1200,)]


@pytest.mark.parametrize("heavy", SLOW[::6], ids=lambda each: each.sql[:60])
def test_a_statement_that_would_take_everything_ends_soon(heavy: Statement, place: Path) -> None:
    ends_soon(heavy, place)


@pytest.mark.soak
@pytest.mark.parametrize("heavy", SLOW, ids=lambda each: each.sql[:60])
def test_every_statement_that_would_take_everything_ends_soon(heavy: Statement, place: Path) -> None:
    ends_soon(heavy, place)


def ends_soon(heavy: Statement, place: Path) -> None:
    """Within twice its deadline, and the next statement works."""
    import time

    warehouse = open_warehouse(load_workspace(place))
    warehouse.run_untrusted("select 1", asker=ANALYST)
    begun = time.monotonic()
    outcome, _ = run(warehouse, heavy, place)
    assert time.monotonic() - begun < 6.5  # limits.seconds is 3
    assert outcome in ("declined", "error", "ok")
    assert warehouse.run_untrusted("select count(*) from users", asker=ANALYST).rows == [(1200,)]


ABLATIONS = {
    "projection": Layers(projection=False),
    "engine tree": Layers(engine_tree=False),
    "second parser": Layers(second_parser=False),
    "both parsers": Layers(engine_tree=False, second_parser=False),
    "locked engine": Layers(locked=False),
    "confined process": Layers(confined=False),
}


@pytest.mark.parametrize("name", ABLATIONS)
def test_without_any_one_layer_the_others_hold(name: str, own: Path) -> None:
    warehouse = DuckDBWarehouse(load_workspace(own), layers=ABLATIONS[name])
    warehouse.run_untrusted("select 1", asker=ANALYST)
    before = contents(own)
    for each in QUICK:
        if each.group.startswith(ATTACKS):
            _, said = run(warehouse, each, own)
            assert not has_canary(said), each.sql
    assert contents(own) == before


def run(warehouse: DuckDBWarehouse, each: Statement, place: Path, *, asker: Asker = ANALYST) -> tuple[str, str]:
    """How it ended, and everything that was said, without the words of the statement itself."""
    sql = each.sql.replace("{data}", str(place / "data"))
    try:
        found = warehouse.run_untrusted(sql, asker=asker)
    except TransectError as error:
        words = {word.lower() for word in parts(sql)}
        said = " ".join(word for word in parts(repr(error.to_dict())) if word.lower() not in words)
        outcome = "declined" if isinstance(error, Declined) else "error"
        return outcome if isinstance(error, Declined | InvalidInput) else "failed", said
    return "ok", repr((found.columns, found.rows))


def parts(text: str) -> Iterator[str]:
    import re

    yield from re.findall(r"\w+", text)


def contents(place: Path) -> dict[str, str]:
    """Every file of the warehouse and of the projections, by hash."""
    files = [*(place / "data").rglob("*"), *(place / ".transect" / "roles").rglob("*.duckdb")]
    return {str(file.relative_to(place)): sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


def audit_without_texts(place: Path) -> str:
    """The audit lines of the place, without the statements that people wrote."""
    with open_state(load_workspace(place)).snapshot() as connection:
        lines = connection.exec_driver_sql("select detail from audit").all()
    import json

    return repr([{k: v for k, v in json.loads(line[0]).items() if k != "sql"} for line in lines])


def test_duckdb_is_the_one_that_was_measured() -> None:
    assert duckdb.__version__.startswith("2.")
