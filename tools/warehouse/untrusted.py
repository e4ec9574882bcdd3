"""SQL text of a person or a model, run as far as it is allowed.

This release runs it in our own process: confined to what the asker may see and bounded in time, rows and bytes, but
not yet a sandbox, for one expression that allocates without end can still take the process with it.
"""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import duckdb

from tools.access import Allowed, Asker, Usage, decide
from tools.errors import Declined, TransectError
from tools.warehouse.allowed_functions import TABLE_FUNCTIONS, allowed_functions
from tools.warehouse.contents import Contents
from tools.warehouse.deadline import deadline
from tools.warehouse.fetch import start_query
from tools.warehouse.guard import Guarded, guard_sql
from tools.warehouse.parse_tree import Known, check_parse_tree
from tools.warehouse.query_errors import query_error
from tools.warehouse.rows import Receipt, Rows, receipt_id
from tools.warehouse.visible import visible_tables
from tools.workspace import Settings

NOT_YET_A_SANDBOX = (
    "SQL text runs in this process: confined to what the role may see and stopped at its limits, "
    "but not yet in a sandbox. Do not open it to people you do not trust."
)


def run_text(
    sql: str,
    *,
    cursor: duckdb.DuckDBPyConnection,
    contents: Contents,
    fingerprint: str,
    asker: Asker,
    settings: Settings,
) -> Rows:
    """Guard, run and cut one statement.

    Args:
        sql: the text.
        cursor: a cursor of our own on the read-only database.
        contents: what the database holds.
        fingerprint: its state, for the receipt.
        asker: whose roles, and whose readers' roles, decide.
        settings: the limits and the access policy.

    Raises:
        InvalidInput: it is not SQL, or does not fit the tables.
        Declined: it asks for what the asker may not use, or for too much; `rule` says which.
    """
    allowed = decide(asker, Usage(), settings.access)
    if isinstance(allowed, Declined):
        raise allowed
    visible = visible_tables(contents.tables, asker=asker, policy=settings.access)
    guarded = guard_sql(sql, visible=visible, database=contents.database, result_rows=settings.limits.result_rows)
    _check_tree(cursor, guarded, contents, allowed)
    if allowed.min_cell > 1:
        raise Declined(
            f"SQL text is closed to a role whose cells must hold at least {allowed.min_cell} units.",
            reason="small_cell",
            rule="row_level",
            hint="Ask for a metric instead: `transect metrics query`, or `transect ask`.",
        )
    _check_scan(guarded, contents, settings.limits.scan_rows)
    start = perf_counter()
    with deadline(cursor, settings.limits.seconds) as expired:
        try:
            columns, rows, truncated = _run(cursor, guarded.sql, settings)
        except duckdb.Error as error:
            raise query_error(
                error, guarded, contents.tables, visible, seconds=settings.limits.seconds, expired=expired.is_set()
            ) from None
    receipt = Receipt(
        id=receipt_id(guarded.sql, (), fingerprint),
        sql=guarded.sql,
        seconds=perf_counter() - start,
        row_count=len(rows),
        fingerprint=fingerprint,
    )
    return Rows(columns, rows, receipt, truncated)


def _check_tree(cursor: duckdb.DuckDBPyConnection, guarded: Guarded, contents: Contents, allowed: Allowed) -> None:
    """DuckDB's parse tree of the guarded text; a macro of the owner's hides the built-in it is named after."""
    try:
        found = cursor.execute("select json_serialize_sql(?::varchar)", [guarded.sql]).fetchall()
    except duckdb.Error:
        raise TransectError("This build of DuckDB cannot check SQL text, so none is run.", code="no_json") from None
    macros = contents.macros & allowed.functions
    names = (name.rpartition(".") for name in guarded.tables)
    known = Known(
        tables=frozenset((contents.database, schema or "main", plain) for schema, _, plain in names),
        expressions=guarded.expressions,
        functions=(allowed_functions() - contents.macros) | macros,
        table_functions=(TABLE_FUNCTIONS - contents.macros) | macros,
    )
    check_parse_tree(json.loads(found[0][0]), known=known)


def _check_scan(guarded: Guarded, contents: Contents, scan_rows: int) -> None:
    """Decline before running when the tables hold more rows than may be read."""
    total = sum(contents.rows.get(table, 0) for table in guarded.tables)
    if total > scan_rows:
        message = f"The tables hold {total:,} rows; limits.scan_rows is {scan_rows:,}."
        raise Declined(message, reason="too_expensive", rule="limit_scan")


def _run(
    cursor: duckdb.DuckDBPyConnection, sql: str, settings: Settings
) -> tuple[tuple[str, ...], list[tuple[Any, ...]], bool]:
    """Columns, rows up to the caps, and whether a cap cut them."""
    columns = start_query(cursor, sql, ())
    rows: list[tuple[Any, ...]] = []
    size = 0
    while chunk := cursor.fetchmany(256):
        for row in chunk:
            size += sum(_size(value) for value in row)
            if len(rows) == settings.limits.result_rows or size > settings.limits.result_bytes:
                return columns, rows, True
            rows.append(row)
    return columns, rows, False


def _size(value: object) -> int:
    """Bytes a value takes, roughly."""
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, (list, tuple)):
        return 8 + sum(_size(inner) for inner in value)
    if isinstance(value, dict):
        return 8 + sum(_size(k) + _size(v) for k, v in value.items())
    return 8
