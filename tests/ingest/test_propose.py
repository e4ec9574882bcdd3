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


@pytest.mark.parametrize("header", ["id,amount,,", "id,???", "id,-", "???,-,%", "___,id"])
def test_headers_without_words(tmp_path: Path, header: str) -> None:
    width = header.count(",") + 1
    rows = "".join(",".join(f"v{r}{c}" if r % 2 else f"w{r}" for c in range(width)) + "\n" for r in range(6))
    workspace = workspace_of(tmp_path, things=f"{header}\n{rows}")
    dataset = catalog_of(workspace).datasets["things"]
    count = next(m for m in catalog_of(workspace).metrics.values() if m.kind == "count")
    assert value(workspace, count.name) == 6
    assert all(any(c.isalnum() for c in word) for d in dataset.dimensions for word in d.synonyms)


def words_for_rows(workspace: Workspace) -> set[str]:
    """Every name and synonym of the counts of rows, in single words."""
    counts = [m for m in catalog_of(workspace).metrics.values() if m.kind == "count" and not m.where]
    return {w for m in counts for phrase in (m.name.replace("_", " "), *m.synonyms) for w in phrase.lower().split()}


@pytest.mark.parametrize(
    ("name", "header", "unit"),
    [
        ("ad_spend", "day,spend", "row"),
        ("ad_spend", "day,spend_eur", "row"),
        ("sales", "day,sales_amount", "row"),
        ("order_lines", "order_id,quantity", "order line"),
        ("orders", "order_id,quantity", "row"),
        ("spam", "n,is_spam", "row"),
        ("trips", "driver,trip_distance", "trip"),
        ("web_visits", "n,page", "web visit"),
    ],
)
def test_rows_are_not_called_by_what_a_column_holds(tmp_path: Path, name: str, header: str, unit: str) -> None:
    rows = "".join(f"{'AB'[i % 2]},{i % 2 if 'is_' in header else i * 7}\n" for i in range(40))
    if header == "day,spend":
        rows = "".join(f"2025-01-{1 + i // 2:02},{i}.5\n" for i in range(40))
    workspace = workspace_of(tmp_path, **{name: f"{header}\n{rows}"})
    assert catalog_of(workspace).datasets[name].unit == unit
    if unit == "row":
        assert not words_for_rows(workspace) & {"spend", "sale", "sales", "spam", "order", "orders", "ad"}
    assert "orders" not in {s for m in catalog_of(workspace).metrics.values() if m.kind == "count" for s in m.synonyms}
    assert value(workspace, "rows" if unit == "row" else f"{unit.replace(' ', '_')}s") == 40


def test_a_key_names_its_rows_beside_amounts_of_them(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, orders="order_id,order_total\n1,5.5\n2,7.25\n3,7.25\n")
    assert catalog_of(workspace).datasets["orders"].unit == "order"
    assert value(workspace, "orders") == 3


def test_the_grain_names_its_rows_though_another_column_points_to_one(tmp_path: Path) -> None:
    rows = "".join(f"c{i},c{i % 4},{i // 2}\n" for i in range(12))
    workspace = workspace_of(tmp_path, communities=f"source_community,community_id,n_urls_cross_community\n{rows}")
    assert catalog_of(workspace).datasets["communities"].unit == "community"


def test_values_in_several_spellings_and_words_for_nothing(tmp_path: Path) -> None:
    status = ["open", "Open", "OPEN", "closed"] * 10
    paid = ["Y", "y", "Yes", "N", "unknown"] * 8
    cover = ["None", "private", "", "public"] * 10
    rows = "".join(f"{i},{a},{b},{c}\n" for i, (a, b, c) in enumerate(zip(status, paid, cover, strict=True)))
    (tmp_path / "tickets.csv").write_text("id,status,paid,insurance\n" + rows)
    report = init_workspace(tmp_path / "w", [tmp_path / "tickets.csv"])
    workspace = load_workspace(tmp_path / "w")
    assert value(workspace, "share_status_open") == 3 / 4
    assert value(workspace, "share_paid_yes") == 3 / 5
    found = {d.name: d for d in catalog_of(workspace).datasets["tickets"].dimensions}
    assert found["paid"].values == {"N": ("no",), "Y": ("yes",), "Yes": (), "unknown": (), "y": ("yes",)}
    said = " ".join(report.assumptions)
    assert "status is written 'OPEN', 'Open' and 'open'" in said
    assert "insurance says 'None' in 10 rows and is empty in 10" in said


def test_no_is_pointed_out_beside_empty_cells_unless_it_answers(tmp_path: Path) -> None:
    def said(cells: list[str], name: str) -> str:
        rows = "".join(f"{i},{cell}\n" for i, cell in enumerate(cells * 10))
        (tmp_path / f"{name}.csv").write_text(f"id,plan\n{rows}")
        return " ".join(init_workspace(tmp_path / name, [tmp_path / f"{name}.csv"]).assumptions)

    assert "plan says 'no' in 10 rows and is empty in 10" in said(["no", "gold", ""], "a")
    assert "plan says" not in said(["no", "yes", "maybe", ""], "b")


def test_articles(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, hr_employees=EMPLOYEES)
    assert catalog_of(workspace).metrics["median_salary"].description == "Median of salary of an employee."


@pytest.mark.parametrize(
    ("content", "unit", "measures"),
    [
        ("amount\n" + "".join(f"{i * 3}\n" for i in range(40)), "row", ("amount",)),
        ("first_name,x\nAnn,3\nBo,4\n", "row", ("x",)),
        ("transaction_identifier,user_uuid,x\na1,b1,3\na2,b2,4\n", "transaction", ("x",)),
    ],
)
def test_rows_of_unnamed_things(tmp_path: Path, content: str, unit: str, measures: tuple[str, ...]) -> None:
    dataset = catalog_of(workspace_of(tmp_path, stuff_q=content)).datasets["stuff_q"]
    assert (dataset.unit, tuple(m.column for m in dataset.measures)) == (unit, measures)


@pytest.mark.parametrize("column", ["spend", "spend_eur"])
def test_a_table_named_after_its_money_asks_for_the_total(tmp_path: Path, column: str) -> None:
    rows = "".join(f"2025-01-{1 + i // 2:02},{'ab'[i % 2]},{i}.5\n" for i in range(40))
    workspace = workspace_of(tmp_path, ad_spend=f"day,platform,{column}\n{rows}")
    assert "ad spend" in catalog_of(workspace).datasets["ad_spend"].measures[0].synonyms
    assert value(workspace, f"total_{column}") == sum(i + 0.5 for i in range(40))
