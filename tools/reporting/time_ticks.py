"""Round dates along a time axis, and how Vega writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True)
class TimeTicks:
    """Dates to label, and the Vega expression that writes them, the year under the first and under each new year."""

    dates: tuple[date, ...]
    label_expr: str


def time_ticks(starts: Sequence[date], *, most: int) -> TimeTicks:
    """At most about `most` ticks for periods that begin on `starts` (ascending, not empty)."""
    if all(d.day == 1 for d in starts) and len(starts) > 1:
        dates, day = _thin(starts, most), ""
    elif len(starts) <= most:
        dates, day = tuple(starts), "%-d "
    elif (starts[-1] - starts[0]).days > 31 * most:
        dates, day = _thin(_firsts(starts[0], starts[-1]), most), ""
    elif len({d.weekday() for d in starts}) == 1:
        dates, day = _thin(starts, most), "%-d "
    else:
        dates, day = _days(starts[0], starts[-1], most), "%-d "
    new_year = [d for i, d in enumerate(dates) if i == 0 or d.year != dates[i - 1].year]
    stamps = ",".join(str(_milliseconds(d)) for d in new_year)
    label = f"utcFormat(datum.value, '{day}%b')"
    return TimeTicks(
        dates, f"indexof([{stamps}], +datum.value) >= 0 ? [{label}, utcFormat(datum.value, '%Y')] : {label}"
    )


def _thin(dates: Sequence[date], most: int) -> tuple[date, ...]:
    """Every k-th, where k months fit a year where possible."""
    step = next(k for k in (1, 2, 3, 4, 6, 12, 24, 60, 120, 600, 6000, 10**9) if len(dates) / k <= most)
    return tuple(dates[::step])


def _firsts(first: date, last: date) -> list[date]:
    found, year, month = [], first.year, first.month
    while date(year, month, 1) <= last:
        if date(year, month, 1) >= first:
            found.append(date(year, month, 1))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def _mondays(first: date, last: date) -> list[date]:
    start = first + timedelta(days=-first.weekday() % 7)
    return [start + timedelta(days=7 * i) for i in range((last - start).days // 7 + 1)]


def _days(first: date, last: date, most: int) -> tuple[date, ...]:
    span = (last - first).days
    step = next(k for k in (1, 2, 7, 14, 28, 10**9) if span / k <= most)
    if step >= 7:
        return tuple(_mondays(first, last)[:: step // 7])
    return tuple(first + timedelta(days=i) for i in range(0, span + 1, step))


def _milliseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
