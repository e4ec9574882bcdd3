"""A Parquet file as a table; its types are kept."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tools.errors import InvalidInput
from tools.ingest.date_types import epoch_unit
from tools.ingest.name_columns import name_columns
from tools.ingest.report import LoadedTable


def read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, *, table: str, shown: str) -> LoadedTable:
    """Load all rows of `path`; nested columns become JSON text, zoned times UTC, epoch counts times.

    Raises:
        InvalidInput: not Parquet, damaged, or without rows.
    """
    source = "read_parquet('" + str(path).replace("'", "''") + "')"
    try:
        described = connection.execute(f"describe select * from {source}").fetchall()
        in_file = _number(connection, f"select coalesce(sum(num_rows), 0) from {_meta(path)}")
        headers = [str(row[0]) for row in described]
        names = name_columns(headers)
        selected, notes = [], []
        for name, header, kind in zip(names, headers, [str(row[1]) for row in described], strict=True):
            expression, note = _column(connection, source, header, kind, name)
            selected.append(f'{expression} as "{name}"')
            if note:
                notes.append(f"{name}: {note}")
        if not in_file:
            raise InvalidInput("it has columns and no rows", where=f"{shown}:0")
        connection.execute(f'create table "{table}" as select {", ".join(selected)} from {source}')
    except duckdb.Error as error:
        raise InvalidInput(f"cannot be read as Parquet: {str(error).splitlines()[0]}", where=f"{shown}:0") from error
    loaded = _number(connection, f'select count(*) from "{table}"')
    columns = {str(r[0]): str(r[1]) for r in connection.execute(f'describe "{table}"').fetchall()}
    if changed := [f"{h!r} as {n}" for n, h in zip(names, headers, strict=True) if n != h]:
        notes.append(f"columns renamed: {', '.join(changed)}")
    return LoadedTable(
        table=table,
        file=shown,
        rows_in_file=in_file,
        rows_loaded=loaded,
        rows_reported=in_file - loaded,
        columns=columns,
        headers=dict(zip(names, headers, strict=True)),
        notes=tuple(notes),
    )


def _column(connection: duckdb.DuckDBPyConnection, source: str, header: str, kind: str, name: str) -> tuple[str, str]:
    quoted = '"' + header.replace('"', '""') + '"'
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({quoted}) as varchar)", "nested values kept as JSON text"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({quoted}))", "times stored in UTC"
    if kind.startswith("TIMESTAMP_"):
        return f"cast({quoted} as timestamp)", ""
    if kind in {"BLOB", "UUID"} or kind.startswith("ENUM"):
        return f"cast({quoted} as varchar)", "stored as text" if kind != "BLOB" else "binary values stored as text"
    if kind in {"BIGINT", "INTEGER", "UBIGINT", "UINTEGER", "HUGEINT", "DOUBLE", "FLOAT"}:
        low, high = connection.execute(f"select min({quoted}), max({quoted}) from {source}").fetchall()[0]
        if low is not None and (factor := epoch_unit(name, float(low), float(high))):
            return f"make_timestamp(cast(round({quoted} * {1000000 / factor}) as bigint))", (
                "counts since 1970 stored as a time in UTC"
            )
    return quoted, ""


def _meta(path: Path) -> str:
    return "parquet_file_metadata('" + str(path).replace("'", "''") + "')"


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
