"""Two slices against each other, thresholds on groups and ratios made up on the way, against SQL by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.metrics.place import CAREFUL, LIMITED, ask, build_place, by_hand
from tools.errors import Declined, InvalidInput
from tools.workspace import Workspace

TABLES = """
create table people as from (values (1, 'US'), (2, 'DE'), (3, 'US'), (4, null), (5, 'FR')) t(person_id, country);
create table visits as
  select i as visit_id, i % 5 + 1 as person_id, timestamp '2026-01-01' + to_hours((i * 7)::integer) as seen_at,
    case when i % 3 = 0 then 'web' when i % 3 = 1 then 'app' end as surface,
    i % 4 = 0 as is_bad
  from range(1, 201) r(i);
-- a purchase has its own time, several to a person, and some of people who never visited
create table purchases as
  select i as purchase_id, i % 9 + 1 as person_id, timestamp '2026-01-03' + to_hours((i * 11)::integer) as paid_at,
    (i % 7)::double as amount
  from range(1, 91) r(i);
create table labelled as
  select i as item_id, i % 40 as bundle, timestamp '2026-01-01' + to_hours((i * 5)::integer) as at,
    case when i % 2 = 0 then 'web' else 'app' end as surface, case when i % 4 < 2 then 'x' else 'y' end as stratum,
    (5 + i % 3)::double as weight, case when i % 5 = 0 or (i % 2 = 0 and i % 3 = 0) then 'bad' else 'fine' end as label
  from range(1, 401) r(i);
"""

METRICS = """
datasets:
  - name: visits
    source: visits
    grain: [visit_id]
    time: seen_at
    unit: visit
    actor: person_id
    dimensions: [{name: surface, column: surface}]
  - name: people
    source: people
    grain: [person_id]
    unit: person
    actor: person_id
    dimensions: [{name: country, column: country}]
  - {name: purchases, source: purchases, grain: [purchase_id], time: paid_at, unit: purchase, actor: person_id}
  - name: labelled
    source: labelled
    grain: [item_id]
    time: at
    unit: item
    dimensions: [{name: surface, column: surface}]
    design: {type: stratified, strata: stratum, weight: weight, cluster: bundle}
relationships:
  - {name: visitor, from: visits, to: people, from_columns: [person_id], to_columns: [person_id]}
  - {name: buyer, from: purchases, to: people, from_columns: [person_id], to_columns: [person_id]}
metrics:
  - {name: visit_count, kind: count, of: visits, owner: web}
  - {name: visitors, kind: distinct, of: visits, column: person_id, owner: web}
  - {name: bad_share, kind: proportion, of: visits, positive: {column: is_bad, equals: true}, owner: web}
  - {name: revenue, kind: sum, of: purchases, column: amount, unit: usd, owner: shop}
  - {name: bad_prevalence, kind: prevalence, of: labelled, positive: {column: label, equals: bad}, owner: web}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    limited = "tables = ['visits', 'people']"
    return build_place(tmp_path_factory.mktemp("contrast") / "w", sql=TABLES, metrics=METRICS, limited=limited)


def values(workspace: Workspace, **query: Any) -> list[float | int | None]:
    return [f.value for f in ask(workspace, **query).figures]


def one(workspace: Workspace, sql: str) -> list[object]:
    return list(by_hand(workspace, sql)[0])


def test_first_less_second(place: Workspace) -> None:
    where = [{"dimension": "surface", "in": ["web", "app"]}]
    found = ask(place, metrics=["bad_share"], where=where, contrast="surface")
    share = "avg(is_bad::int) filter (where surface = '{}')"
    web, app = share.format("web"), share.format("app")
    assert [f.value for f in found.figures] == pytest.approx(
        one(place, f"select {web} - {app}, {web}, {app} from visits")
    )
    assert [f.slice for f in found.figures] == [{}, {"surface": "web"}, {"surface": "app"}]
    back = [{"dimension": "surface", "in": ["app", "web"]}]
    assert values(place, metrics=["bad_share"], where=back, contrast="surface")[0] == pytest.approx(
        -float(found.figures[0].value or 0)
    )


def test_each_group_has_its_own_difference(place: Workspace) -> None:
    found = ask(
        place,
        metrics=["visit_count"],
        by=["surface"],
        where=[{"dimension": "country", "in": ["US", "DE"]}],
        contrast="country",
    )
    rows = by_hand(
        place,
        "select surface, count(*) filter (where country = 'US') - count(*) filter (where country = 'DE') "
        "from visits join people using (person_id) group by 1",
    )
    assert {(f.slice["surface"], f.value) for f in found.figures[0::3]} == set(rows)


def test_two_domains_of_a_sample_differ_with_an_interval_of_their_own(place: Workspace) -> None:
    where = [{"dimension": "surface", "in": ["web", "app"]}]
    difference, web, app = ask(place, metrics=["bad_prevalence"], where=where, contrast="surface").figures
    ratio = (
        "sum(weight * (label = 'bad')::int) filter (where surface = '{0}') / sum(weight) filter (where surface = '{0}')"
    )
    by = one(place, f"select {ratio.format('web')}, {ratio.format('app')} from labelled")
    assert [web.value, app.value] == pytest.approx(by)
    assert difference.value == pytest.approx(float(web.value or 0) - float(app.value or 0))
    assert difference.low is not None
    assert difference.high is not None
    assert difference.low < float(difference.value or 0) < difference.high
    assert difference.basis == "sample"


