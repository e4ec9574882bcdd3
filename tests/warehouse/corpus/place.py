"""A workspace full of canaries, and the corpora that are run against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

CANARY = "CANARY"  # in every value, name and definition that the role analyst must not see
FOLDER = Path(__file__).parent

SETTINGS = """
[workspace]
timezone = "Europe/Oslo"
[limits]
seconds = 2
memory_mb = 256
result_rows = 1000
result_bytes = 200000
scan_rows = 1000000
[access]
default_role = "analyst"
[access.roles.analyst]
tables = ["users", "events", "v_users", "other.notes", "wide", "huge"]
deny_columns = ["users.email", "users.salary", "v_users.email", "events.body", "events.CANARY_extra"]
functions = ["pct", "near", "spy", "spy_rows"]
min_cell = 1
[access.roles.careful]
tables = ["users", "events", "v_users"]
deny_columns = ["users.email", "v_users.email", "events.body"]
functions = ["pct"]
min_cell = 10
"""

VISIBLE = """
create table users as select i as id, ['US', 'NO', 'SE', 'IS'][1 + case when i < 120 then 0 when i < 180 then 1 when i < 195
    then 2 else 3 end] as country, timestamptz '2026-01-01 12:00:00+00' + to_hours((i * 7)::int) as joined,
    ['a' || i % 3, 'b'] as tags, {'k': i % 7} as box from range(200) t(i);
create table events as select i as id, i * 37 % 190 as user_id, ['view', 'click', 'report'][1 + i % 3 * (i % 2)] as kind,
    (i * 7919 % 10007 / 100.0)::double as amount, timestamptz '2026-01-01 00:00:00+00' + to_minutes((i * 23)::int) as ts,
    (date '2026-01-01' + (i * 23 // 1440)::int)::date as day, {'page': 'p' || i % 5, 'n': i}::json as props
    from range(3000) t(i);
create table wide as select i as id, 'g' || i % 3 as "group", i * 2 as "select" from range(30) t(i);
create table huge as select i from range(2000000) t(i);
create schema other;
create table other.notes as select 7 as n;
create macro pct(a, b := 2) as 100.0 * a / b;
create macro near(a) as table select a as x;
"""

HIDDEN = """
alter table users add column email varchar;
update users set email = 'CANARY_mail_' || id || '@example.org';
alter table users add column salary integer;
update users set salary = 771000000 + id;
alter table events add column body varchar;
update events set body = 'CANARY_body_' || id;
alter table events add column CANARY_extra varchar default 'CANARY_extra_value';
create view v_users as select id, email, country from users;
create table secret as select 'CANARY_secret' as s, 1 as id;
create table CANARY_table (CANARY_column int);
create view CANARY_view as select s as CANARY_s from secret;
create table other.CANARY_other as select 'CANARY_other_value' as o;
create sequence CANARY_sequence start 771;
create type CANARY_type as enum ('CANARY_label');
create macro spy() as (select max(s) from secret);
create macro spy_rows() as table select * from secret;
create macro CANARY_macro() as 'CANARY_from_macro';
create macro leak() as (select max(s) from secret);
create macro leak_rows() as table select * from secret;
create table vault as select 771000999 as code, 'CANARY_vault' as v;
comment on table vault is 'CANARY_comment';
"""

METRICS = """
datasets:
  - {name: users, source: users, grain: [id], time: joined, unit: account, actor: id, dimensions: [{name: country, column: country}]}
  - {name: events, source: events, grain: [id], time: ts, unit: event, actor: user_id, dimensions: [{name: kind, column: kind}]}
metrics:
  - {name: events_seen, kind: count, of: events, owner: growth}
"""


@dataclass(frozen=True)
class Statement:
    """One line of a corpus: its class, its text, and whether it is marked with `mark`."""

    group: str
    sql: str
    mark: str = ""


def read_corpus(name: str, *, marks: str = "~") -> list[Statement]:
    """The statements of one file, in order; a mark is one character and a space before the text. `\\n` is a new line."""
    return list(_read((FOLDER / name).read_text("utf-8"), marks))


def _read(text: str, marks: str) -> Iterator[Statement]:
    group = ""
    for line in text.splitlines():
        if line.startswith("## "):
            group = line[3:]
        elif line.strip() and not line.startswith("# "):
            marked = line[0] in marks and line[1:2] == " "
            yield Statement(group, line[2:] if marked else line, line[0] if marked else "")


def make_place(root: Path) -> Path:
    """The workspace's folder, its warehouse with everything that must stay hidden."""
    (root / "data").mkdir(parents=True)
    (root / "metrics").mkdir()
    (root / "transect.toml").write_text(SETTINGS)
    (root / "metrics" / "all.yml").write_text(METRICS)
    (root / "data" / "CANARY_file.csv").write_text("a,b\nCANARY_csv,1\n")
    with duckdb.connect(str(root / "data" / "warehouse.duckdb")) as connection:
        connection.execute(VISIBLE)
        connection.execute(HIDDEN)
    return root


def plain_database(path: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB itself on the visible tables and columns, made by hand, with no guard: what honest SQL gives."""
    connection = duckdb.connect(str(path / "warehouse.duckdb"), config={"python_enable_replacements": "false"})
    connection.execute("set TimeZone = 'Europe/Oslo'")
    connection.execute(VISIBLE)
    connection.execute("create view v_users as select id, country from users")
    return connection
