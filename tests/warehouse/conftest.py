"""A small warehouse with things to hide, made by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tools.workspace import Workspace, load_workspace

SETTINGS = """
[workspace]
timezone = "America/New_York"
[limits]
seconds = 0.5
result_rows = 100
result_bytes = 20000
scan_rows = 100000
[access]
default_role = "analyst"
[access.roles.analyst]
tables = ["users", "messages", "spread", "v_users", "other.notes", "huge"]
deny_columns = ["users.email", "v_users.email"]
functions = ["pct", "near"]
min_cell = 1
[access.roles.support]
tables = ["users"]
min_cell = 1
[access.roles.careful]
tables = ["users", "messages"]
min_cell = 10
[access.roles.nobody]
"""

TABLES = """
create table users as select i as id, 'u' || i || '@example.org' as email, if(i % 2 = 0, 'US', 'NO') as country,
    timestamptz '2026-01-01 02:00:00+00' as joined, ['a', 'b'] as tags, {'k': i} as box from range(10) t(i);
create table messages as select i as mid, i % 10 as user_id, 'hello ' || i as body,
    date '2026-01-01' + (i % 30)::int as day, 'u1@example.org' as sender from range(1000) t(i);
create table spread as select i from range(5000) t(i);
create table huge as select i from range(200000) t(i);
create table secret as select 'topsecret' as s, 1 as id;
create view v_users as select id, email, country from users;
create view v_secret as select * from secret;
create schema other;
create table other.notes as select 7 as n;
create table other.secret as select 8 as n;
create macro pct(a, b) as 100.0 * a / b;
create macro near(a) as table select a as x;
create macro leak() as (select max(s) from secret);
create macro leak_rows() as table select * from secret;
create macro strlen(x) as (select max(s) from secret);
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace's folder; read-only by convention."""
    root = tmp_path_factory.mktemp("workspace")
    (root / "data").mkdir()
    (root / "transect.toml").write_text(SETTINGS)
    with duckdb.connect(str(root / "data" / "warehouse.duckdb")) as connection:
        connection.execute(TABLES)
    return root


@pytest.fixture
def workspace(made: Path) -> Workspace:
    return load_workspace(made)
