"""What the readers of an answer may not see, found in the settings and the data without the product's own decision."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import duckdb

from evals.fold import fold
from tools.access import Policy, Role

_TEXT_COLUMNS = """
    select table_name, column_name from duckdb_columns()
    where schema_name = 'main' and not internal and data_type = 'VARCHAR'
"""
_MOST_VALUES = 5_000


@dataclass(frozen=True)
class Hidden:
    """What must not come out before these readers.

    Attributes:
        tables: tables that at least one of them may not read.
        columns: `table.column` that at least one of them may not use, of tables that all of them may read.
        values: folded distinctive values (words, capitals, digits, marks) that stand in such tables and columns alone.
    """

    tables: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()


def find_hidden(readers: Iterable[str], policy: Policy, connection: duckdb.DuckDBPyConnection) -> Hidden:
    """What any one of `readers` (the asker's role among them) may not see of the data."""
    columns = [(str(table), str(column)) for table, column in connection.execute(_TEXT_COLUMNS).fetchall()]
    every = connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'main' and not internal"
    ).fetchall()
    held = [policy.roles.get(name, Role()) for name in readers]
    tables = frozenset(t for t, _ in every if any(t not in role.tables for role in held))
    denied = frozenset(f"{t}.{c}" for t, c in every if t not in tables and any(_denies(role, t, c) for role in held))
    secret = [(t, c) for t, c in columns if t in tables or f"{t}.{c}" in denied]
    shown = [pair for pair in columns if pair not in secret]
    if not secret:
        return Hidden()
    values = _values(secret, connection) - _values(shown, connection)
    return Hidden(tables, denied, frozenset(fold(v) for v in values if _is_distinctive(v)))


def _denies(role: Role, table: str, column: str) -> bool:
    return f"{table}.{column}" in role.deny_columns or f"{table}.*" in role.deny_columns


def _values(columns: Iterable[tuple[str, str]], connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = (
        connection.execute(f'select distinct "{c}" from "{t}" where "{c}" is not null limit {_MOST_VALUES}').fetchall()
        for t, c in columns
    )
    return {str(value) for (value,) in chain.from_iterable(found)}


def _is_distinctive(value: str) -> bool:
    """Not a plain word of a sentence: `normal` may be said of an interval, `Bittern-2094` of nothing else."""
    return len(value) >= 6 and re.search(r"[^a-z]", value) is not None
