"""Numbered migrations, applied once, by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from tools.errors import TransectError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOCK = 7_274_001  # any constant: the advisory lock that migrations take on PostgreSQL


@dataclass(frozen=True)
class Migration:
    """`001_effects.sql`, followed by `001_effects.<dialect>.sql` where there is one."""

    number: int
    name: str
    statements: tuple[str, ...]


def migrate(connection: Connection) -> list[int]:
    """Apply what is missing, in order, in the open transaction; returns the numbers applied.

    The transaction must exclude other writers: SQLite's `begin immediate`; on PostgreSQL an advisory lock is taken.

    Raises:
        TransectError: the store was written by a newer release.
    """
    from sqlalchemy import text  # start-up

    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
    connection.execute(text("create table if not exists migrations (number integer primary key, name text not null)"))
    done = {row[0] for row in connection.execute(text("select number from migrations"))}
    known = read_migrations(dialect)
    if newer := sorted(done - {m.number for m in known}):
        raise TransectError(
            f"The state store was written by a newer release of transect (migration {newer[-1]}).",
            code="state_newer",
            hint="Upgrade transect, or name another store in state.url.",
        )
    missing = [m for m in known if m.number not in done]
    for migration in missing:
        for statement in migration.statements:
            connection.exec_driver_sql(statement)
        connection.execute(
            text("insert into migrations (number, name) values (:number, :name)"),
            {"number": migration.number, "name": migration.name},
        )
    return [m.number for m in missing]


def read_migrations(dialect: str) -> list[Migration]:
    """All migrations for one dialect by number. Statements in a file are parted by empty lines."""
    folder = files("tools.state") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    found: list[Migration] = []
    for name in names:
        stem = name.removesuffix(".sql")
        if "." in stem:
            continue
        texts = [(folder / part).read_text("utf-8") for part in (name, f"{stem}.{dialect}.sql") if part in names]
        statements = tuple(_statement(block) for text in texts for block in text.split("\n\n") if _statement(block))
        found.append(Migration(int(stem.partition("_")[0]), stem.partition("_")[2], statements))
    return found


def _statement(block: str) -> str:
    """A block without comment lines."""
    return "\n".join(line for line in block.splitlines() if not line.startswith("--")).strip()
