"""Fiscal phrases on a fixed day, a Wednesday: 1 April 2026."""

from __future__ import annotations

from datetime import date

import pytest

from agent.planners.embedded.time_grammar import find_time
from agent.planners.embedded.words import tokenize

TODAY = date(2026, 4, 1)

JULY = [
    ("fiscal Q1 2026", "2025-07-01", "2025-10-01"),
    ("FY26 Q3", "2026-01-01", "2026-04-01"),
    ("Q3 FY26", "2026-01-01", "2026-04-01"),
    ("Q2 of fiscal year 2026", "2025-10-01", "2026-01-01"),
    ("the second fiscal quarter of 2026", "2025-10-01", "2026-01-01"),
    ("FY2025", "2024-07-01", "2025-07-01"),
    ("fiscal year 2026", "2025-07-01", "2026-07-01"),
    ("this fiscal year", "2025-07-01", "2026-04-01"),
    ("last fiscal year", "2024-07-01", "2025-07-01"),
    ("this fiscal quarter", "2026-04-01", "2026-04-02"),
    ("last fiscal quarter", "2026-01-01", "2026-04-01"),
    ("since fiscal Q3 2026", "2026-01-01", "2026-04-01"),
    ("fiscal Q4", "2026-04-01", "2026-07-01"),
]
FEBRUARY = [
    ("FY26 Q1", "2025-02-01", "2025-05-01"),
    ("this fiscal quarter", "2026-02-01", "2026-04-01"),
    ("last fiscal quarter", "2025-11-01", "2026-02-01"),
    ("this fiscal year", "2026-02-01", "2026-04-01"),
]


@pytest.mark.parametrize(
    ("start", "text", "first", "end"), [(7, *row) for row in JULY] + [(2, *row) for row in FEBRUARY]
)
def test_by_the_month_that_the_year_begins_in(start: int, text: str, first: str, end: str) -> None:
    found = find_time(tokenize(f"orders {text}"), today=TODAY, fiscal_start=start)
    assert [p.kind for p in found] == ["period"]
    period = found[0].period
    assert period is not None
    assert (period.start.isoformat(), period.end.isoformat()) == (first, end)


def test_a_year_that_begins_in_january_is_the_calendar_year() -> None:
    (found,) = find_time(tokenize("FY2025"), today=TODAY, fiscal_start=1)
    assert found.period is not None
    assert (found.period.start, found.period.end) == (date(2025, 1, 1), date(2026, 1, 1))


def test_the_reading_is_stated() -> None:
    (found,) = find_time(tokenize("FY26 Q1"), today=TODAY, fiscal_start=7)
    assert "2025-07-01 to 2025-09-30" in found.note


def test_two_fiscal_quarters_are_compared() -> None:
    (found,) = find_time(tokenize("FY26 Q2 vs FY26 Q1"), today=TODAY, fiscal_start=7)
    assert found.kind == "compare"
    assert found.period is not None
    assert found.against is not None
    assert (found.period.start, found.against.start) == (date(2025, 10, 1), date(2025, 7, 1))


def test_without_the_setting_nothing_is_guessed() -> None:
    (found,) = find_time(tokenize("orders in FY26 Q1"), today=TODAY)
    assert found.kind == "unsupported"
    assert "fiscal_year_start" in found.note
