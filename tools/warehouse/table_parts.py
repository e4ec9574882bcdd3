"""The copy of one table's visible columns: files that are kept when the table did not change, added to when it grew."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import duckdb

from tools.warehouse.one_table_view import ViewBase, from_base
from tools.warehouse.quoting import dotted, literal, quoted
from tools.warehouse.role_folder import RoleFolder

_MOST_PARTS = 8
_CLOCK = re.compile(r"\b(now|today|current_\w+|localtime\w*|transaction_timestamp|get_current_\w+|random|uuid\w*)\b")


@dataclass(frozen=True)
class Wanted:
    """What of a table is copied.

    Attributes:
        table: its name, `schema.table` outside the schema main.
        columns: (name, SQL expression over the table) in order.
        view_sql: the definition when it is a view; None for a table.
        base: what the view shows rows of, where the copy has to say which.
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    view_sql: str | None = None
    base: ViewBase | None = None

    def key(self, source: str, day: str) -> str:
        """Equal keys share their files. A view that looks at the clock is another one every day."""
        parts = [source, duckdb.__version__, self.table, self.columns, self.view_sql, self.base]
        if self.view_sql and _CLOCK.search(self.view_sql.lower()):
            parts.append(day)
        return sha256(repr(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Parts:
    """The files of one table, and what of the table they hold.

    Attributes:
        fingerprint: the state of the warehouse in which they were right.
        files: their names; each holds a table `rows`.
        rows: in all of them.
        last_rowid: of the newest row copied; -1 for a view, which has none.
        digest: over the copied rows, whatever their order.
        seconds: what the last change took.
    """

    fingerprint: str
    files: tuple[str, ...]
    rows: int
    last_rowid: int
    digest: str
    seconds: float = 0.0


@contextmanager
def open_builder(source: Path, *, memory_mb: int, spill: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the warehouse attached read-only as `source`, to write parts with."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
        "memory_limit": f"{memory_mb}MB",
        "temp_directory": spill,
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute(f"attach {literal(str(source))} as source (read_only, type duckdb)")
        yield connection
    finally:
        connection.close()


def bring_up_to_date(
    builder: duckdb.DuckDBPyConnection, wanted: Wanted, *, folder: RoleFolder, key: str, fingerprint: str
) -> Parts:
    """The parts of a table for the warehouse as it is now; call with the folder locked.

    Nothing is copied when the table holds what was copied before; only the new rows when it holds them as well. Both
    are told by a digest over the columns, which is read several times faster than they are written.

    Raises:
        duckdb.Error: the table or view cannot be read.
    """
    place = folder.path / "parts" / key
    known = read_parts(folder, key)
    if known is not None and known.fingerprint == fingerprint:
        return known
    place.mkdir(parents=True, exist_ok=True)
    if (
        known is not None
        and wanted.view_sql is None
        and _digest(builder, wanted, upto=known.last_rowid)[2] == known.digest
    ):
        found = _add(builder, wanted, place, known, fingerprint)
    else:
        found = _copy(builder, wanted, place, fingerprint, after=-1, before=())
    if len(found.files) > _MOST_PARTS:
        found = _copy(builder, wanted, place, fingerprint, after=-1, before=())
    _write(place / "parts.json", json.dumps(asdict(found)))
    for file in place.iterdir():
        if file.name not in (*found.files, "parts.json"):
            file.unlink()
    return found


def read_parts(folder: RoleFolder, key: str) -> Parts | None:
    """What was copied before; None when nothing was, or when a file of it is gone."""
    place = folder.path / "parts" / key
    try:
        found = json.loads((place / "parts.json").read_text("utf-8"))
        parts = Parts(**{**found, "files": tuple(found["files"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return parts if all((place / name).exists() for name in parts.files) else None


def _add(builder: duckdb.DuckDBPyConnection, wanted: Wanted, place: Path, known: Parts, fingerprint: str) -> Parts:
    """One more part with the rows that came since; the same parts when none did."""
    count = f"select count(*) from source.{dotted(wanted.table)} where rowid > {known.last_rowid}"
    if builder.execute(count).fetchall()[0][0] == 0:
        return Parts(fingerprint, known.files, known.rows, known.last_rowid, known.digest)
    return _copy(builder, wanted, place, fingerprint, after=known.last_rowid, before=known.files)


def _copy(
    builder: duckdb.DuckDBPyConnection,
    wanted: Wanted,
    place: Path,
    fingerprint: str,
    *,
    after: int,
    before: tuple[str, ...],
) -> Parts:
    """Copy the rows after a rowid into a new file; the digest is over all rows then copied."""
    name = f"{uuid4().hex[:12]}.duckdb"
    unfinished = place / f"{name}.new"
    columns = ", ".join(f"{expression} as {quoted(column)}" for column, expression in wanted.columns)
    newer = f" where rowid > {after}" if after >= 0 else ""
    builder.execute(f"attach {literal(str(unfinished))} as part (type duckdb)")
    try:
        builder.execute(
            f"create table part.main.rows as select {columns} from {from_base(wanted.base, wanted.table)}{newer}"
        )
    finally:
        builder.execute("detach part")
    os.replace(unfinished, place / name)
    rows, last, digest = _digest(builder, wanted, upto=None)
    return Parts(fingerprint, (*before, name), rows, last, digest)


def _digest(builder: duckdb.DuckDBPyConnection, wanted: Wanted, *, upto: int | None) -> tuple[int, int, str]:
    """Rows, newest rowid, and a digest that does not depend on their order. A view has neither rowid nor digest."""
    table = from_base(wanted.base, wanted.table)
    if wanted.view_sql is not None:
        return int(builder.execute(f"select count(*) from {table}").fetchall()[0][0]), -1, ""
    hashed = f"hash({', '.join(expression for _, expression in wanted.columns)})"
    where = "" if upto is None else f" where rowid <= {upto}"
    count, last, mixed, total = builder.execute(
        f"select count(*), coalesce(max(rowid), -1), bit_xor({hashed}), sum({hashed}::hugeint) from {table}{where}"
    ).fetchall()[0]
    return int(count), int(last), f"{count} {mixed} {total}"


def _write(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.write_text(text, "utf-8")
    os.replace(unfinished, path)
