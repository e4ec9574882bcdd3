"""The store: opened by many at once, migrated once, and honest about what is wrong with it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from tools.errors import InvalidInput, TransectError
from tools.state import open_state
from tools.state.migrate import migrate, read_migrations
from tools.state.tables import metadata
from tools.workspace import Workspace, load_workspace

CHECKOUT = Path(__file__).parents[2]


def with_state(root: Path, url: str) -> Workspace:
    (root / "transect.toml").write_text(f'[state]\nurl = "{url}"\n[access.roles.analyst]\n')
    return load_workspace(root)


def test_the_migrations_make_the_tables_that_statements_are_built_on(workspace: Workspace) -> None:
    found = inspect(open_state(workspace).engine)
    for table in metadata.tables.values():
        made = {
            column["name"]: (str(column["type"]).replace("REAL", "DOUBLE").split()[0], column["nullable"])
            for column in found.get_columns(table.name)
        }
        written = {column.name: (str(column.type).split()[0], bool(column.nullable)) for column in table.columns}
        keys = {column.name for column in table.primary_key}
        assert made.keys() == written.keys()
        for name in made.keys() - keys:  # SQLite calls key columns nullable
            assert made[name] == written[name], (table.name, name)
        assert set(found.get_pk_constraint(table.name)["constrained_columns"]) == keys


def test_migrations_have_rising_numbers_of_their_own_for_both_databases() -> None:
    for dialect in ("sqlite", "postgresql"):
        migrations = read_migrations(dialect)
        assert [m.number for m in migrations] == sorted({m.number for m in migrations})
        assert all(m.statements for m in migrations)


def test_migrations_run_once(workspace: Workspace) -> None:
    state = open_state(workspace)
    with state.transaction() as connection:
        assert migrate(connection) == []


def test_a_store_from_before_gets_what_is_missing(workspace: Workspace) -> None:
    path = workspace.state_dir / "state.db"
    path.parent.mkdir()
    first = read_migrations("sqlite")[0]
    with sqlite3.connect(path) as old:
        for statement in first.statements:
            old.execute(statement)
        old.execute("create table migrations (number integer primary key, name text not null)")
        old.execute("insert into migrations values (1, 'effects')")
        old.execute(
            "insert into effects (key, status, token, lease_until, sure_unsent, request, created_at) "
            "values ('k', 'reserved', 1, 0, 0, 'null', 0)"
        )
    old.close()
    with open_state(workspace).snapshot() as connection:
        assert connection.execute(text("select key from effects")).scalars().all() == ["k"]
        assert connection.execute(text("select count(*) from audit")).scalar_one() == 0


def test_a_store_from_a_newer_release_is_left_alone(workspace: Workspace) -> None:
    with open_state(workspace).transaction() as connection:
        connection.execute(text("insert into migrations values (999, 'future')"))
    code = "from pathlib import Path; from tools.state import open_state; from tools.workspace import load_workspace\n"
    code += f"try: open_state(load_workspace(Path({str(workspace.root)!r})))\nexcept Exception as e: print(e.code)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "state_newer"


def test_many_processes_open_a_new_store_at_once(workspace: Workspace) -> None:
    code = (
        "import sys; from pathlib import Path; from tools.access import Asker\n"
        "from tools.state import append_audit, open_state; from tools.workspace import load_workspace\n"
        "workspace = load_workspace(Path(sys.argv[1])); sys.stdin.readline()\n"
        "asker = Asker('p', ('analyst',))\n"
        "for i in range(20): append_audit(open_state(workspace), action='x', asker=asker, detail={'i': i})\n"
    )
    command = [sys.executable, "-c", code, str(workspace.root)]
    processes = [subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, text=True) for _ in range(6)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(timeout=120) for process in processes] == [0] * 6
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    with open_state(workspace).snapshot() as connection:
        assert connection.execute(text("select count(*), max(seq) from audit")).one() == (120, 120)
        assert connection.execute(text("pragma journal_mode")).scalar_one() == "wal"


def _fail_halfway(connection: Connection) -> None:
    connection.execute(text("create table t (a int)"))
    connection.execute(text("select * from no_such_table"))


def test_a_transaction_that_fails_leaves_nothing(workspace: Workspace) -> None:
    state = open_state(workspace)
    with pytest.raises(TransectError), state.transaction() as connection:
        _fail_halfway(connection)
    assert not inspect(state.engine).has_table("t")


def test_a_damaged_store_is_named_and_not_touched(workspace: Workspace) -> None:
    path = workspace.state_dir / "state.db"
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(TransectError) as raised:
        open_state(workspace)
    assert raised.value.code == "state_damaged"
    assert str(path) in raised.value.message
    assert path.read_bytes() == b"not a database" * 100


def test_a_store_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TransectError) as raised:
        open_state(with_state(tmp_path, "sqlite:file/state.db"))
    assert raised.value.hint


def test_a_missing_driver_says_what_to_install(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    try:
        __import__("psycopg")
    except ImportError:
        with pytest.raises(InvalidInput) as raised:
            open_state(with_state(tmp_path, "postgresql+psycopg://nobody@localhost/none"))
        assert "psycopg" in raised.value.hint
    else:
        pytest.skip("psycopg is installed here")


def test_sqlalchemy_is_imported_on_first_use_only() -> None:
    code = "import sys, tools.state, tools.warehouse; print('sqlalchemy' in sys.modules, 'sqlglot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
