"""Fiscal phrases on a fixed day, a Wednesday: 1 April 2026."""

from __future__ import annotations

from datetime import date

import pytest

from agent import answer
from agent.planners.embedded.time_grammar import find_time
from agent.planners.embedded.words import tokenize
from agent.state import Answer, Question
from tests.metrics.place import build_place
from tools.workspace import Workspace, default_asker, load_workspace

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


ORDERS = """
create table orders as
  select i as order_id, date '2025-07-01' + (i % 270)::integer as paid_on, i % 2 = 0 as is_gift from range(2700) r(i);
"""
DEFINED = """
datasets:
  - name: orders
    source: orders
    grain: [order_id]
    time: paid_on
    unit: order
    dimensions: [{name: gift, column: is_gift}]
metrics:
  - {name: order_count, kind: count, of: orders, synonyms: [orders]}
  - {name: gift_share, kind: proportion, of: orders, positive: {column: is_gift, equals: true}}
verified_queries:
  - {question: "How busy were we in FY26 Q1?", by: owner, on: 2026-03-01,
     query: {metrics: [order_count], period: {from: 2025-07-01, to: 2025-10-01}}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    directory = tmp_path_factory.mktemp("fiscal") / "w"
    build_place(directory, sql=ORDERS, metrics=DEFINED)
    settings = directory / "transect.toml"
    said = '[workspace]\ntoday = "2026-04-01"\nfiscal_year_start = 7\n'
    settings.write_text(settings.read_text(encoding="utf-8").replace("[workspace]\n", said), encoding="utf-8")
    return load_workspace(directory)


def ask(text: str, place: Workspace) -> Answer:
    return answer(Question(text=text), workspace=place, asker=default_asker(place))


def test_a_verified_question_of_a_fiscal_quarter_is_not_that_of_another(place: Workspace) -> None:
    """Each day has ten orders: 92 days in the first fiscal quarter, and nothing signed for the second."""
    signed = ask("how busy were we in fiscal Q1 2026?", place)
    assert signed.figures[0].value == 920
    assert ask("how busy were we in FY26 Q2?", place).kind != "answer"


@pytest.mark.parametrize("second", ["orders by gift?", "gift share?"])
def test_a_fiscal_quarter_restricts_one_of_two_questions(second: str, place: Workspace) -> None:
    found = ask(f"gift share in FY26 Q2? {second}", place)
    assert (found.kind, found.reason) == ("declined", "unsupported_cut")
    assert "two questions" in found.text


def test_a_size_for_a_fiscal_quarter(place: Workspace) -> None:
    """The share as it is in that quarter: half of the orders are gifts."""
    size = ask("how many orders do I need to see a 10 % change in gift share in FY26 Q2?", place)
    assert size.figures[1].value == 0.5
    assert size.figures[1].n == 920


def test_the_same_for_a_fiscal_quarter_in_a_conversation(place: Workspace) -> None:
    asker = default_asker(place)
    answer(Question(text="gift share in FY26 Q1"), workspace=place, asker=asker, thread="fiscal")
    again = answer(Question(text="same for FY26 Q2"), workspace=place, asker=asker, thread="fiscal")
    assert (again.figures[0].metric, again.figures[0].n) == ("gift_share", 920)
    period = again.figures[0].period
    assert period is not None
    assert period.start == date(2025, 10, 1)
