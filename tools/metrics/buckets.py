"""Days, ISO weeks and months as buckets of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tools.errors import Declined
from tools.figure import Period
from tools.metrics.profile import TimeProfile
from tools.metrics.query import Grain


def start_of(day: date, grain: Grain) -> date:
    """The first day of the day's bucket; weeks are ISO weeks and begin on Monday."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def next_start(start: date, grain: Grain) -> date:
    """The first day of the following bucket."""
    if grain == "month":
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start + timedelta(days=7 if grain == "week" else 1)


def buckets_of(period: Period, grain: Grain) -> list[date]:
    """First days of every bucket that touches the period."""
    found = [start_of(period.start, grain)]
    while (following := next_start(found[-1], grain)) < period.end:
        found.append(following)
    return found


def bucket_period(start: date, grain: Grain, within: Period | None) -> Period:
    """The days of a bucket; of those, the ones asked for or, where none were, the ones the data covers."""
    end = next_start(start, grain)
    if within is None or end <= within.start or start >= within.end:
        return Period(start=start, end=end)
    return Period(start=max(start, within.start), end=min(end, within.end))


def ends_early(start: date, grain: Grain, asked: Period | None, covered: Period) -> bool:
    """The data ends inside a bucket, or inside those of its days that were asked for."""
    end = next_start(start, grain) if asked is None else min(next_start(start, grain), asked.end)
    return start < covered.end < end


def describe_ends(grain: Grain, covered: Period) -> list[str]:
    """Which buckets are not whole when all the data is asked for: those that it begins and ends in."""
    last = covered.end - timedelta(days=1)
    found = []
    if start_of(covered.start, grain) != covered.start:
        found.append(f"The first {grain} is not whole: the data begins on {covered.start}.")
    if next_start(start_of(last, grain), grain) != covered.end:
        found.append(f"The last {grain} is not whole, so it is provisional: the data ends on {last}.")
    return found


def period_before(period: Period) -> Period:
    """The calendar month, quarter or year before one; for any other period the days just before, as many."""
    months = whole_months(period)
    if months in (1, 3, 6, 12):
        first = period.start.year * 12 + period.start.month - 1 - months
        return Period(start=date(first // 12, first % 12 + 1, 1), end=period.start)
    return Period(start=period.start - (period.end - period.start), end=period.start)


def whole_months(period: Period) -> int:
    """How many calendar months the period is; 0 when it is not made of whole ones."""
    if period.start.day != 1 or period.end.day != 1:
        return 0
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month


def data_period(times: Sequence[TimeProfile]) -> Period | None:
    """The days on which every one of the datasets may have data: first to newest, over all of them."""
    spans = [(day_of(t.first), day_of(t.newest)) for t in times]
    known = [(a, b) for a, b in spans if a is not None and b is not None]
    if not known or len(known) < len(spans):
        return None
    return Period(start=min(a for a, _ in known), end=max(b for _, b in known) + timedelta(days=1))


def day_of(value: datetime | date | None) -> date | None:
    """The local day of a time."""
    return value.date() if isinstance(value, datetime) else value


def check_period(period: Period, times: Sequence[tuple[str, TimeProfile]]) -> list[str]:
    """Caveats where the data covers only a part of the period.

    Raises:
        Declined: `no_data`, one of the datasets has nothing in the period; the message names its range.
    """
    caveats = []
    for name, time in times:
        first, newest = day_of(time.first), day_of(time.newest)
        if first is None or newest is None:
            raise Declined(f"{name} has no row with a time.", reason="no_data")
        if period.start > newest or period.end <= first:
            last = period.end - timedelta(days=1)
            asked = str(period.start) if last == period.start else f"{period.start} to {last}"
            raise Declined(
                f"There is no data for {asked}: {name} covers {first} to {newest}.",
                reason="no_data",
                rule="outside_of_data",
                value=asked,
                hint=f"Ask for days between {first} and {newest}.",
            )
        if newest < period.end - timedelta(days=1):
            caveats.append(f"The newest data of {name} is of {newest}, so the period is not complete.")
        if first > period.start:
            caveats.append(
                f"{name} begin{'' if name.endswith('s') else 's'} on {first}, so the period is not complete."
            )
    return caveats


def is_young(period: Period, newest: date | None, lag_days: int) -> bool:
    """The period ends within `lag_days` of the newest data: late rows and late labels may still change it."""
    if newest is None or lag_days == 0:
        return False
    return period.end - timedelta(days=1) > newest - timedelta(days=lag_days)
