"""Best and worst: by the direction that a definition declares, else asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import answer
from agent.state import Answer, Question
from tests.metrics.place import ANALYST, build_place, by_hand
from tools.workspace import Workspace

TABLES = """
create table checks as
  select i as check_id, 'team ' || chr(97 + (i % 4)::integer) as team, i % 4 > (i // 4) % 5 as passed,
    (i % 7)::double as minutes, case when i % 2 = 0 then 'gold' else 'plain' end as tier
  from range(400) r(i);
"""
METRICS = """
datasets:
  - name: checks
    source: checks
    grain: [check_id]
    unit: check
    dimensions: [{name: team, column: team}, {name: tier, column: tier}]
metrics:
  - {name: pass_rate, kind: proportion, of: checks, positive: {column: passed, equals: true}, better: higher}
  - {name: fail_rate, kind: proportion, of: checks, positive: {column: passed, equals: false}, better: lower}
  - {name: check_minutes, kind: average, of: checks, column: minutes, owner: ops}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(tmp_path_factory.mktemp("best") / "w", sql=TABLES, metrics=METRICS)


def ask(text: str, place: Workspace) -> Answer:
    return answer(Question(text=text), workspace=place, asker=ANALYST)


@pytest.mark.parametrize(
    ("text", "passed", "order"),
    [
        ("best team by pass rate", "true", "desc"),
        ("which team has the worst pass rate?", "true", "asc"),
        ("which team has the best fail rate?", "false", "asc"),
        ("worst team by fail rate", "false", "desc"),
    ],
)
def test_the_definition_says_which_end_is_meant(text: str, passed: str, order: str, place: Workspace) -> None:
    team, rate = by_hand(
        place, f"select team, avg((passed = {passed})::integer) from checks group by 1 order by 2 {order} limit 1"
    )[0]
    found = ask(text, place)
    assert found.figures[0].slice["team"] == team
    assert found.figures[0].value == pytest.approx(rate)
    assert any("by the definition of" in a for a in found.assumptions)


def test_as_many_as_are_asked_for(place: Workspace) -> None:
    found = ask("best 2 teams by pass rate", place)
    top = by_hand(place, "select team from checks group by 1 order by avg(passed::integer) desc limit 2")
    assert [f.slice["team"] for f in found.figures[:2]] == [row[0] for row in top]


def test_without_a_direction_it_is_asked(place: Workspace) -> None:
    found = ask("best team by check minutes", place)
    assert found.kind == "clarification"
    assert "which way is better" in found.headline
    ends = [ask(c.query, place).figures[0].value for c in found.choices]
    (rows,) = zip(*by_hand(place, "select avg(minutes) from checks group by team"), strict=True)
    assert ends == [pytest.approx(max(rows)), pytest.approx(min(rows))]


def test_a_value_of_that_name_is_a_value(tmp_path: Path) -> None:
    place = build_place(tmp_path / "w", sql=TABLES.replace("'gold'", "'best'"), metrics=METRICS)
    found = ask("pass rate for tier best", place)
    assert found.kind == "answer"
    assert found.figures[0].slice == {"tier": "best"}


def test_no_ranking_is_made_up(place: Workspace) -> None:
    assert ask("what is the best way to raise the pass rate?", place).kind == "declined"
