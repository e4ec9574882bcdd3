"""What a set of roles may see, as a database of its own that a child process opens."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock

import duckdb

from tools.errors import TransectError
from tools.sandbox.worker import Projection
from tools.warehouse.contents import Contents
from tools.warehouse.file_errors import file_error, is_damage
from tools.warehouse.macros import Macro
from tools.warehouse.quoting import dotted, literal, quoted
from tools.warehouse.role_folder import RoleFolder, no_room
from tools.warehouse.table_parts import Parts, Wanted, bring_up_to_date, open_builder

_building = Lock()


@dataclass(frozen=True)
class Projected:
    """A projection ready to be opened.

    Attributes:
        projection: the file, its parts and the limits.
        rows: rows of each table in it.
        broken: views that could not be read, and are not in it.
    """

    projection: Projection
    rows: dict[str, int]
    broken: frozenset[str]


@dataclass(frozen=True)
class Source:
    """The warehouse file that is projected."""

    path: Path
    database: str
    fingerprint: str
    contents: Contents


def project(
    source: Source,
    wanted: Sequence[Wanted],
    macros: Sequence[Macro],
    *,
    folder: RoleFolder,
    zone: str,
    memory_mb: int,
    spill: str,
) -> Projected:
    """Bring the projection up to date and describe it.

    Each table is a view over the files of `table_parts`, which roles that see the same columns share; what differs per
    role is one small file with the views and macros.

    Raises:
        TransectError: the warehouse cannot be read, or there is no room.
    """
    day = datetime.now(UTC).date().isoformat()
    try:
        with _building, folder.locked(), open_builder(source.path, memory_mb=memory_mb, spill=spill) as builder:
            found: dict[str, tuple[str, Parts]] = {}
            for each in wanted:
                key = each.key(str(source.path), day)
                parts = _bring_up_to_date(builder, each, source, folder, key)
                if parts is not None:
                    found[each.table] = key, parts
            attach = {
                file: (f"part_{key}_{number}", folder.path / "parts" / key / file)
                for key, parts in found.values()
                for number, file in enumerate(parts.files)
            }
            path = _write_views(source, wanted, found, attach, macros, folder)
    except duckdb.Error as error:
        raise file_error(source.path, str(error)) from None
    except OSError as error:
        raise no_room(error) from None
    projection = Projection(path, tuple(attach.values()), zone, memory_mb)
    rows = {table: parts.rows for table, (_, parts) in found.items()}
    return Projected(projection, rows, frozenset(each.table for each in wanted) - set(rows))


def whole(source: Source, *, zone: str, memory_mb: int) -> Projected:
    """The warehouse itself, for roles from which nothing in it is hidden: a copy would hold the same."""
    return Projected(Projection(source.path, (), zone, memory_mb), source.contents.rows, frozenset())


def _bring_up_to_date(
    builder: duckdb.DuckDBPyConnection, wanted: Wanted, source: Source, folder: RoleFolder, key: str
) -> Parts | None:
    """The parts of one table; None for a view that does not work, as after its table was dropped."""
    try:
        return bring_up_to_date(builder, wanted, folder=folder, key=key, fingerprint=source.fingerprint)
    except duckdb.OutOfMemoryException:
        raise TransectError(
            f"Copying {wanted.table!r} for this role needs more memory than limits.memory_mb allows.",
            code="out_of_memory",
            hint="Raise limits.memory_mb in transect.toml.",
        ) from None
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException):
        if wanted.view_sql is None:
            raise
        return None
    except duckdb.Error as error:
        if wanted.view_sql is None or is_damage(str(error)) or isinstance(error, duckdb.IOException):
            raise
        return None


def _write_views(
    source: Source,
    wanted: Sequence[Wanted],
    found: dict[str, tuple[str, Parts]],
    attach: dict[str, tuple[str, Path]],
    macros: Sequence[Macro],
    folder: RoleFolder,
) -> Path:
    """The small file of one set of roles, made once for the same parts, named so that SQL finds it by its own name."""
    statements: list[str] = []
    for each in wanted:
        if each.table not in found:
            continue
        schema, _, _ = each.table.rpartition(".")
        if schema:
            statements.append(f"create schema if not exists {quoted(schema)}")
        columns = ", ".join(quoted(column) for column, _ in each.columns)
        reads = [f"select {columns} from {attach[file][0]}.main.rows" for file in found[each.table][1].files]
        statements.append(f"create view {dotted(each.table)} as {' union all '.join(reads)}")
    of_macros = [macro.sql for macro in macros]
    key = sha256(repr([source.database, statements, of_macros, sorted(attach)]).encode()).hexdigest()[:16]
    path = folder.path / "views" / key / f"{source.database}.duckdb"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    connection = duckdb.connect(":memory:")
    try:
        for alias, file in attach.values():
            connection.execute(f"attach {literal(str(file))} as {alias} (read_only, type duckdb)")
        connection.execute(f"attach {literal(str(unfinished))} as {quoted(source.database)} (type duckdb)")
        connection.execute(f"use {quoted(source.database)}")
        for statement in statements:
            connection.execute(statement)
        for statement in of_macros:
            with suppress(duckdb.BinderException, duckdb.CatalogException):  # it reads a column that is not here
                connection.execute(statement)
        connection.execute("use memory")
        connection.execute(f"detach {quoted(source.database)}")
    finally:
        connection.close()
    os.replace(unfinished, path)
    return path
