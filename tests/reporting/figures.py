"""Figures for the tests of charts and words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tools.figure import Figure, Period


def days(start: str, end: str) -> Period:
    return Period.model_validate({"from": start, "to": end})


MARCH = days("2026-03-01", "2026-04-01")
FEBRUARY = days("2026-02-01", "2026-03-01")


def counted(value: float | None, **more: Any) -> Figure:
    """A full count."""
    given: dict[str, Any] = {"id": "f1", "metric": "report_rate", "version": 3, "unit": "share", "method": "full count"}
    given |= {"basis": "full_count", "period": MARCH, "n": 5574, "as_of": date(2026, 3, 31)}
    return Figure.model_validate({**given, "value": value, **more})


def sampled(value: float | None, low: float | None = None, high: float | None = None, **more: Any) -> Figure:
    """An estimate from a sample with its 95 % interval."""
    level = None if low is None else 0.95
    given: dict[str, Any] = {"basis": "sample", "low": low, "high": high, "level": level, "method": "korn-graubard"}
    return counted(value, **{**given, **more})


def nothing_found(bound: float, **more: Any) -> Figure:
    """A sample without a positive."""
    return sampled(0, 0.0, bound, one_sided=True, positives=0, **more)


def weekly(values: Sequence[float | None], *, start: date = date(2025, 12, 1), **more: Any) -> list[Figure]:
    """A series of weeks, each value with an interval of a tenth to either side; None is an undefined week."""
    figures = []
    for index, value in enumerate(values):
        first = start + timedelta(days=7 * index)
        period = Period.model_validate({"from": first, "to": first + timedelta(days=7)})
        if value is None:
            figures.append(sampled(None, undefined="no rows", period=period, **more))
        else:
            figures.append(sampled(value, value * 0.9, value * 1.1, period=period, **more))
    return figures
