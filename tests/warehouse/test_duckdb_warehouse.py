"""The DuckDB warehouse: what compiled SQL returns, and what is said when the file is not as it should be."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tools.access import Asker
from tools.errors import InvalidInput, TransectError
from tools.warehouse import Warehouse, open_warehouse
from tools.workspace import Workspace, load_workspace

ANALYST = Asker("p1", ("analyst",))


def fresh(root: Path, sql: str = "create table t as select 1 as a") -> Workspace:
    """A workspace of its own, to be broken."""
    (root / "transect.toml").write_text(
        '[warehouse]\nurl = "duckdb:w.duckdb"\n[access.roles.analyst]\ntables = ["t"]\nmin_cell = 1\n'
    )
    build(root / "w.duckdb", sql)
    return load_workspace(root)


def build(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def test_compiled_sql_returns_rows_and_a_receipt(workspace: Workspace) -> None:
    warehouse: Warehouse = open_warehouse(workspace)
    sql = "select id, country from users where id < $n order by id"
    found = warehouse.run_compiled(sql, {"n": 2}, asker=ANALYST)
    assert found.columns == ("id", "country")
    assert found.rows == [(0, "US"), (1, "NO")]
    assert (found.receipt.sql, found.receipt.row_count, found.truncated) == (sql, 2, False)
    assert found.receipt.fingerprint == warehouse.fingerprint()
    assert found.receipt.seconds >= 0
    assert warehouse.run_compiled("select ? + ?", (1, 2), asker=ANALYST).rows == [(3,)]


def test_equal_receipts_mean_equal_statements_on_equal_data(workspace: Workspace) -> None:
    warehouse = open_warehouse(workspace)

    def receipt(sql: str, params: Any = ()) -> str:
        return warehouse.run_compiled(sql, params, asker=ANALYST).receipt.id

    assert receipt("select ?", (1,)) == receipt("select ?", (1,))
    assert (
        len({receipt("select ?", (1,)), receipt("select ?", (2,)), receipt("select  ?", (1,)), receipt("select 1")})
        == 4
    )


def test_times_with_a_zone_are_wall_clock_times_of_the_workspace(workspace: Workspace) -> None:
    found = open_warehouse(workspace).run_compiled(
        "select joined, joined::date::varchar, [joined] from users where id = ?", (1,), asker=ANALYST
    )
    local = datetime(2025, 12, 31, 21)  # 02:00 UTC in New York
    assert found.columns[0] == "joined"
    assert found.rows == [(local, "2025-12-31", [local])]


def test_the_tables_are_listed_with_their_columns(workspace: Workspace) -> None:
    tables = open_warehouse(workspace).tables()
    assert set(tables) == {
        "users",
        "messages",
        "spread",
        "huge",
        "secret",
        "v_users",
        "v_secret",
        "other.notes",
        "other.secret",
    }
    assert tables["v_users"] == {"id": "BIGINT", "email": "VARCHAR", "country": "VARCHAR"}
    assert tables["users"]["joined"] == "TIMESTAMP WITH TIME ZONE"


def test_one_warehouse_per_file_in_a_process(workspace: Workspace) -> None:
    assert open_warehouse(workspace) is open_warehouse(load_workspace(workspace.root))


@pytest.mark.parametrize(
    "sql",
    [
        "create table t (a int)",
        "insert into users values (1)",
        "drop table users",
        "attach 'other.duckdb'",
        "copy users to 'users.csv'",
        "select * from read_csv('/etc/hostname')",
        "install httpfs",
        "set memory_limit = '4GB'",
        "set lock_configuration = false",
        "select * from pandas_frame",
    ],
)
def test_even_trusted_sql_cannot_write_or_leave(workspace: Workspace, sql: str) -> None:
    pandas_frame = [1, 2, 3]  # a Python variable of that name is not a table
    with pytest.raises(TransectError) as raised:
        open_warehouse(workspace).run_compiled(sql, asker=ANALYST)
    assert raised.value.code == "query_failed"
    assert raised.value.value == sql
    assert len(pandas_frame) == 3


def test_threads_share_a_warehouse(workspace: Workspace) -> None:
    warehouse = open_warehouse(workspace)
    found: list[Any] = []

    def ask(n: int) -> None:
        for _ in range(20):
            rows = warehouse.run_compiled("select count(*) from messages where mid < ?", (n,), asker=ANALYST).rows
            found.append((n, rows[0][0]))

    threads = [threading.Thread(target=ask, args=(n,)) for n in (1, 10, 100, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(found)) == [(n, n) for n in (1, 10, 100, 1000)]
    assert len(found) == 80


def test_a_rebuilt_warehouse_is_noticed(tmp_path: Path) -> None:
    workspace = fresh(tmp_path)
    warehouse = open_warehouse(workspace)
    before = warehouse.fingerprint()
    assert warehouse.run_compiled("select a from t", asker=ANALYST).rows == [(1,)]
    assert warehouse.run_untrusted("select * from t", asker=ANALYST).rows == [(1,)]
    build(tmp_path / "new.duckdb", "create table t as select 2 as b")
    os.replace(tmp_path / "new.duckdb", tmp_path / "w.duckdb")
    assert warehouse.run_compiled("select b from t", asker=ANALYST).rows == [(2,)]
    assert warehouse.tables() == {"t": {"b": "INTEGER"}}
    assert warehouse.run_untrusted("select * from t", asker=ANALYST).rows == [(2,)]
    assert warehouse.fingerprint() != before


def test_running_queries_end_on_the_data_they_began_with(tmp_path: Path) -> None:
    warehouse = open_warehouse(fresh(tmp_path, "create table t as select range as a from range(3000)"))
    slow = "select sum(x.a * y.a) from t x, t y, range(30)"
    expected = (3000 * 2999 // 2) ** 2 * 30
    found: list[Any] = []
    started = threading.Event()

    def ask() -> None:
        started.set()
        found.append(warehouse.run_compiled(slow, asker=ANALYST).rows[0][0])

    thread = threading.Thread(target=ask)
    thread.start()
    assert started.wait(10)
    build(tmp_path / "new.duckdb", "create table t as select 7 as a")
    os.replace(tmp_path / "new.duckdb", tmp_path / "w.duckdb")
    assert warehouse.run_compiled("select a from t", asker=ANALYST).rows == [(7,)]
    thread.join()
    assert found[0] in (expected, 7 * 7 * 30)  # the thread saw the file before, or after, and never half of each


def error_of(workspace: Workspace) -> TransectError:
    with pytest.raises(TransectError) as raised:
        open_warehouse(workspace).run_compiled("select 1", asker=ANALYST)
    return raised.value


def test_a_missing_file_is_named_with_the_fix(tmp_path: Path) -> None:
    workspace = fresh(tmp_path)
    (tmp_path / "w.duckdb").unlink()
    error = error_of(workspace)
    assert isinstance(error, InvalidInput)
    assert str(tmp_path / "w.duckdb") in error.message
    assert "transect init" in error.hint


@pytest.mark.parametrize("content", [b"", b"hello" * 1000, b"\0" * 20_000])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    workspace = fresh(tmp_path)
    (tmp_path / "w.duckdb").write_bytes(content)
    error = error_of(workspace)
    assert str(tmp_path / "w.duckdb") in error.message
    assert "damaged or is not a DuckDB file" in error.message
    assert "IO Error" not in error.message


def test_a_truncated_database_is_named(tmp_path: Path) -> None:
    workspace = fresh(tmp_path, "create table t as select range as a, range::varchar as b from range(200000)")
    path = tmp_path / "w.duckdb"
    path.write_bytes(path.read_bytes()[:20_000])
    error = error_of(workspace)
    assert str(path) in error.message
    assert "damaged" in error.message


def test_damage_inside_the_file_is_named_when_it_is_read(tmp_path: Path) -> None:
    workspace = fresh(tmp_path, "create table t as select range as a, range::varchar as b from range(200000)")
    path = tmp_path / "w.duckdb"
    content = bytearray(path.read_bytes())
    for at in range(12_288 + 100, len(content), 262_144):  # one byte in each block after the headers
        content[at] ^= 255
    path.write_bytes(content)
    for ask in ("select sum(a), max(b) from t", "select count(*) from t"):
        with pytest.raises(TransectError) as raised:
            open_warehouse(workspace).run_compiled(ask, asker=ANALYST)
        assert "damaged" in raised.value.message
    with pytest.raises(TransectError) as raised:
        open_warehouse(workspace).run_untrusted("select max(b) from t", asker=ANALYST)
    assert "damaged" in raised.value.message


def test_two_workspaces_with_other_settings_share_a_file(tmp_path: Path) -> None:
    workspace = fresh(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "transect.toml").write_text(
        '[workspace]\ntimezone = "Asia/Tokyo"\n[warehouse]\nurl = "duckdb:../w.duckdb"\n'
        '[limits]\nmemory_mb = 100\n[access.roles.analyst]\ntables = ["t"]\n'
    )
    zone = "select current_setting('TimeZone')"
    for _ in range(2):
        assert open_warehouse(workspace).run_compiled(zone, asker=ANALYST).rows == [("UTC",)]
        assert open_warehouse(load_workspace(other)).run_compiled(zone, asker=ANALYST).rows == [("Asia/Tokyo",)]


@pytest.mark.parametrize("name", ["memory", "temp", "system", "main", "it's", 'a "b"', "select", "a.b", "Ünï"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    fresh(tmp_path)
    (tmp_path / "w.duckdb").rename(tmp_path / f"{name}.duckdb")
    escaped = name.replace('"', '\\"')
    (tmp_path / "transect.toml").write_text(
        f'[warehouse]\nurl = "duckdb:{escaped}.duckdb"\n[access.roles.analyst]\ntables = ["t"]\nmin_cell = 1\n'
    )
    warehouse = open_warehouse(load_workspace(tmp_path))
    assert warehouse.tables() == {"t": {"a": "INTEGER"}}
    assert warehouse.run_compiled("select a from t", asker=ANALYST).rows == [(1,)]
    assert warehouse.run_untrusted("select a from main.t", asker=ANALYST).rows == [(1,)]


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    workspace = fresh(tmp_path)
    (tmp_path / "w.duckdb").unlink()
    (tmp_path / "w.duckdb").mkdir()
    assert "is a folder" in error_of(workspace).message


def test_a_file_that_another_process_writes_is_said_to_be_locked(tmp_path: Path) -> None:
    workspace = fresh(tmp_path)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(tmp_path / "w.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        error = error_of(workspace)
        assert error.code == "warehouse_locked"
        assert "open for writing elsewhere" in error.message
        assert writer.stdin is not None
        writer.stdin.close()
    assert open_warehouse(workspace).run_compiled("select a from t", asker=ANALYST).rows == [(1,)]


def test_a_failure_of_memory_names_the_setting(tmp_path: Path) -> None:
    workspace = fresh(tmp_path)
    (tmp_path / "transect.toml").write_text(
        '[warehouse]\nurl = "duckdb:w.duckdb"\n[limits]\nmemory_mb = 64\n'
        '[access.roles.analyst]\ntables = ["t"]\nmin_cell = 1\n'
    )
    warehouse = open_warehouse(load_workspace(workspace.root))
    hungry = "select list(i) from range(50000000) t(i)"
    with pytest.raises(TransectError) as raised:
        warehouse.run_compiled(hungry, asker=ANALYST)
    assert raised.value.code == "out_of_memory"
    assert "limits.memory_mb" in raised.value.message
    with pytest.raises(TransectError) as raised:
        warehouse.run_untrusted("select list(i) from range(9000000) t(i)", asker=ANALYST)
    assert getattr(raised.value, "rule", "") in ("limit_memory", "limit_time")


def test_a_query_larger_than_memory_spills_beside_the_state(tmp_path: Path) -> None:
    workspace = fresh(tmp_path, "create table t as select range as a, md5(range::varchar) as b from range(2000000)")
    settings = (tmp_path / "transect.toml").read_text()
    (tmp_path / "transect.toml").write_text("[limits]\nmemory_mb = 64\n" + settings)
    warehouse = open_warehouse(load_workspace(workspace.root))
    wide = "select count(*), max(b) from (select distinct b, a from t)"
    assert warehouse.run_compiled(wide, asker=ANALYST).rows[0][0] == 2_000_000
    assert (tmp_path / ".transect" / "spill").is_dir()


def test_without_a_place_to_spill_small_queries_still_run(tmp_path: Path) -> None:
    workspace = fresh(tmp_path)
    (tmp_path / ".transect").write_text("in the way of the folder")
    assert open_warehouse(workspace).run_compiled("select a from t", asker=ANALYST).rows == [(1,)]
