"""What users of other tools complain of, each as a test of the whole answer. docs/questions.md lists where else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import answer
from agent.state import Answer, Question
from tests.metrics.place import ANALYST, build_place, by_hand
from tools.workspace import Workspace

TABLES = """
create table people as select * from (values (1, 'US'), (2, 'DE'), (3, null)) t(person_id, country);
-- six rows a person, and as many of persons that nobody has on file
create table orders as
  select i as order_id, i % 6 + 1 as person_id, i % 4 = 0 as late, 100 + i % 3 as price,
    date '2026-01-01' + (i % 90)::integer as ordered_on, date '2026-01-03' + (i % 90)::integer as shipped_on,
    case when i % 2 = 0 then 'web' else 'app' end as surface
  from range(360) r(i);
create table parcels as select i as parcel_id, i % 360 as order_id from range(900) r(i);
create table checked as
  select i as order_id, 10.0 as weight, i % 20 as bundle, i % 5 = 0 as bad, i % 3 = 0 as odd from range(300) r(i);
"""
METRICS = """
datasets:
  - {name: people, source: people, grain: [person_id], unit: person, dimensions: [{name: country, column: country}]}
  - name: orders
    source: orders
    grain: [order_id]
    time: ordered_on
    unit: order
    dimensions: [{name: surface, column: surface}]
  - {name: parcels, source: parcels, grain: [parcel_id], unit: parcel}
  - name: checked
    source: checked
    grain: [order_id]
    unit: order
    design: {type: cluster, weight: weight, cluster: bundle}
relationships:
  - {name: buyer, from: orders, to: people, from_columns: [person_id], to_columns: [person_id]}
  - {name: of_order, from: parcels, to: orders, from_columns: [order_id], to_columns: [order_id]}
metrics:
  - {name: order_count, kind: count, of: orders, synonyms: [orders]}
  - {name: late_share, kind: proportion, of: orders, positive: {column: late, equals: true}}
  - {name: order_price, kind: average, of: orders, column: price, unit: usd}
  - {name: orders_shipped, kind: count, of: orders, time: shipped_on}
  - {name: parcel_count, kind: count, of: parcels, synonyms: [parcels]}
  - {name: bad_share, kind: proportion, of: checked, positive: {column: bad, equals: true}}
  - {name: odd_share, kind: proportion, of: checked, positive: {column: odd, equals: true}}
  - {name: bad_against_odd, kind: derived, op: ratio, metrics: [bad_share, odd_share]}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(tmp_path_factory.mktemp("complaints") / "w", sql=TABLES, metrics=METRICS)


def ask(text: str, place: Workspace) -> Answer:
    return answer(Question(text=text), workspace=place, asker=ANALYST)


def test_a_fan_out_never_multiplies(place: Workspace) -> None:
    """900 parcels of 360 orders: a join would count the orders 900 times."""
    assert ask("parcels per order count", place).figures[0].value == pytest.approx(900 / 360)
    (rows,) = zip(*by_hand(place, "select count(*) from orders where surface = 'web'"), strict=True)
    assert ask("orders on web", place).figures[0].value == rows[0]


def test_rows_without_a_match_stay_in_the_denominator(place: Workspace) -> None:
    found = ask("late share by country", place)
    by_country = {f.slice["country"]: (f.n, f.positives) for f in found.figures}
    assert by_country[None][0] == 240  # the person without a country, and three that nobody has on file
    assert sum(n or 0 for n, _ in by_country.values()) == 360
    assert sum(p or 0 for _, p in by_country.values()) == 90
    assert any("have no country" in c for c in found.caveats)


def test_no_grouping_is_added(place: Workspace) -> None:
    found = ask("late share by surface", place)
    assert [set(f.slice) for f in found.figures] == [{"surface"}] * 2
    assert [set(f.slice) for f in ask("late share", place).figures] == [set()]


def test_of_a_metric_whose_parts_share_a_sample_the_errors_are_added(place: Workspace) -> None:
    """Their covariance is not known here, and an interval as of independent parts could be too narrow."""
    bad, odd, both = (ask(text, place).figures[0] for text in ("bad share", "odd share", "bad against odd"))
    assert both.value == pytest.approx(float(bad.value or 0) / float(odd.value or 1))
    assert both.high is not None
    assert "covariance not used" in both.method
    assert both.high - float(both.value or 0) > float(both.value or 0) * max(
        (float(f.high or 0) - float(f.value or 0)) / float(f.value or 1) * 0.5 for f in (bad, odd)
    )


@pytest.mark.parametrize(
    ("text", "column"), [("orders in February 2026", "ordered_on"), ("orders shipped in February 2026", "shipped_on")]
)
def test_the_date_column_is_said(text: str, column: str, place: Workspace) -> None:
    assert f"{column} of orders" in ask(text, place).text


@pytest.mark.parametrize(
    "text", ["what is our churn rate?", "late share of returns", "net promoter score by country", "late share in Peru"]
)
def test_what_is_not_there_gets_no_number(text: str, place: Workspace) -> None:
    found = ask(text, place)
    assert found.kind in ("declined", "clarification")
    assert found.figures == ()


def test_a_chart_of_near_values_does_not_enlarge_their_difference(place: Workspace) -> None:
    """Prices of 100.99 and 101.01 dollars: bars that began at 100.9 would show one several times the other."""
    found = ask("order price by surface", place)
    assert found.chart is not None
    spec = found.chart.vega_lite
    scales = [
        layer["encoding"][axis]["scale"]["domain"]
        for layer in spec["layer"]
        for axis in ("x", "y")
        if isinstance(layer.get("encoding", {}).get(axis, {}).get("scale"), dict)
        and isinstance(layer["encoding"][axis]["scale"].get("domain"), list)
        and all(isinstance(v, int | float) for v in layer["encoding"][axis]["scale"]["domain"])
    ]
    assert scales
    assert all(low <= 0 for low, _ in scales)


def test_the_page_names_tests_and_cases_that_exist() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "questions.md").read_text(encoding="utf-8")
    table = page[page.index("## What users of other tools complain of") :].split("\n## ")[0]
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("tests", "evals/cases")
        for path in (root / folder).rglob("*.*")
        if path.suffix in (".py", ".yml")
    )
    named = [word for row in table.splitlines() if row.startswith("|") for word in row.split("`")[1::2]]
    assert len(named) >= 14
    assert [n for n in named if f"def {n}(" not in sources and f"id: {n}\n" not in sources] == []
