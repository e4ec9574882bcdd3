"""Time phrases on a fixed day, a Wednesday: 1 April 2026."""

from __future__ import annotations

from datetime import date

import pytest

from agent.planners.embedded.time_grammar import find_time
from agent.planners.embedded.words import tokenize
from tools.figure import Period
from tools.metrics.buckets import period_before

TODAY = date(2026, 4, 1)

PERIODS = [
    ("yesterday", "2026-03-31", "2026-04-01"),
    ("last 7 days", "2026-03-25", "2026-04-01"),
    ("in the past two weeks", "2026-03-16", "2026-03-30"),
    ("last week", "2026-03-23", "2026-03-30"),
    ("last month", "2026-03-01", "2026-04-01"),
    ("last quarter", "2026-01-01", "2026-04-01"),
    ("last year", "2025-01-01", "2026-01-01"),
    ("this week", "2026-03-30", "2026-04-01"),
    ("in March", "2026-03-01", "2026-04-01"),
    ("in December", "2025-12-01", "2026-01-01"),
    ("March 2025", "2025-03-01", "2025-04-01"),
    ("2026-02", "2026-02-01", "2026-03-01"),
    ("on 2026-02-28", "2026-02-28", "2026-03-01"),
    ("on 5 March 2026", "2026-03-05", "2026-03-06"),
    ("March 5th", "2026-03-05", "2026-03-06"),
    ("Q1 2026", "2026-01-01", "2026-04-01"),
    ("in the first quarter of 2026", "2026-01-01", "2026-04-01"),
    ("since 2026-02-01", "2026-02-01", "2026-04-01"),
    ("from February 10 to March 3", "2026-02-10", "2026-03-04"),
    ("between 2026-01-05 and 2026-01-07", "2026-01-05", "2026-01-08"),
    ("in 2025", "2025-01-01", "2026-01-01"),
    ("first half of March", "2026-03-01", "2026-03-16"),
    ("week of 2026-03-05", "2026-03-02", "2026-03-09"),
    ("on Monday", "2026-03-30", "2026-03-31"),
    ("from March", "2026-03-01", "2026-04-01"),
    ("from February onwards", "2026-02-01", "2026-04-01"),
    ("from 2026-03-05", "2026-03-05", "2026-04-01"),
    ("from 3 to 5 March", "2026-03-03", "2026-03-06"),
    ("3-5 March 2026", "2026-03-03", "2026-03-06"),
    ("March 3 to 5, 2026", "2026-03-03", "2026-03-06"),
    ("in 02/2026", "2026-02-01", "2026-03-01"),
    ("on 2026/03/05", "2026-03-05", "2026-03-06"),
    ("5.3.2026", "2026-03-05", "2026-03-06"),
    ("in January and February", "2026-01-01", "2026-03-01"),
    ("after February", "2026-03-01", "2026-04-01"),
    ("03/25/2026", "2026-03-25", "2026-03-26"),
]


@pytest.mark.parametrize(("text", "start", "end"), PERIODS, ids=[p[0] for p in PERIODS])
def test_periods(text: str, start: str, end: str) -> None:
    found = find_time(tokenize(f"messages {text}"), today=TODAY)
    assert [(str(f.period.start), str(f.period.end)) for f in found if f.period] == [(start, end)]


@pytest.mark.parametrize(
    "text", ["it may be wrong", "mar the surface", "5 messages", "the second one", "2026 messages"]
)
def test_ordinary_words_are_not_time(text: str) -> None:
    assert find_time(tokenize(text), today=TODAY) == []


def test_a_day_that_may_be_two_days_is_not_chosen() -> None:
    (found,) = find_time(tokenize("03/04/2026"), today=TODAY)
    assert found.kind == "ambiguous"
    assert [p.start for p in found.options] == [date(2026, 3, 4), date(2026, 4, 3)]


def test_a_day_that_does_not_exist_is_no_time() -> None:
    assert not [f for f in find_time(tokenize("on 2026-02-30"), today=TODAY) if f.period]


