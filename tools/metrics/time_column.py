"""A time column of any type as wall-clock time in the workspace's zone, and days as bounds on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from tools.metrics.sql import Values

TimeKind = Literal["date", "timestamp", "zoned", "epoch", "text"]
_EPOCH = datetime(1970, 1, 1)


def time_kind(duckdb_type: str) -> TimeKind | None:
    """How a column of that type holds time; None when it cannot."""
    kind = duckdb_type.upper()
    if kind == "DATE":
        return "date"
    if kind in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"):
        return "zoned"
    if kind.startswith("TIMESTAMP") or kind == "DATETIME":
        return "timestamp"
    if kind in ("VARCHAR", "TEXT"):
        return "text"
    if kind in ("BIGINT", "INTEGER", "UBIGINT", "UINTEGER", "DOUBLE", "HUGEINT"):
        return "epoch"
    return None


@dataclass(frozen=True)
class TimeColumn:
    """How to read a column as time.

    Attributes:
        kind: of its type; `epoch` counts from 1970 in UTC, `text` is ISO 8601 without a zone.
        per_second: units of an epoch column in a second (1, 1,000, 1,000,000 or 1,000,000,000).
        zone: of the workspace; plain times and dates are taken to be in it already.
    """

    kind: TimeKind
    zone: str
    per_second: int = 1

    def wall_clock(self, column: str) -> str:
        """SQL for the local time (a DATE stays one); `column` is quoted already."""
        zone = "'" + self.zone.replace("'", "''") + "'"
        if self.kind == "zoned":
            return f"{column} at time zone {zone}"
        if self.kind == "epoch":
            divided = column if self.per_second == 1 else f"{column} / {self.per_second}"
            return f"to_timestamp({divided}) at time zone {zone}"
        if self.kind == "text":
            return f"try_cast({column} as timestamp)"
        return column

    def bucket(self, column: str, grain: str) -> str:
        """SQL for the first day of the row's day, ISO week (Monday) or month."""
        if self.kind == "date" and grain == "day":
            return column
        local = self.wall_clock(column)
        if grain == "day":
            return f"({local})::date" if self.kind != "timestamp" else f"{local}::date"
        return f"date_trunc('{grain}', {local})::date"

    def bound(self, day: date, values: Values) -> str:
        """SQL for the moment a day begins, comparable with the bare column."""
        if self.kind == "zoned":
            return f"{values.bind(_start_of(day, self.zone).isoformat(' '))}::timestamptz"
        if self.kind == "epoch":
            start = _start_of(day, self.zone)
            seconds = int((start.replace(tzinfo=None) - (start.utcoffset() or timedelta()) - _EPOCH).total_seconds())
            return values.bind(seconds * self.per_second)
        return values.bind(day)

    def comparable(self, column: str) -> str:
        """SQL for what is compared with `bound`."""
        return self.wall_clock(column) if self.kind == "text" else column


def _start_of(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