def test_a_contrast_of_one_value_is_with_all_the_others(place: Workspace) -> None:
    """Rows without a surface are among them."""
    where = [{"dimension": "surface", "in": ["web"]}]
    found = values(place, metrics=["visit_count"], where=where, contrast="surface")
    web, others = one(
        place,
        "select count(*) filter (where surface = 'web'), count(*) filter (where surface is distinct from 'web') "
        "from visits",
    )
    assert found == [int(str(web)) - int(str(others)), web, others]


@pytest.mark.parametrize("values_", [["web", "app", "tv"], None])
def test_a_contrast_needs_one_or_two_values(values_: list[str] | None, place: Workspace) -> None:
    where = [{"dimension": "surface", "in": values_}] if values_ else []
    with pytest.raises((InvalidInput, Declined), match=r"one or two of its values|tv"):
        ask(place, metrics=["visit_count"], where=where, contrast="surface")


@pytest.mark.parametrize(
    ("having", "condition"),
    [
        ({"above": 66}, "count(*) > 66"),
        ({"at_least": 66}, "count(*) >= 66"),
        ({"below": 67}, "count(*) < 67"),
        ({"at_least": 60, "at_most": 66}, "count(*) between 60 and 66"),
    ],
)
def test_groups_within_bounds(place: Workspace, having: dict[str, float], condition: str) -> None:
    found = ask(place, metrics=["visit_count"], by=["surface"], having=having)
    rows = by_hand(place, f"select surface, count(*) from visits group by 1 having {condition}")
    assert {(f.slice["surface"], f.value) for f in found.figures} == set(rows)
    assert found.table is not None
    assert len(found.table.rows) == len(rows)


def test_no_group_within_bounds_says_where_they_lie(place: Workspace) -> None:
    with pytest.raises(Declined) as caught:
        ask(place, metrics=["bad_share"], by=["surface"], having={"above": 0.9})
    assert caught.value.reason == "no_data"
    assert "90%" in caught.value.message
    assert "%" in caught.value.hint


def test_hidden_groups_lie_within_no_bounds(place: Workspace) -> None:
    with pytest.raises(Declined) as caught:  # a person or two stand behind each country
        ask(place, CAREFUL, metrics=["visit_count"], by=["country"], having={"at_least": 1})
    assert caught.value.reason == "small_cell"


def test_a_sampled_group_that_may_lie_on_either_side_is_said(place: Workspace) -> None:
    value = values(place, metrics=["bad_prevalence"], by=["surface"])[0]
    found = ask(place, metrics=["bad_prevalence"], by=["surface"], having={"above": float(value or 0) - 1e-6})
    assert any("not established" in c for c in found.caveats)


def test_each_side_of_a_ratio_is_counted_on_its_own_rows(place: Workspace) -> None:
    found = ask(place, metrics=["revenue"], per="visit_count")
    expected = one(place, "select (select sum(amount) from purchases) / (select count(*) from visits)")
    assert [f.value for f in found.figures] == pytest.approx(expected)  # a join would multiply purchases by visits
    assert found.figures[0].unit == "usd"


def test_a_group_that_only_one_side_has_is_not_lost(place: Workspace) -> None:
    found = ask(place, metrics=["revenue"], per="visit_count", by=["country"])
    rows = by_hand(
        place,
        "select country, sum(amount) / (select count(*) from visits v left join people q using (person_id) "
        "where q.country is not distinct from p.country) "
        "from purchases left join people p using (person_id) group by 1",
    )
    got = {f.slice["country"]: f.value for f in found.figures}
    assert got == pytest.approx(dict(rows))
    assert None in got


def test_each_side_of_a_ratio_goes_by_its_own_time(place: Workspace) -> None:
    period = {"from": "2026-01-10", "to": "2026-01-20"}
    found = values(place, metrics=["revenue"], per="visitors", period=period)
    days = "between '2026-01-10' and '2026-01-19 23:59:59.999'"
    top, bottom = "select sum(amount) from purchases", "select count(distinct person_id) from visits"
    sql = f"select ({top} where paid_at {days}) / ({bottom} where seen_at {days})"
    assert found == pytest.approx(one(place, sql))


def test_an_estimate_is_no_side_of_a_ratio_made_up_on_the_way(place: Workspace) -> None:
    with pytest.raises(Declined, match="side of a ratio"):
        ask(place, metrics=["bad_share"], per="visit_count")


def test_a_side_that_may_not_be_seen_is_not_divided_by(place: Workspace) -> None:
    with pytest.raises(Declined) as caught:
        ask(place, LIMITED, metrics=["visit_count"], per="revenue")
    assert caught.value.reason == "not_permitted"
