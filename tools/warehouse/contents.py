"""What a DuckDB database holds."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class MacroBody:
    """One body of a macro made by the database's owner; an overloaded macro has several.

    Attributes:
        schema: where it is.
        name: lower case.
        table: whether it is called in FROM.
        body: an expression, or a SELECT when `table`.
    """

    schema: str
    name: str
    table: bool
    body: str


@dataclass(frozen=True)
class Contents:
    """The names in a database, read once per state of its file.

    Attributes:
        database: its name, which qualifies its tables.
        tables: table or view -> column -> DuckDB type; outside the schema main a table is named `schema.table`.
        rows: table -> number of rows as DuckDB's statistics know it; views are not in it.
        views: view -> its definition.
        macros: macros and table macros made by its owner.
    """

    database: str
    tables: dict[str, dict[str, str]]
    rows: dict[str, int]
    views: dict[str, str]
    macros: tuple[MacroBody, ...]


def read_contents(cursor: duckdb.DuckDBPyConnection) -> Contents:
    """The contents as the catalog lists them. Tables with a dot in their name are left out: `a.b` is b in schema a."""
    database = str(cursor.execute("select current_database()").fetchall()[0][0])
    here = "not internal and database_name = current_database()"
    tables: dict[str, dict[str, str]] = {}
    columns = (
        f"select schema_name, table_name, column_name, data_type from duckdb_columns() where {here} "
        "and not contains(concat(schema_name, table_name), '.') order by 1, 2, column_index"
    )
    for schema, table, column, kind in cursor.execute(columns).fetchall():
        tables.setdefault(_name(schema, table), {})[column] = kind
    sizes = f"select schema_name, table_name, estimated_size from duckdb_tables() where {here}"
    rows = {_name(schema, table): int(size) for schema, table, size in cursor.execute(sizes).fetchall()}
    listed = f"select schema_name, view_name, sql from duckdb_views() where {here}"
    views = {_name(schema, view): str(sql) for schema, view, sql in cursor.execute(listed).fetchall()}
    bodies = (
        "select schema_name, lower(function_name), function_type = 'table_macro', macro_definition "
        f"from duckdb_functions() where {here} and function_type in ('macro', 'table_macro')"
    )
    macros = tuple(MacroBody(*row) for row in cursor.execute(bodies).fetchall())
    return Contents(database, tables, rows, views, macros)


def _name(schema: str, table: str) -> str:
    return table if schema == "main" else f"{schema}.{table}"
