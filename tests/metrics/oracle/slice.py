"""The rows a query covers, in cells: conditions, period, grain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from tests.metrics.oracle.cell import NoData
from tests.metrics.oracle.dimensions import Found, find, satisfy, twin, values_of
from tests.metrics.oracle.rows import Flags, Ints, Rows, holds
from tools.figure import Period
from tools.metrics import Where
from tools.metrics.definitions import Dataset, Predicate
from tools.metrics.query import Grain

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Slice:
    """What a query asks of one metric.

    Attributes:
        base: the dataset by which the keys of dimensions are read.
        only: keys of the cells to keep, all as one cell; None for each cell by itself.
    """

    base: Dataset
    by: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    period: Period | None = None
    grain: Grain | None = None
    only: frozenset[Key] | None = None

    def over(self, dropped: tuple[str, ...]) -> Slice:
        """Without the grouping and the conditions on some dimensions."""
        return replace(
            self,
            by=tuple(b for b in self.by if b not in dropped),
            where=tuple(w for w in self.where if w.dimension not in dropped),
        )


def cells_of(
    asked: Slice, dataset: Dataset, rows: Rows, *, time: str | None, where: tuple[Predicate, ...]
) -> dict[Key, Ints]:
    """Row numbers by cell; the whole has a cell even when it has no row."""
    keep = rows.kept(dataset)
    for predicate in where:
        keep &= rows.column(dataset, predicate.column).mark(lambda v, p=predicate: holds(p, v))  # type: ignore[misc]
    for condition in asked.where:
        found = _seen_from(asked, condition.dimension, dataset, rows)
        keep &= satisfy(condition, values_of(found, dataset, rows), found.dimension)
    keep &= _dated(asked, dataset, rows, time)
    at = np.flatnonzero(keep)
    columns = [values_of(_seen_from(asked, name, dataset, rows), dataset, rows) for name in asked.by]
    codes = [c.codes[at] for c in columns]
    names: list[list[Any]] = [c.values for c in columns]
    if asked.grain is not None:
        assert time is not None
        starts = {day: _start(date.fromordinal(day), asked.grain) for day in set(rows.days(dataset, time)[at].tolist())}
        buckets = sorted(set(starts.values()))
        place = {day: buckets.index(start) for day, start in starts.items()}
        codes.insert(0, np.array([place[d] for d in rows.days(dataset, time)[at].tolist()], dtype=np.int64))
        names.insert(0, buckets)
    if not codes:
        return {(): at}
    cells = dict(_split(at, codes, names)) if len(at) else {}
    if asked.only is None:
        return cells
    kept = [ix for key, ix in cells.items() if key in asked.only]
    return {("other",) * len(asked.by): np.concatenate(kept)} if kept else {}


def _split(at: Ints, codes: list[Ints], names: list[list[Any]]) -> Iterator[tuple[Key, Ints]]:
    distinct, group = np.unique(np.stack(codes), axis=1, return_inverse=True)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=distinct.shape[1]))
    merged: dict[Key, list[Ints]] = {}
    for combination, part in zip(distinct.T.tolist(), np.split(at[order], ends[:-1]), strict=True):
        key = tuple(n[c] for n, c in zip(names, combination, strict=True))
        merged.setdefault(key, []).append(part)  # no value and no match are one key
    for key, parts in merged.items():
        yield key, np.concatenate(parts)


def _seen_from(asked: Slice, name: str, dataset: Dataset, rows: Rows) -> Found:
    wanted = find(asked.base, name, rows.catalog)
    return wanted if dataset.name == asked.base.name else twin(wanted, dataset, rows.catalog)


def _dated(asked: Slice, dataset: Dataset, rows: Rows, time: str | None) -> Flags | bool:
    if time is None:
        assert asked.period is None
        assert asked.grain is None
        return True
    days = rows.days(dataset, time)
    if asked.period is not None:
        return (days >= asked.period.start.toordinal()) & (days < asked.period.end.toordinal())
    return days >= 0 if asked.grain is not None else True


def data_days(dataset: Dataset, time: str, rows: Rows) -> Period:
    """First day to the day after the newest, of the rows that the required filters keep."""
    days = rows.days(dataset, time)[rows.kept(dataset)]
    days = days[days >= 0]
    return Period(start=date.fromordinal(int(days.min())), end=date.fromordinal(int(days.max()) + 1))


def check_days(period: Period, known: Period) -> None:
    """Raises NoData when the data has no day in the period."""
    if period.start >= known.end or period.end <= known.start:
        raise NoData


def before(period: Period) -> Period:
    """The month, quarter, half-year or year before a whole one, else as many days."""
    first, end = period.start, period.end
    months = (end.year - first.year) * 12 + end.month - first.month
    if first.day == end.day == 1 and months in (1, 3, 6, 12):
        for _ in range(months):
            first = (first - timedelta(days=1)).replace(day=1)
        return Period(start=first, end=period.start)
    return Period(start=period.start - timedelta(days=period.days), end=period.start)


def buckets_in(period: Period, grain: Grain) -> list[date]:
    """First days of the buckets that the period touches."""
    days = range(period.start.toordinal(), period.end.toordinal())
    return sorted({_start(date.fromordinal(d), grain) for d in days})


def _start(day: date, grain: Grain) -> date:
    if grain == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.isoweekday() - 1) if grain == "week" else day


def bucket_end(start: date, grain: Grain) -> date:
    """The first day that is no more in the bucket."""
    day = start + timedelta(days=1)
    while _start(day, grain) == start:
        day += timedelta(days=1)
    return day
