"""Words that turn a question into another one, on files that somebody has just loaded: asked or said, never guessed."""

from __future__ import annotations

import pytest

from agent.planners.embedded import plan_question
from agent.planners.embedded.canonical import write_query
from agent.state import ClarifyPlan, DeclinePlan, Plan, QueryPlan
from agent.understand import planner_context
from tools.ingest import init_workspace
from tools.metrics import run_query
from tools.metrics.query import MetricQuery, Where
from tools.workspace import Workspace, default_asker, load_workspace

ADS = """ad_id,advertiser_id,submitted_at,market,tenure,spend_usd,is_violating,review_hours
a1,v1,2025-05-02,US,new,10,TRUE,1
a2,v1,2025-05-09,us,new,900,FALSE,2
a3,v2,2025-06-01,GB,old,20,FALSE,3
a4,v3,2026-05-03,US,new,30,FALSE,4
a5,v3,2026-05-20,US,old,40,TRUE,5
a6,v2,2026-06-02,GB,old,50,FALSE,6
"""
QUEUE = """queue_snapshot_week,queue_market,backlog
2026-05-03,US,100
2026-05-03,GB,10
2026-05-10,US,200
2026-05-10,GB,30
"""


@pytest.fixture(scope="module")
def ads(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("ads")
    (folder / "ads.csv").write_text(ADS)
    (folder / "queue_snapshot.csv").write_text(QUEUE)
    init_workspace(folder / "w", [folder / "ads.csv", folder / "queue_snapshot.csv"])
    return load_workspace(folder / "w")


def read(workspace: Workspace, question: str) -> Plan:
    return plan_question(question, context=planner_context(workspace, default_asker(workspace)))


def test_how_long_is_no_count(ads: Workspace) -> None:
    plan = read(ads, "how long do ads take")
    assert isinstance(plan, DeclinePlan)
    assert "how long" in plan.message
    assert "median review hours" in " ".join(plan.next_steps)


def test_rows_named_first_are_not_lost_to_whose_they_are(ads: Workspace) -> None:
    plan = read(ads, "ads from new advertisers in May")
    assert isinstance(plan, ClarifyPlan)
    assert [c.query.split(" ")[0] for c in plan.choices] == ["ads", "distinct_advertisers"]


@pytest.mark.parametrize("question", ["new ads in May", "advertisers with spend over 500"])
def test_two_readings_are_asked_about(ads: Workspace, question: str) -> None:
    assert isinstance(read(ads, question), ClarifyPlan)


def test_a_bound_on_the_rows_themselves_is_plain(ads: Workspace) -> None:
    plan = read(ads, "ads with spend over 500")
    assert isinstance(plan, QueryPlan)
    assert write_query(plan.query) == "ads where spend_usd > 500.0"


def test_with_no_is_said_of_what_follows(ads: Workspace) -> None:
    assert isinstance(read(ads, "advertisers with no ads"), DeclinePlan)


def test_half_of_a_negated_name_is_not_its_opposite(ads: Workspace) -> None:
    plan = read(ads, "share of spend on violating ads")
    offered = (
        [write_query(plan.query)] if isinstance(plan, QueryPlan) else [c.query for c in getattr(plan, "choices", ())]
    )
    assert offered
    assert not any("false" in query for query in offered)


@pytest.mark.parametrize("question", ["ads in May vs May last year", "ads in May compared to May of last year"])
def test_the_same_month_of_the_year_before(ads: Workspace, question: str) -> None:
    plan = read(ads, question)
    assert isinstance(plan, QueryPlan)
    assert write_query(plan.query) == "ads from 2026-05-01 to 2026-05-31 against 2025-05-01 to 2025-05-31"


def test_another_spelling_of_a_value_is_pointed_out(ads: Workspace) -> None:
    found = run_query(
        MetricQuery(metrics=("ads",), where=(Where(dimension="market", in_=("US",)),)),
        workspace=ads,
        asker=default_asker(ads),
    )
    assert found.figures[0].value == 3
    assert any("\u201cus\u201d of market" in caveat for caveat in found.caveats)


def test_a_level_is_not_added_up_over_time(ads: Workspace) -> None:
    plan = read(ads, "backlog")
    assert isinstance(plan, QueryPlan)
    found = run_query(plan.query, workspace=ads, asker=default_asker(ads))
    assert found.figures[0].value == 200 + 30  # of the last week
    assert any("level" in caveat for caveat in found.caveats)
    assert not any(
        m.aggregation == "total" and m.measure == "backlog"
        for m in planner_context(ads, default_asker(ads)).catalog.measures
    )


def test_a_ratio_says_who_is_not_in_its_denominator(ads: Workspace) -> None:
    found = run_query(MetricQuery(metrics=("ads_per_advertiser",)), workspace=ads, asker=default_asker(ads))
    assert found.figures[0].value == 2
    assert any("left out" in caveat for caveat in found.caveats)


@pytest.mark.parametrize("question", ["ads in us", "how many us ads", "US ads", "ads in the US"])
def test_both_spellings_of_a_country_are_meant_and_us_is_one(ads: Workspace, question: str) -> None:
    plan = read(ads, question)
    assert isinstance(plan, QueryPlan)
    assert plan.query.where[0].in_ is not None
    assert set(plan.query.where[0].in_) == {"US", "us"}


@pytest.mark.parametrize("question", ["show us ads by tenure", "can you tell us the number of ads by tenure"])
def test_us_who_ask_are_no_country(ads: Workspace, question: str) -> None:
    plan = read(ads, question)
    assert isinstance(plan, QueryPlan)
    assert plan.query.where == ()


def test_a_short_value_is_typed_in_any_case(ads: Workspace) -> None:
    plan = read(ads, "ads in gb")
    assert isinstance(plan, QueryPlan)
    assert plan.query.where[0].in_ == ("GB",)


def test_a_verb_on_us_is_no_country(ads: Workspace) -> None:
    plan = read(ads, "how many advertisers asked us in May")
    assert not isinstance(plan, QueryPlan) or plan.query.where == ()
