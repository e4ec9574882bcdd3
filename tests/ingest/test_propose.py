"""Definitions proposed for tables of people nobody here knows, and the numbers they give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.ingest import init_workspace
from tools.metrics import catalog_of, run_query
from tools.metrics.query import MetricQuery
from tools.workspace import Workspace, default_asker, load_workspace

ADS = """Day,Campaign,Device,Impressions,Clicks,Cost,Conversions
2025-01-01,Brand,Mobile,"1,000",10,$5.00,1
2025-01-01,Brand,Desktop,"3,000",90,"$1,045.00",4
2025-01-02,Generic,Mobile,500,0,$0.00,0
"""
TICKETS = """Ticket ID,Created At,Resolved At,Agent,Status,Is Escalated,CSAT Score
T-001,03/01/2025 08:00,03/02/2025 09:00,Ana,closed,TRUE,5
T-002,03/14/2025 08:00,,Ben,open,FALSE,
T-003,03/15/2025 10:30,04/02/2025 11:00,Ana,closed,FALSE,2
T-004,03/16/2025 10:30,04/03/2025 11:00,Ana,closed,FALSE,3
"""
EMPLOYEES = """employee_id,dept,salary,country,hire_date,birth_date
E01,Ops,"$50,000",NO,2020-01-31,1990-02-01
E02,HR,"$60,000",US,2021-02-28,1985-02-01
E03,Ops,"$70,000",NO,2022-03-31,1999-02-01
"""


def workspace_of(tmp_path: Path, **files: str) -> Workspace:
    paths = []
    for name, text in files.items():
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(text)
    init_workspace(tmp_path / "w", paths)
    return load_workspace(tmp_path / "w")


def value(workspace: Workspace, metric: str) -> float | None:
    result = run_query(MetricQuery(metrics=(metric,)), workspace=workspace, asker=default_asker(workspace))
    return result.figures[0].value


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("click_through_rate", 100 / 4500),
        ("cost_per_click", 1050 / 100),
        ("conversion_rate", 5 / 100),
        ("total_impressions", 4500),
        ("share_device_mobile", 2 / 3),
        ("distinct_campaigns", 2),
        ("median_clicks", 10),
    ],
)
def test_ad_spend(tmp_path: Path, metric: str, expected: float) -> None:
    workspace = workspace_of(tmp_path, ad_spend=ADS)
    assert value(workspace, metric) == pytest.approx(expected)
    dataset = catalog_of(workspace).datasets["ad_spend"]
    assert (dataset.time, dataset.actor, dataset.unit) == ("Day", None, "row")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("tickets", 4),
        ("tickets_resolved", 3),
        ("escalated_share", 1 / 4),
        ("tickets_per_agent", 4 / 2),
        ("average_csat_score", 10 / 3),
        ("share_status_closed", 3 / 4),
    ],
)
def test_support_tickets(tmp_path: Path, metric: str, expected: float) -> None:
    workspace = workspace_of(tmp_path, support_tickets=TICKETS)
    assert value(workspace, metric) == pytest.approx(expected)
    dataset = catalog_of(workspace).datasets["support_tickets"]
    assert (dataset.unit, dataset.grain, dataset.time) == ("ticket", ("Ticket_ID",), "Created_At")


def test_employees(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, hr_employees=EMPLOYEES)
    dataset = catalog_of(workspace).datasets["hr_employees"]
    assert (dataset.unit, dataset.time) == ("employee", "hire_date")
    country = next(d for d in dataset.dimensions if d.name == "country")
    assert country.values == {"NO": ("Norway",), "US": ("United States", "USA", "America")}
    assert value(workspace, "median_salary") == 60_000
    assert value(workspace, "employees") == 3


def test_same_columns_in_two_tables_keep_apart(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, january="id,amount\n1,5\n2,7\n", february="id,amount\n1,50\n2,70\n")
    metrics = catalog_of(workspace).metrics
    assert {"average_january_amount", "average_february_amount"} <= set(metrics)
    assert "average amount in january" in metrics["average_january_amount"].synonyms
    assert value(workspace, "total_february_amount") == 120
    assert catalog_of(workspace).relationships == ()


def test_a_sampling_weight_is_pointed_out_not_applied(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("id,score,pw\n1,5,30.5\n2,7,30.5\n3,9,10.25\n")
    report = init_workspace(tmp_path / "w", [tmp_path / "s.csv"])
    assert any("pw looks like a sampling weight" in said for said in report.assumptions)
    assert value(load_workspace(tmp_path / "w"), "average_score") == 7
