"""Facts about every column of a table, over all of its rows."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from tools.ingest.classify_column import classify_column
from tools.ingest.column_words import split_words
from tools.ingest.report import LoadedTable
from tools.ingest.table_shape import ColumnShape

_SHOWN_VALUES = 60
_NOTHINGS = ("none", "no", "n/a", "na", "null", "nan", "nil", "nothing", "-", "--", "?")


def measure_columns(connection: duckdb.DuckDBPyConnection, loaded: LoadedTable) -> tuple[ColumnShape, ...]:
    """One ColumnShape for each column, classified."""
    return tuple(
        _measure(connection, loaded, name, kind, position)
        for position, (name, kind) in enumerate(loaded.columns.items())
    )


def _measure(
    connection: duckdb.DuckDBPyConnection, loaded: LoadedTable, name: str, kind: str, position: int
) -> ColumnShape:
    table, column = quote(loaded.table), quote(name)
    text = kind == "VARCHAR" or kind.startswith("ENUM")
    plain = (
        text
        or kind in {"BOOLEAN", "DATE", "DOUBLE", "FLOAT"}
        or kind.startswith(("TIMESTAMP", "DECIMAL"))
        or "INT" in kind
    )
    value = column if plain else f"cast({column} as varchar)"
    if "WITH TIME ZONE" in kind:
        value = f"make_timestamp(epoch_us({column}))"
    length = f"length({value})" if text else "0"
    row = connection.execute(
        f"select count(*), count({column}), count(distinct {value}), min({value}), max({value}), avg({length}), "
        f"coalesce(min({length}) = max({length}), false), "
        + (f"coalesce(avg(regexp_matches({value}, '\\s')::int), 0), " if text else "0, ")
        + (f"coalesce(bool_and(regexp_full_match({value}, '[0-9a-fA-F-]{{8,}}')), false) " if text else "false ")
        + f"from {table}"
    ).fetchone()
    if row is None:
        raise AssertionError(loaded.table)
    shape = ColumnShape(
        name=name,
        type=kind,
        header=_with_words(loaded.headers.get(name, name), name, position),
        rows=int(row[0]),
        present=int(row[1]),
        distinct=int(row[2]),
        low=row[3],
        high=row[4],
        mean_length=float(row[5] or 0),
        same_length=bool(row[6]),
        spaced=float(row[7]),
        hexadecimal=bool(row[8]),
        position=position,
        unit=loaded.units.get(name, ""),
    )
    if 0 < shape.distinct <= 1000:
        frequent = connection.execute(
            f"select {value}, count(*) from {table} where {column} is not null "
            f"group by 1 order by 2 desc, 1 limit {_SHOWN_VALUES}"
        ).fetchall()
        shape = replace(shape, values=tuple((v, int(n)) for v, n in frequent))
    shape = replace(shape, kind=classify_column(shape))
    return replace(shape, nothings=_nothings(connection, table, column)) if kind == "VARCHAR" else shape


def _nothings(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> tuple[tuple[str, int], ...]:
    rows = connection.execute(
        f"select trim({column}), count(*) from {table} where length({column}) < 20 and lower(trim({column})) in "
        f"({', '.join(repr(word) for word in _NOTHINGS)}) group by 1 order by 2 desc, 1"
    ).fetchall()
    return tuple((str(value), int(n)) for value, n in rows)


def _with_words(header: str, name: str, position: int) -> str:
    """The header; where it is empty or signs only, the column's name, else its number."""
    return next((text for text in (header, name) if split_words(text)), f"column {position + 1}")


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
