"""One value against all the others, and which of two is higher: read as a contrast, or asked back."""

from __future__ import annotations

from typing import Any

import pytest

from agent import answer
from agent.state import Answer, Question
from tests.metrics.place import ANALYST, build_place, by_hand
from tools.workspace import Workspace

TABLES = """
create table rides as
  select i as ride_id, date '2026-01-01' + (i % 60)::integer as day, i % 3 = 0 as late,
    case i % 5 when 0 then 'US' when 1 then 'DE' when 2 then 'FR' when 3 then null else 'NO' end as country,
    case when i % 2 = 0 then 'bus' else 'tram' end as line
  from range(1, 601) r(i);
"""
METRICS = """
datasets:
  - name: rides
    source: rides
    grain: [ride_id]
    time: day
    unit: ride
    dimensions: [{name: country, column: country, synonyms: [countries]}, {name: line, column: line}]
metrics:
  - {name: ride_count, kind: count, of: rides, synonyms: [rides]}
  - {name: late_share, kind: proportion, of: rides, positive: {column: late, equals: true}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(tmp_path_factory.mktemp("rest") / "w", sql=TABLES, metrics=METRICS)


def ask(text: str, place: Workspace, thread: str | None = None) -> Answer:
    return answer(Question(text=text), workspace=place, asker=ANALYST, thread=thread)


@pytest.mark.parametrize(
    "text",
    [
        "late share in the US vs the rest",
        "late share in the US compared to everyone else",
        "late share in the US against all other countries",
        "is late share different between the US and the rest?",
        "is the late share higher in the US than elsewhere?",
        "late share in US vs not US",
    ],
)
def test_one_value_stands_against_all_the_others(text: str, place: Workspace) -> None:
    (sides,) = by_hand(
        place,
        "select avg(late::integer) filter (where country = 'US'), avg(late::integer) filter (where country is null or "
        "country <> 'US') from rides",
    )
    found = ask(text, place)
    assert found.kind == "answer", found.headline
    assert [f.value for f in found.figures] == pytest.approx([sides[0] - sides[1], *sides])
    assert [f.slice for f in found.figures] == [{}, {"country": "US"}, {"country": {"not_in": ["US"]}}]


def test_rows_without_a_value_are_among_the_rest_and_that_is_said(place: Workspace) -> None:
    found = ask("rides in the US vs the rest", place)
    assert [f.value for f in found.figures[1:]] == [120, 480]
    assert any("rows without a value included" in a for a in found.assumptions)


def test_the_rest_of_which_of_two(place: Workspace) -> None:
    found = ask("rides by tram in the US vs the rest", place)
    assert found.kind == "clarification"
    chosen = [ask(c.query, place) for c in found.choices]
    assert {tuple(f.value for f in a.figures[1:]) for a in chosen} == {(60, 240), (60, 60)}


@pytest.mark.parametrize(
    "text", ["rides vs the rest", "rides in the US vs other lines", "rides in the US and other countries"]
)
def test_the_rest_of_nothing_is_no_answer(text: str, place: Workspace) -> None:
    assert ask(text, place).kind == "declined"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("how many more rides in the US than in NO in January 2026?", "US NO"),
        ("which had more rides in January 2026, US or DE?", "US DE"),
        ("between DE and US, which had fewer rides in January 2026?", "DE US"),
        ("were rides higher in FR or DE in January 2026?", "FR DE"),
    ],
)
def test_which_of_two_is_their_difference_in_the_order_said(text: str, values: str, place: Workspace) -> None:
    found = ask(text, place)
    expected: list[Any] = [
        by_hand(place, f"select count(*) from rides where country = '{v}' and day < '2026-02-01'")[0][0]
        for v in values.split()
    ]
    assert found.kind == "answer", found.headline
    assert [f.value for f in found.figures] == [expected[0] - expected[1], *expected]


def test_a_follow_up_keeps_one_against_the_rest(place: Workspace) -> None:
    ask("rides in the US vs the rest", place, thread="rest")
    found = ask("same for January 2026", place, thread="rest")
    (sides,) = by_hand(
        place,
        "select count(*) filter (where country = 'US'), count(*) filter (where country is distinct from 'US') "
        "from rides where day < '2026-02-01'",
    )
    assert [f.value for f in found.figures[1:]] == list(sides)


def test_a_bound_is_still_a_bound(place: Workspace) -> None:
    found = ask("countries with more than 100 rides", place)
    assert found.kind == "answer"
    assert all(f.value is not None and f.value > 100 for f in found.figures)
