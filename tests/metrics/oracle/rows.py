"""Raw rows of a warehouse, each table read once by `select *`, and what plain values mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from numpy.typing import NDArray

from tools.metrics import Catalog
from tools.metrics.definitions import Dataset, Predicate, Relationship

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass
class Column:
    """`values[codes[i]]` is the value of row i; None is a value like the others."""

    codes: Ints
    values: list[Any]

    def mark(self, test: Callable[[Any], bool]) -> Flags:
        """Rows whose value passes."""
        return np.array([test(v) for v in self.values], dtype=bool)[self.codes]


@dataclass
class Rows:
    """The datasets of a catalog as columns of plain values.

    Attributes:
        zone: of the workspace: moments are turned into its local time.
        kept_for_later: what others worked out of all rows of a dataset.
    """

    catalog: Catalog
    warehouse: Path
    zone: str
    kept_for_later: dict[str, Any] = field(default_factory=dict)
    _tables: dict[str, dict[str, Column]] = field(default_factory=dict)
    _matches: dict[str, Ints] = field(default_factory=dict)
    _days: dict[tuple[str, str], Ints] = field(default_factory=dict)

    def column(self, dataset: Dataset, name: str) -> Column:
        """A column of a dataset's table."""
        return self._table(dataset.source)[name]

    def kept(self, dataset: Dataset) -> Flags:
        """Rows that the required filters keep."""
        first = next(iter(self._table(dataset.source).values()))
        found = np.ones(len(first.codes), dtype=bool)
        for predicate in dataset.where:
            found &= self.column(dataset, predicate.column).mark(lambda v, p=predicate: holds(p, v))  # type: ignore[misc]
        return found

    def match(self, link: Relationship) -> Ints:
        """For every row of `from` its row of `to`, -1 without one; only rows that `to`'s filters keep can match."""
        if link.name not in self._matches:
            to, from_ = self.catalog.datasets[link.to], self.catalog.datasets[link.from_]
            kept = self.kept(to)
            at = {key: i for i, key in enumerate(self._keys(to, link.to_columns)) if kept[i] and None not in key}
            self._matches[link.name] = np.array([at.get(key, -1) for key in self._keys(from_, link.from_columns)])
        return self._matches[link.name]

    def days(self, dataset: Dataset, name: str) -> Ints:
        """The local day of every row, counted from the year 1; -1 without a time."""
        if (dataset.name, name) not in self._days:
            column = self.column(dataset, name)
            days = [-1 if v is None else self._day(v).toordinal() for v in column.values]
            self._days[dataset.name, name] = np.array(days, dtype=np.int64)[column.codes]
        return self._days[dataset.name, name]

    def _day(self, value: Any) -> date:
        if isinstance(value, int):  # a moment, in microseconds since 1970
            seconds = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC")) + timedelta(microseconds=value)
            return seconds.astimezone(ZoneInfo(self.zone)).date()
        return value.date() if isinstance(value, datetime) else value

    def _keys(self, dataset: Dataset, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
        columns = [self.column(dataset, n) for n in names]
        return list(zip(*([c.values[i] for i in c.codes.tolist()] for c in columns), strict=True))

    def _table(self, source: str) -> dict[str, Column]:
        if source not in self._tables:
            with duckdb.connect(str(self.warehouse), read_only=True) as connection:
                types = connection.execute(f"describe {source}").fetchall()
                moments = [r[0] for r in types if r[1] == "TIMESTAMP WITH TIME ZONE"]
                swapped = ", ".join(f"epoch_us({m}) as {m}" for m in moments)
                chosen = f"* replace ({swapped})" if swapped else "*"
                rows = connection.execute(f"select {chosen} from {source}").fetchall()
            columns = zip(*rows, strict=True)
            self._tables[source] = {r[0]: _encode(c) for r, c in zip(types, columns, strict=True)}
        return self._tables[source]


def _encode(values: tuple[Any, ...]) -> Column:
    seen: dict[Any, int] = {}
    codes = np.array([seen.setdefault(v, len(seen)) for v in values], dtype=np.int64)
    return Column(codes, list(seen))


def plain(value: Any) -> str:
    """One spelling for values that are written and stored in different types."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def holds(predicate: Predicate, value: Any, *, strict: bool = False) -> bool:
    """Whether a value satisfies a definition's condition.

    A missing value satisfies `is_null: true` and, because it is none of the excluded ones, `not_in` and `not_equals`;
    under `strict` (the positives of a share, which are counted among filled rows) it satisfies nothing else.
    """
    if predicate.is_null is not None:
        return (value is None) == predicate.is_null
    excluded = predicate.not_in if predicate.not_in is not None else (predicate.not_equals,)
    if value is None:
        return not strict and excluded != (None,)
    if excluded != (None,):
        return plain(value) not in {plain(v) for v in excluded}
    wanted = predicate.in_ if predicate.in_ is not None else (predicate.equals,)
    if wanted != (None,):
        return plain(value) in {plain(v) for v in wanted}
    return in_range(predicate, value)


def in_range(bounds: Any, value: float) -> bool:
    """above, at_least, below, at_most."""
    return (
        (bounds.above is None or value > bounds.above)
        and (bounds.at_least is None or value >= bounds.at_least)
        and (bounds.below is None or value < bounds.below)
        and (bounds.at_most is None or value <= bounds.at_most)
    )
