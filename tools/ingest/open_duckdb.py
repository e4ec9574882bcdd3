"""An existing DuckDB database, described and left as it is."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tools.errors import InvalidInput
from tools.ingest.report import LoadedTable, LoadReport


def describe_duckdb(path: Path) -> LoadReport:
    """Tables and views of the main schema, opened read-only; nothing is copied or changed.

    Raises:
        InvalidInput: no such file, not a DuckDB database, in use, or without rows.
    """
    if not path.is_file():
        raise InvalidInput("there is no such file", where=f"{path.name}:0", value=str(path))
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise InvalidInput(
            f"cannot be opened as a DuckDB database: {str(error).splitlines()[0]}", where=f"{path.name}:0"
        ) from error
    with connection:
        found = connection.execute(
            "select table_schema, table_name from information_schema.tables order by table_schema, table_name"
        ).fetchall()
        tables = tuple(_table(connection, path, str(name)) for schema, name in found if schema == "main")
    others = sorted({str(schema) for schema, _ in found if schema != "main"})
    tables = tuple(t for t in tables if t.columns)
    if not tables:
        hint = f"tables of other schemas are not read: {', '.join(others)}" if others else ""
        raise InvalidInput("the database has no tables", where=f"{path.name}:0", hint=hint)
    return LoadReport(tables, in_place=path.resolve())


def _table(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> LoadedTable:
    quoted = '"' + name.replace('"', '""') + '"'
    columns = {str(r[0]): str(r[1]) for r in connection.execute(f"describe {quoted}").fetchall()}
    row = connection.execute(f"select count(*) from {quoted}").fetchone()
    rows = int(row[0]) if row else 0
    return LoadedTable(name, path.name, rows, rows, 0, columns, {c: c for c in columns}, notes=("left where it lies",))
