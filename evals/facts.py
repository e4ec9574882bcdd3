"""What is plainly true of a workspace's data: rows, missing values and the first and last day of each column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

_TABLES = "select table_name from duckdb_tables() where not temporary and schema_name = 'main'"
_MISSING = "('', 'NA', 'N/A')"  # as people write it in files
_EPOCH = range(631_152_000, 4_102_444_800)  # seconds of the years 1990 to 2100


@dataclass(frozen=True)
class Facts:
    """Numbers and days that an answer may mention beside its figures, in a caveat or a hint."""

    numbers: frozenset[float] = frozenset()
    days: frozenset[date] = frozenset()


def read_facts(connection: duckdb.DuckDBPyConnection) -> Facts:
    """Facts of every table: with all rows, and without test traffic where a table marks it."""
    numbers: set[float] = set()
    days: set[date] = set()
    for (table,) in connection.execute(_TABLES).fetchall():
        columns = [name for name, *_ in connection.execute(f'describe "{table}"').fetchall()]
        for where in ("true", "not is_test") if "is_test" in columns else ("true",):
            _add_facts(connection, f'"{table}" where {where}', columns, numbers, days)
    return Facts(frozenset(numbers), frozenset(days))


def _add_facts(
    connection: duckdb.DuckDBPyConnection, rows: str, columns: list[str], numbers: set[float], days: set[date]
) -> None:
    present = "count(*) filter (where coalesce(\"{c}\"::varchar, '') not in {missing})"
    asked = ", ".join((present + ', min("{c}"), max("{c}")').format(c=c, missing=_MISSING) for c in columns)
    found = connection.execute(f"select count(*), {asked} from {rows}").fetchone()
    assert found is not None
    total, *cells = found
    numbers.add(total)
    for known, low, high in zip(cells[::3], cells[1::3], cells[2::3], strict=True):
        if known < total:
            numbers |= {total - known, known, (total - known) / total, known / total}
        days |= {day for day in (_day(low), _day(high)) if day is not None}


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and int(value) in _EPOCH:
        return datetime.fromtimestamp(value, UTC).date()
    if isinstance(value, str) and len(value) >= 10:
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None
