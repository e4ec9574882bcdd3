"""Why a guarded statement failed, in our own words: DuckDB's text may hold paths, hidden names and values."""

from __future__ import annotations

import re

import duckdb

from tools.errors import Declined, InvalidInput, TransectError
from tools.warehouse.file_errors import is_damage
from tools.warehouse.guard import Guarded
from tools.warehouse.visible import Tables
from tools.workspace.nearest import nearest


def query_error(
    error: duckdb.Error,
    guarded: Guarded,
    tables: dict[str, dict[str, str]],
    visible: Tables,
    *,
    seconds: float,
    expired: bool,
) -> TransectError:
    """The error to raise for what DuckDB raised.

    Args:
        error: DuckDB's.
        guarded: the statement that ran.
        tables: every column of the warehouse.
        visible: the columns the asker may see.
        seconds: the limit, for its message.
        expired: whether the deadline had passed.
    """
    if expired or isinstance(error, duckdb.InterruptException):
        return Declined(
            f"The query took longer than {seconds:g} seconds.",
            reason="too_expensive",
            rule="limit_time",
            hint="Read fewer rows, or raise limits.seconds.",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return Declined(
            "The query needs more memory than limits.memory_mb allows.", reason="too_expensive", rule="limit_memory"
        )
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException)):
        return _does_not_fit(str(error), guarded, tables, visible)
    if is_damage(str(error)):
        return TransectError(
            "The warehouse is damaged.", code="query_failed", hint="Rebuild it, or restore it from a copy."
        )
    if isinstance(error, (duckdb.PermissionException, duckdb.IOException)):
        return Declined("The query reaches outside the warehouse.", reason="unsafe", rule="outside")
    if isinstance(error, (duckdb.InternalException, duckdb.FatalException)):
        return TransectError("The warehouse failed while it ran this SQL.", code="query_failed")
    if isinstance(error, duckdb.ConversionException):
        hint = "Use try_cast, or leave such rows out."
        return InvalidInput("The query met a value that cannot be converted.", code="invalid_sql", hint=hint)
    return InvalidInput("The query met a value or an argument it cannot handle.", code="invalid_sql")


def _does_not_fit(raw: str, guarded: Guarded, tables: dict[str, dict[str, str]], visible: Tables) -> TransectError:
    """A name that is not there: declined when it is a hidden column of a table in use."""
    used = sorted(guarded.tables)
    for table in used:
        for column in tables[table]:
            if column not in visible[table] and column.lower() in guarded.names:
                name = f"{table}.{column}"
                return Declined(
                    f"The column {name!r} may not be used.", reason="not_permitted", rule="column", value=name
                )
    shown = sorted({column for table in used for column in visible[table]})
    quoted = re.findall(r'"([^"]+)"', raw)
    unknown = next((name for name in quoted if name.lower() in guarded.names and name not in shown), None)
    if unknown and "ambiguous" not in raw.lower():
        near = nearest(unknown, shown)
        return InvalidInput(
            f"There is no column {unknown!r} in {', '.join(used) or 'this query'}.",
            code="invalid_sql",
            value=unknown,
            allowed=shown,
            hint=f"Did you mean {near!r}?" if near else "",
        )
    return InvalidInput(
        "The SQL does not fit the tables: a name is ambiguous, or a column or the type of an argument is wrong.",
        code="invalid_sql",
        allowed=shown,
    )
