"""A change of policy inside the period divides a series: in words, in the table and in the picture."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from agent import answer
from agent.state import Answer, Question
from tests.metrics.place import ANALYST, build_place
from tools.errors import InvalidWorkspace
from tools.metrics import catalog_of
from tools.workspace import Workspace
from tools.workspace.events import read_events

TABLES = """
create table actions as
  select i as action_id, i % 30 as account_id, timestamp '2026-01-01' + to_hours((i * 5)::integer) as acted_at,
    case when i % 3 = 0 then 'fraud' else 'spam' end as policy, case when i % 2 = 0 then 'web' else 'app' end as surface
  from range(0, 430) r(i);
create table visits as
  select i as visit_id, timestamp '2026-01-01' + to_hours((i * 5)::integer) as seen_at from range(0, 430) r(i);
"""

METRICS = """
datasets:
  - name: actions
    source: actions
    grain: [action_id]
    time: acted_at
    unit: action
    dimensions: [{name: policy, column: policy}, {name: surface, column: surface}]
  - {name: visits, source: visits, grain: [visit_id], time: seen_at, unit: visit}
metrics:
  - {name: actions_taken, kind: count, of: actions, owner: safety}
  - {name: visit_count, kind: count, of: visits, owner: web}
  - {name: web_actions, kind: count, of: actions, where: [{column: surface, equals: web}], version: 3, owner: safety,
     history: [{version: 2, from: 2026-01-20, note: Bots are left out, restated: true},
               {version: 3, from: 2026-03-02, note: The app's browser counts as web}]}
  - {name: web_actions_per_visit, kind: derived, op: ratio, metrics: [web_actions, visit_count], owner: safety}
"""

EVENTS = """
# what happened
- {date: 2026-02-10, name: "Fraud policy, version 2", kind: policy_change, scope: policy fraud}
- {date: 2026-02-20, name: A new page, kind: launch, scope: all}
- {date: 2026-03-05, name: Visits count pages, kind: definition_change, scope: metric visit_count}
"""


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    workspace = build_place(tmp_path / "w", sql=TABLES, metrics=METRICS)
    (workspace.root / "events.yml").write_text(EVENTS, encoding="utf-8")
    return workspace


def said(text: str, workspace: Workspace) -> Answer:
    found = answer(Question(text=text), workspace=workspace, asker=ANALYST)
    assert found.kind == "answer", found.headline
    return found


def breaks_in(found: Answer) -> list[str]:
    return [c for c in found.caveats if c.startswith("A break on ")]


def test_a_series_says_where_it_breaks(place: Workspace) -> None:
    found = said("actions taken per week from 2026-01-05 to 2026-03-15", place)
    assert breaks_in(found) == [
        "A break on 2026-02-10: Fraud policy, version 2. Figures before and after it do not measure the same."
    ]
    rows = [line for line in found.text.splitlines() if line.startswith("|")]
    marked = next(i for i, row in enumerate(rows) if "break on 2026-02-10" in row)
    assert "9-15 February 2026" in rows[marked + 1]
    assert "2-8 February 2026" in rows[marked - 1]


def test_the_line_is_not_drawn_across(place: Workspace) -> None:
    found = said("actions taken per week from 2026-01-05 to 2026-03-15", place)
    assert found.chart is not None
    data = found.chart.vega_lite["datasets"]
    assert [row["period"] for row in data["breaks"]] == ["2026-02-10"]
    segments = {row["segment"].split(".")[1]: row["period"] for row in reversed(data["lines"])}
    assert len(segments) == 2
    assert max(segments.values()) == "2026-02-09"  # the week that holds the break begins the second stretch
    assert "breaks at 2026-02-10" in found.chart.alt
    assert any(layer["data"]["name"] == "breaks" for layer in found.chart.vega_lite["layer"])


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("actions taken from 2026-02-11 to 2026-03-01", 0),  # after it
        ("actions taken from 2026-02-10 to 2026-03-01", 0),  # a change on the first day divides nothing
        ("actions taken from 2026-02-09 to 2026-03-01", 1),
        ("actions taken in March 2026 vs January 2026", 1),
        ("actions taken on policy fraud in February 2026", 1),
        ("actions taken on policy spam in February 2026", 0),
        ("visit count in February 2026", 0),
        ("visit count in March 2026", 1),
    ],
)
def test_what_a_change_bears_on(question: str, count: int, place: Workspace) -> None:
    assert len(breaks_in(said(question, place))) == count


def test_a_version_of_the_definition_divides_its_series(place: Workspace) -> None:
    found = said("web actions per week from 2026-02-16 to 2026-03-15", place)
    assert breaks_in(found) == [
        "A break on 2026-03-02: web_actions became version 3: The app's browser counts as web. Figures before and "
        "after it do not measure the same."
    ]
    assert any("break on 2026-03-02" in line for line in found.text.splitlines() if line.startswith("|"))
    assert found.chart is not None
    assert len({row["segment"] for row in found.chart.vega_lite["datasets"]["lines"]}) == 2


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("web actions in March 2026 vs February 2026", 1),
        ("web actions from 2026-03-02 to 2026-03-20", 0),  # all of it is version 3
        ("web actions in February 2026", 0),
        ("web actions per visit in March 2026", 1),  # through the metric that it is made of
        ("actions taken in March 2026", 0),
    ],
)
def test_which_figures_a_version_divides(question: str, count: int, place: Workspace) -> None:
    assert sum("became version 3" in line for line in breaks_in(said(question, place))) == count


def test_days_that_were_counted_again_are_one_series_and_not_what_was_published(place: Workspace) -> None:
    restated = "Days before 2026-01-20 are counted again by version 2 of web_actions: Bots are left out."
    january = said("web actions in January 2026", place)
    assert not breaks_in(january)
    assert any(c.startswith(restated) for c in january.caveats)
    assert not any(c.startswith(restated) for c in said("web actions in February 2026", place).caveats)
    compared = said("web actions in February 2026 vs January 2026", place)
    assert any(c.startswith(restated) for c in compared.caveats)


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("version: 3, history: [{version: 2, from: 2026-01-01, note: a}]", "the metric is version 3"),
        (
            "version: 3, history: [{version: 3, from: 2026-01-01, note: a}, {version: 2, from: 2026-02-01, note: b}]",
            "from older to newer",
        ),
    ],
)
def test_a_history_that_does_not_lead_to_the_version_is_a_fault(metric: str, message: str, tmp_path: Path) -> None:
    metrics = METRICS + f"  - {{name: faulty, kind: count, of: actions, {metric}}}\n"
    workspace = build_place(tmp_path / "w", sql=TABLES, metrics=metrics)
    with pytest.raises(InvalidWorkspace, match=message):
        catalog_of(workspace)


def test_without_a_break_a_chart_is_as_before(place: Workspace) -> None:
    found = said("actions taken per week from 2026-02-16 to 2026-03-15", place)
    assert found.chart is not None
    assert all(layer["data"]["name"] != "breaks" for layer in found.chart.vega_lite["layer"])


def test_the_events_of_a_file(place: Workspace) -> None:
    assert [e.date for e in read_events(place.root)] == [date(2026, 2, 10), date(2026, 2, 20), date(2026, 3, 5)]
    path = place.root / "events.yml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert read_events(place.root) == ()
    path.unlink()
    assert read_events(place.root) == ()


def test_a_faulty_file_names_the_line_and_stops_no_question(place: Workspace) -> None:
    (place.root / "events.yml").write_text("- {date: soon, name: A, kind: launch}\n", encoding="utf-8")
    with pytest.raises(InvalidWorkspace, match=r"events\.yml:1"):
        read_events(place.root)
    assert not breaks_in(said("actions taken in February 2026", place))
    own = breaks_in(said("web actions in March 2026 vs February 2026", place))
    assert [line[:36] for line in own] == ["A break on 2026-03-02: web_actions b"]
