"""Full counts weighed as the outcome of a process: rows of one actor together. By hand, and by simulation."""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy.stats import t  # type: ignore[import-untyped]

from tests.metrics.place import ANALYST, CAREFUL, build_place, by_hand
from tools.access import Asker
from tools.errors import Declined
from tools.metrics import MetricQuery, run_query
from tools.metrics.query import ProcessTest, QueryResult
from tools.workspace import Workspace

REPLICATES = 400
ACTORS = 80

# In each replicate 80 actors with a rate of their own (0 to 0.6), 1 to 60 rows each, on side a or b by no rule that has
# to do with the rate: no difference between the sides, and rows of one actor alike. A hash of the keys takes the place
# of chance, so that every run has the same rows.
SIMULATED = f"""
create macro chance(a, b, c) as (hash(a || '/' || b || '/' || c) >> 11) / 9007199254740992.0;
create table actors as
  select r as replicate, i as actor_id, case when chance(r, i, 'side') < 0.5 then 'a' else 'b' end as side,
    0.6 * chance(r, i, 'rate') ** 2 as rate, 1 + (59 * chance(r, i, 'rows') ** 2)::integer as size
  from range({REPLICATES}) t(r), range({ACTORS}) u(i);
create table acts as
  select replicate, replicate * {ACTORS} + actor_id as actor_id, side, k as act_id,
    chance(replicate * 1000 + actor_id, k, 'bad') < rate as is_bad,
    10 * rate + chance(replicate * 1000 + actor_id, k, 'seconds') as seconds
  from actors, range(60) v(k) where k < size;
create table people as select * from (values (1, 'US'), (2, 'BR')) t(person_id, country);
create table visits as
  select i as visit_id, nullif(i % 7, 6) as person_id, case when i % 2 = 0 then 'web' else 'app' end as surface,
    i % 3 = 0 or i % 7 = 2 as is_bad, (i % 5)::double as amount,
    timestamp '2026-01-01' + to_hours((i * 7)::integer) as at
  from range(1, 211) r(i);
create table checks as select i as check_id, i as visit_id, i % 4 = 0 as failed from range(1, 211) r(i);
create table sensors as select i as reading, i % 2 as line, i % 5 = 0 as hot from range(100) r(i);
create table alone as select 1 as actor_id, i as row_id, i % 2 as side, i % 3 = 0 as is_bad from range(50) r(i);
"""
METRICS = """
datasets:
  - name: acts
    source: acts
    actor: actor_id
    dimensions: [{name: side, column: side}, {name: replicate, column: replicate}]
  - {name: people, source: people, grain: [person_id], unit: person, actor: person_id,
     dimensions: [{name: country, column: country}]}
  - name: visits
    source: visits
    grain: [visit_id]
    time: at
    actor: person_id
    dimensions: [{name: surface, column: surface}]
  - {name: checks, source: checks, grain: [check_id]}
  - {name: sensors, source: sensors, grain: [reading], dimensions: [{name: line, column: line}]}
  - {name: alone, source: alone, grain: [row_id], actor: actor_id, dimensions: [{name: side, column: side}]}
relationships:
  - {name: visitor, from: visits, to: people, from_columns: [person_id], to_columns: [person_id]}
  - {name: checked, from: checks, to: visits, from_columns: [visit_id], to_columns: [visit_id]}
metrics:
  - {name: bad_acts, kind: proportion, of: acts, positive: {column: is_bad, equals: true}}
  - {name: act_seconds, kind: average, of: acts, column: seconds}
  - {name: act_count, kind: count, of: acts}
  - {name: bad_share, kind: proportion, of: visits, positive: {column: is_bad, equals: true}}
  - {name: visit_count, kind: count, of: visits}
  - {name: visitors, kind: distinct, of: visits, column: person_id}
  - {name: visit_amount, kind: average, of: visits, column: amount}
  - {name: middle_amount, kind: percentile, of: visits, column: amount}
  - {name: failed_share, kind: proportion, of: checks, positive: {column: failed, equals: true}}
  - {name: checks_per_visit, kind: ratio, numerator: {agg: count, of: checks}, denominator: {agg: count, of: visits}}
  - {name: hot_share, kind: proportion, of: sensors, positive: {column: hot, equals: true}}
  - {name: alone_share, kind: proportion, of: alone, positive: {column: is_bad, equals: true}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(tmp_path_factory.mktemp("weighed") / "w", sql=SIMULATED, metrics=METRICS, min_cell=10)


def weigh(workspace: Workspace, metric: str, asker: Asker = ANALYST, **query: Any) -> QueryResult:
    asked = MetricQuery.model_validate({"metrics": [metric], **query})
    return run_query(asked, workspace=workspace, asker=asker, tested=True)


def between(dimension: str, *values: Any) -> dict[str, Any]:
    return {"where": [{"dimension": dimension, "in": list(values)}], "contrast": dimension}


def excluding_zero(tests: tuple[ProcessTest, ...]) -> float:
    clear = [x.low > 0 or x.high < 0 for x in tests if x.low is not None and x.high is not None]
    assert len(clear) == REPLICATES
    return sum(clear) / REPLICATES


def test_rows_of_one_actor_taken_apart_find_what_is_not_there(place: Workspace) -> None:
    """No replicate has a difference: a test of the 5 % level may find one in 5 %."""
    found = weigh(place, "bad_acts", **between("side", "a", "b"), by=["replicate"])
    clustered = excluding_zero(found.tests)
    sides = by_hand(
        place, "select replicate, side, count(*), avg(is_bad::integer) from acts group by 1, 2 order by 1, 2"
    )
    naive = 0
    for (_, _, n, p), (_, _, m, q) in zip(sides[::2], sides[1::2], strict=True):
        naive += abs(p - q) > 1.959964 * math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    print(f"share: clustered {clustered:.3f}, rows as independent {naive / REPLICATES:.3f} of {REPLICATES}")
    assert naive / REPLICATES > 0.20
    assert clustered < 0.05 + 3 * math.sqrt(0.05 * 0.95 / REPLICATES)
    assert clustered > 0.01  # nor is it so wide that it could never find anything
    assert all(x.deff is not None and x.deff > 1 for x in found.tests)


@pytest.mark.parametrize("metric", ["act_seconds", "act_count"])
def test_means_and_counts_keep_the_level_as_well(metric: str, place: Workspace) -> None:
    clustered = excluding_zero(weigh(place, metric, **between("side", "a", "b"), by=["replicate"]).tests)
    print(f"{metric}: clustered {clustered:.3f} of {REPLICATES}")
    assert 0.01 < clustered < 0.05 + 3 * math.sqrt(0.05 * 0.95 / REPLICATES)


def variance_by_hand(place: Workspace, y: str, x: str) -> tuple[float, float, int]:
    """m/(m-1)·Σ(u - v)² in Python, each row without an actor being one of its own; the difference; m."""
    rows = by_hand(place, f"select coalesce(person_id::varchar, 'row' || visit_id), surface, {y}, {x} from visits")
    bases = {s: sum(r[3] for r in rows if r[1] == s) for s in ("app", "web")}
    ratios = {s: sum(r[2] for r in rows if r[1] == s) / bases[s] for s in bases}
    moved: dict[str, float] = {}
    for actor, surface, top, base in rows:
        sign = 1 if surface == "app" else -1
        moved[actor] = moved.get(actor, 0.0) + sign * (top - ratios[surface] * base) / bases[surface]
    m = len(moved)
    return m / (m - 1) * sum(u * u for u in moved.values()), ratios["app"] - ratios["web"], m


def test_the_variance_is_that_of_actors(place: Workspace) -> None:
    variance, difference, m = variance_by_hand(place, "amount", "1")
    found = weigh(place, "visit_amount", **between("surface", "app", "web"))
    test = found.tests[0]
    assert test.low is not None
    assert test.high is not None
    assert test.df is not None
    assert (test.clusters, test.clusters_of, test.figure) == (m, "person", "f1")
    assert (test.low + test.high) / 2 == pytest.approx(difference) == pytest.approx(found.figures[0].value)
    assert (test.high - test.low) / 2 == pytest.approx(float(t.ppf(0.975, test.df)) * math.sqrt(variance))
    assert found.figures[0].low is None  # the figure stays a full count


def test_a_count_lets_the_number_of_actors_vary(place: Workspace) -> None:
    """Totals by hand: Σ(rows here - rows there)² over persons, 1 for each row without a person."""
    squares = by_hand(
        place,
        "select sum(d * d) from (select sum(case when surface = 'app' then 1 else -1 end) as d from visits "
        "group by coalesce(person_id::varchar, 'row' || visit_id))",
    )[0][0]
    test = weigh(place, "visit_count", **between("surface", "app", "web")).tests[0]
    assert test.low is not None
    assert test.high is not None
    assert (test.high - test.low) / 2 == pytest.approx(float(t.ppf(0.975, test.df)) * math.sqrt(squares))


def test_the_actor_is_found_through_a_relationship(place: Workspace) -> None:
    found = weigh(place, "failed_share", **between("surface", "app", "web")).tests[0]
    assert (found.clusters_of, found.clusters) == ("person", 36)  # 6 persons, 30 rows without one
    both = weigh(place, "checks_per_visit", **between("surface", "app", "web")).tests[0]
    assert both.clusters == 36
    assert both.high is not None
    # one check a visit, so that no person moves the ratio; the 15 rows a side that have no person are unknown to belong
    # together, checks and visits alike: 60 of weight 1/105
    assert both.high == pytest.approx(float(t.ppf(0.975, 35)) * math.sqrt(36 / 35 * 60 / 105**2))


def test_periods_are_weighed_with_their_common_actors(place: Workspace) -> None:
    january = {"from": "2026-01-01", "to": "2026-02-01"}
    found = weigh(place, "bad_share", period={"from": "2026-02-01", "to": "2026-03-01"}, compare=january).tests[0]
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.high
    assert found.clusters_of == "person"


def test_without_an_actor_rows_are_independent_and_that_is_said(place: Workspace) -> None:
    found = weigh(place, "hot_share", **between("line", 0, 1)).tests[0]
    assert found.clusters_of is None
    assert found.clusters == 100
    assert found.deff == pytest.approx(100 / 99)  # nothing but m/(m-1)


@pytest.mark.parametrize(
    ("metric", "query", "reason"),
    [
        ("middle_amount", between("surface", "app", "web"), "of this kind"),
        ("alone_share", between("side", 0, 1), "too few actors"),
    ],
)
def test_what_cannot_be_weighed_says_why(metric: str, query: dict[str, Any], reason: str, place: Workspace) -> None:
    test = weigh(place, metric, **query).tests[0]
    assert test.low is None
    assert reason in (test.undefined or "")


def test_nothing_is_weighed_that_is_hidden(place: Workspace) -> None:
    """Six persons stand behind each side, and ten may be shown."""
    found = weigh(place, "visitors", **between("surface", "app", "web"))
    assert found.tests[0].clusters == 6
    with pytest.raises(Declined, match="Too few people"):
        weigh(place, "visitors", CAREFUL, **between("surface", "app", "web"))


def test_only_where_it_is_asked_for(place: Workspace) -> None:
    query = MetricQuery.model_validate({"metrics": ["bad_share"], **between("surface", "app", "web")})
    assert run_query(query, workspace=place, asker=ANALYST).tests == ()
