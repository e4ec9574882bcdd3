"""Cost first: how many rows a query will read, told from the profile before anything runs."""

from __future__ import annotations

from datetime import date, timedelta

from tools.errors import Declined
from tools.figure import Period
from tools.metrics.cut import Cut
from tools.metrics.profile import DatasetProfile, Profile

_ONE_DAY = timedelta(days=1)


def check_scan(cut: Cut, profile: Profile, *, scan_rows: int, periods: int, dated: bool) -> None:
    """Let a cut pass whose datasets hold no more rows in its period than may be read.

    Rows are taken to be spread evenly over the days of the data, because a table that is written in the order of time
    is read only where the period is. A dataset without times is read whole.

    Args:
        cut: what is read, and of which period.
        profile: rows and days of each dataset.
        scan_rows: limits.scan_rows of the workspace.
        periods: 2 where a comparison reads another period as long.
        dated: whether the asker may know the days of the data.

    Raises:
        Declined: `too_expensive`, rule limit_scan, with the longest period that would pass.
    """
    found = [profile.datasets[name] for name in dict.fromkeys(cut.datasets) if name in profile.datasets]
    estimate = round(periods * sum(each.rows * _share(each, cut.period) for each in found))
    if estimate <= scan_rows:
        return
    raise Declined(
        f"This would read about {_about(estimate)} rows; limits.scan_rows is {scan_rows:,}.",
        reason="too_expensive",
        rule="limit_scan",
        hint=_narrower(found, cut.period, scan_rows / periods, dated=dated),
    )


def _share(data: DatasetProfile, period: Period | None) -> float:
    """Which part of the data's days the period covers."""
    if period is None or data.first is None or data.last is None:
        return 1.0
    end = data.last + _ONE_DAY
    covered = (min(period.end, end) - max(period.start, data.first)).days
    return max(covered, 0) / (end - data.first).days


def _narrower(found: list[DatasetProfile], period: Period | None, most: float, *, dated: bool) -> str:
    """The longest period that would pass, ending where the asked one ends."""
    timed = [each for each in found if each.first is not None and each.last is not None]
    whole = sum(each.rows for each in found if each not in timed)
    per_day = sum(each.rows / ((each.last or date.min) + _ONE_DAY - (each.first or date.min)).days for each in timed)
    days = int((most - whole) / per_day + 1e-9) if per_day else 0
    if days < 1:
        return "Raise limits.scan_rows in transect.toml, or define the metric on a smaller table."
    if period is None and not dated:
        return f"Ask for a period of at most {days:,} days."
    ends = [each.last + _ONE_DAY for each in timed if each.last is not None]
    end = max(ends) if period is None else min(period.end, *ends) if dated else period.end
    return f"Ask for at most {days:,} days, such as from {end - days * _ONE_DAY} to {end - _ONE_DAY}."


def _about(rows: int) -> str:
    """Two digits: the size of a table is told, not its rows."""
    digits = max(len(str(rows)) - 2, 0)
    return f"{round(rows / 10**digits) * 10**digits:,}"