def test_the_period_before_a_month_is_the_month_before() -> None:
    march = Period(start=date(2026, 3, 1), end=date(2026, 4, 1))
    assert period_before(march).start == date(2026, 2, 1)
    week = Period(start=date(2026, 3, 2), end=date(2026, 3, 9))
    assert period_before(week).start == date(2026, 2, 23)


MORE_PERIODS = [
    ("since the start of the year", "2026-01-01", "2026-04-01"),
    ("since the beginning of March", "2026-03-01", "2026-04-01"),
    ("in the last quarter of 2025", "2025-10-01", "2026-01-01"),
    ("in 2026Q1", "2026-01-01", "2026-04-01"),
    ("in the first two weeks of March 2026", "2026-03-01", "2026-03-15"),
    ("in the last week of February 2026", "2026-02-22", "2026-03-01"),
    ("in 2026-W12", "2026-03-16", "2026-03-23"),
    ("in week 12 of 2026", "2026-03-16", "2026-03-23"),
    ("in the last 3 full months", "2026-01-01", "2026-04-01"),
    ("between Monday and Wednesday", "2026-03-23", "2026-03-26"),
    ("up to and including 15 January 2026", "0001-01-01", "2026-01-16"),
    ("last weekend", "2026-03-28", "2026-03-30"),
    ("in the 7 days before 2026-03-15", "2026-03-08", "2026-03-15"),
    ("3 days ago", "2026-03-29", "2026-03-30"),
    ("in the second half of 2025", "2025-07-01", "2026-01-01"),
    ("so far this month", "2026-04-01", "2026-04-02"),
    ("in the third quarter", "2025-07-01", "2025-10-01"),
    ("in the week starting 2026-03-16", "2026-03-16", "2026-03-23"),
]

IMPOSSIBLE = [
    "on 31 February 2026",
    "on February 30",
    "on 2026-02-31",
    "on 13/13/2026",
    "in week 54 of 2026",
    "from March 20 to March 10",
    "in early March",
    "recently",
    "in the past few weeks",
    "from 30 February to 5 March 2026",
    "in the last 9999 years",
    "on 9999-12-31",
    "March vs March",
]


@pytest.mark.parametrize(("text", "start", "end"), MORE_PERIODS)
def test_more_periods(text: str, start: str, end: str) -> None:
    (found,) = find_time(tokenize(f"orders {text}"), today=TODAY)
    assert found.period is not None
    assert (found.period.start.isoformat(), found.period.end.isoformat()) == (start, end)


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_days_that_do_not_exist_and_times_without_edges_are_said_to_be_so(text: str) -> None:
    (found,) = find_time(tokenize(f"orders {text}"), today=TODAY)
    assert found.kind == "unsupported"
    assert found.note


def test_a_period_so_far_is_compared_with_as_many_days() -> None:
    today = date(2026, 4, 11)
    (found,) = find_time(tokenize("orders this month vs last month"), today=today)
    assert (found.period, found.against) == (
        Period(start=date(2026, 4, 1), end=today),
        Period(start=date(2026, 3, 1), end=date(2026, 3, 11)),
    )
    assert found.note


@pytest.mark.parametrize("text", ["in March vs the same month last year", "in March yoy", "in March year over year"])
def test_the_same_days_of_the_year_before(text: str) -> None:
    found = find_time(tokenize(f"orders {text}"), today=TODAY)
    assert any(phrase.year_ago for phrase in found)
    assert any(phrase.period == Period(start=date(2026, 3, 1), end=date(2026, 4, 1)) for phrase in found)


def test_each_of_several_months_is_a_period_and_a_grain() -> None:
    (found,) = find_time(tokenize("orders for each of the last 3 months"), today=TODAY)
    assert (found.grain, found.period) == ("month", Period(start=date(2026, 1, 1), end=date(2026, 4, 1)))
