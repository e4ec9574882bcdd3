"""What a DuckDB database holds."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Contents:
    """The names in a database, read once per state of its file.

    Attributes:
        database: its name, which qualifies its tables.
        tables: table or view -> column -> DuckDB type; outside the schema main a table is named `schema.table`.
        rows: table -> number of rows as DuckDB's statistics know it; views are not in it.
        macros: macros and table macros made by its owner, lower case.
    """

    database: str
    tables: dict[str, dict[str, str]]
    rows: dict[str, int]
    macros: frozenset[str]


def read_contents(cursor: duckdb.DuckDBPyConnection) -> Contents:
    """The contents as the catalog lists them. Tables with a dot in their name are left out: `a.b` is b in schema a."""
    database = str(cursor.execute("select current_database()").fetchall()[0][0])
    tables: dict[str, dict[str, str]] = {}
    columns = (
        "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal "
        "and database_name = current_database() and not contains(concat(schema_name, table_name), '.') "
        "order by 1, 2, column_index"
    )
    for schema, table, column, kind in cursor.execute(columns).fetchall():
        tables.setdefault(_name(schema, table), {})[column] = kind
    sizes = "select schema_name, table_name, estimated_size from duckdb_tables() where not internal"
    rows = {_name(schema, table): int(size) for schema, table, size in cursor.execute(sizes).fetchall()}
    macros = (
        "select function_name from duckdb_functions() where not internal and function_type in ('macro', 'table_macro')"
    )
    names = frozenset(str(row[0]).lower() for row in cursor.execute(macros).fetchall())
    return Contents(database, tables, rows, names)


def _name(schema: str, table: str) -> str:
    return table if schema == "main" else f"{schema}.{table}"
