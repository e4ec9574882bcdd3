"""How a table's rows are spread over a column that its file is ordered by: what a condition on it saves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from tools.warehouse.quoting import dotted, quoted

_DATES = re.compile(r"DATE|TIMESTAMP.*|DATETIME")
_NUMBERS = re.compile(r"U?(TINY|SMALL|BIG)?INT(EGER)?")


@dataclass(frozen=True)
class Spread:
    """Rows are taken to be spread evenly, as in a table that is written in the order of time or of its key.

    Attributes:
        column: its name.
        first, last: smallest and largest value; of times the day, as its ordinal.
        dates: whether it holds times.
    """

    column: str
    first: int
    last: int
    dates: bool

    @property
    def length(self) -> int:
        """Days, or numbers."""
        return self.last + 1 - self.first

    def share(self, low: int | None, high: int | None) -> float:
        """Which part of the rows lies from `low` to before `high`; None where there is no bound."""
        begin = self.first if low is None else max(low, self.first)
        end = self.last + 1 if high is None else min(high, self.last + 1)
        return max(end - begin, 0) / self.length

    def written(self, value: int) -> str:
        """A value as SQL writes it in quotes, or a number."""
        return date.fromordinal(value).isoformat() if self.dates else str(value)


Spreads = Callable[[str], tuple[Spread, ...]]  # of a table


def find_spreads(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    *,
    time: str | None,
    keys: Sequence[str],
    rows: int,
    others: bool,
) -> tuple[Spread, ...]:
    """The columns to tell the rows of a table by, the one to narrow it by first.

    Args:
        cursor: on the warehouse.
        table: its name.
        columns: those that may be used, and their types.
        time: of its dataset, where it has one.
        keys: columns of its datasets' grains, where that is one column.
        rows: of the table. A column of numbers will do only where nearly each number is one row.
        others: whether the extremes of other columns than the dataset's time may be known.
    """
    own = [name for name in columns if time is not None and name.lower() == time.lower()]
    more = [name for name in columns if name not in own] if others else []
    dates = [name for name in (*own, *more) if _DATES.fullmatch(columns[name])]
    whole = [name for name in more if _NUMBERS.fullmatch(columns[name])]
    numbers = [name for name in whole if name in keys] or ([] if dates else whole)
    found = _extremes(cursor, table, dates, "date") | _extremes(cursor, table, numbers, "bigint")
    spreads = [Spread(name, _whole(low), _whole(high), name in dates) for name, (low, high) in found.items()]
    return tuple(each for each in spreads if each.dates or rows <= each.length <= 2 * rows)


def _whole(value: date | int) -> int:
    return value.toordinal() if isinstance(value, date) else value


def _extremes(
    cursor: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], kind: str
) -> dict[str, tuple[Any, Any]]:
    """Smallest and largest value of each column that has any."""
    if not names:
        return {}
    asked = ", ".join(f"min({quoted(name)})::{kind}, max({quoted(name)})::{kind}" for name in names)
    try:
        found = cursor.execute(f"select {asked} from {dotted(table)}").fetchall()[0]
    except duckdb.Error:  # days before the year 1, numbers that are too large: not for us
        return {}
    pairs = zip(names, found[::2], found[1::2], strict=True)
    return {name: (low, high) for name, low, high in pairs if low is not None}
