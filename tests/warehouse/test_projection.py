"""What is copied for a role, what is shared, and what is kept when the warehouse changes."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from tools.access import Asker
from tools.errors import Declined, TransectError
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import Workspace, load_workspace

SETTINGS = """
[warehouse]
url = "duckdb:w.duckdb"
[access]
default_role = "part"
[access.roles.all]
tables = ["t", "u", "v"]
functions = ["twice"]
min_cell = 1
[access.roles.part]
tables = ["t", "u", "v"]
deny_columns = ["t.hidden"]
functions = ["twice", "peek"]
min_cell = 1
[access.roles.also_part]
tables = ["t"]
deny_columns = ["t.hidden"]
min_cell = 1
"""
TABLES = """
create table t as select range as a, 'CANARY' || range as hidden from range(1000);
create table u as select range as b from range(100);
create view v as select count(*) as n from t;
create macro twice(x, times := 2) as x * times;
"""
ALL, PART, ALSO = (Asker("p1", (role,)) for role in ("all", "part", "also_part"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "transect.toml").write_text(SETTINGS)
    change(tmp_path, TABLES)
    return load_workspace(tmp_path)


def change(root: Path, sql: str) -> None:
    with duckdb.connect(str(root / "w.duckdb")) as connection:
        connection.execute(sql)


def parts(workspace: Workspace) -> set[Path]:
    return set((workspace.state_dir / "roles" / "parts").rglob("*.duckdb"))


def ask(workspace: Workspace, sql: str, asker: Asker = PART) -> object:
    """By a process that knows nothing of earlier questions."""
    return DuckDBWarehouse(workspace).run_untrusted(sql, asker=asker).rows


def test_a_role_that_sees_everything_gets_no_copy(workspace: Workspace) -> None:
    assert ask(workspace, "select count(hidden), max(twice(a)) from t", ALL) == [(1000, 1998)]
    assert parts(workspace) == set()


def test_nothing_hidden_is_in_any_file_of_a_copy(workspace: Workspace) -> None:
    assert ask(workspace, "select * from t limit 1") == [(0,)]
    files = [file for file in (workspace.state_dir / "roles").rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if b"CANARY" in file.read_bytes() or b"hidden" in file.read_bytes()]
    assert (workspace.state_dir / "roles").stat().st_mode & 0o077 == 0


def test_roles_that_see_the_same_columns_share_a_copy(workspace: Workspace) -> None:
    ask(workspace, "select 1")
    before = parts(workspace)
    assert ask(workspace, "select count(*) from t", ALSO) == [(1000,)]
    assert parts(workspace) == before


def test_a_table_that_did_not_change_is_kept(workspace: Workspace) -> None:
    ask(workspace, "select 1")
    before = parts(workspace)
    change(workspace.root, "insert into u values (7)")
    assert ask(workspace, "select (select count(*) from t), (select count(*) from u)") == [(1000, 101)]
    after = parts(workspace)
    assert len(after & before) == 2  # t, and the first part of u
    assert len(after) == 4  # and the new row of u; the view is copied anew


def test_a_table_that_grew_gets_a_part_and_one_that_was_rewritten_a_new_copy(workspace: Workspace) -> None:
    ask(workspace, "select 1")
    for n in range(3):
        change(workspace.root, f"insert into t select range + 1000 + {n} * 10, 'x' from range(10)")
        assert ask(workspace, "select count(*), count(distinct a), max(a) from t") == [
            (1010 + n * 10, 1010 + n * 10, 1009 + n * 10)
        ]
    assert len(parts(workspace)) == 6
    change(workspace.root, "update t set a = -1 where a = 5")
    assert ask(workspace, "select count(*), min(a) from t") == [(1030, -1)]
    assert len(parts(workspace)) == 3
    change(workspace.root, "delete from t where a > 100")
    assert ask(workspace, "select count(*), max(a) from t") == [(101, 100)]


def test_a_change_of_a_hidden_column_alone_copies_nothing(workspace: Workspace) -> None:
    ask(workspace, "select 1")
    before = parts(workspace)
    change(workspace.root, "update t set hidden = 'CANARY changed'")
    assert ask(workspace, "select count(*), sum(a) from t") == [(1000, 499500)]
    assert len(parts(workspace) & before) == 2


def test_many_parts_are_put_together(workspace: Workspace) -> None:
    for n in range(12):
        change(workspace.root, f"insert into u values ({n})")
        assert ask(workspace, "select count(*) from u") == [(101 + n,)]
    assert len(parts(workspace)) <= 2 + 8


def test_a_macro_is_copied_with_its_defaults_when_its_body_may_run(workspace: Workspace) -> None:
    change(
        workspace.root, "create macro peek() as (select max(hidden) from t); create table s as select 'CANARY' as s;"
    )
    assert ask(workspace, "select twice(4), twice(4, times := 3)") == [(8, 12)]
    with pytest.raises(TransectError):
        ask(workspace, "select peek()")
    change(workspace.root, "create or replace macro peek() as (select max(s) from s)")
    with pytest.raises(Declined) as raised:
        ask(workspace, "select peek()")
    assert raised.value.rule == "function"


def test_a_view_that_no_longer_works_is_not_there_and_the_rest_is(workspace: Workspace) -> None:
    change(workspace.root, "create or replace view v as select * from u; alter table u rename to u2;")
    assert ask(workspace, "select count(*) from t") == [(1000,)]
    with pytest.raises(TransectError):
        ask(workspace, "select * from v")


def test_copies_may_be_deleted_and_damaged_at_any_time(workspace: Workspace) -> None:
    warehouse = DuckDBWarehouse(workspace)
    assert warehouse.run_untrusted("select count(*) from t", asker=PART).rows == [(1000,)]
    for path in parts(workspace):
        path.unlink()
    assert ask(workspace, "select count(*) from t") == [(1000,)]
    for path in (workspace.state_dir / "roles" / "parts").rglob("parts.json"):
        path.write_text("{")
    assert ask(workspace, "select count(*) from t") == [(1000,)]
    (workspace.state_dir / "roles" / "parts" / "left.new").write_text("by a process that was killed")
    assert ask(workspace, "select count(*) from t") == [(1000,)]


def test_two_processes_build_it_once(workspace: Workspace) -> None:
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os._exit(0 if ask(workspace, "select count(*) from t") == [(1000,)] else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert len(parts(workspace)) == 3
