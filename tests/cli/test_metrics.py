"""`transect metrics`: list, show, check and query, against SQL by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Transect
from tools.metrics import QueryResult


@pytest.fixture
def broken(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo whose definitions can be spoiled."""
    copy = tmp_path / "broken"
    shutil.copytree(demo, copy, ignore=shutil.ignore_patterns(".transect"))
    return copy


def by_hand(demo: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(demo / "data" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_list(demo: Path, transect: Transect) -> None:
    listed = transect("-w", demo, "metrics", "list", "--json").document["metrics"]
    names = {metric["name"] for metric in listed}
    assert {"messages_sent", "violating_message_prevalence", "average_handle_time", "median_handle_seconds"} <= names
    assert all(metric["definition"] and metric["kind"] and metric["dataset"] for metric in listed)
    text = transect("-w", demo, "metrics", "list").out
    assert "report_rate" in text
    assert "User reports for each message sent." in text


def test_show(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "show", "report_rate")
    assert done.code == 0
    for expected in ("owner integrity", "sum of n_reports in messages / rows of messages", "surface, topic", "select"):
        assert expected in done.out
    document = transect("-w", demo, "metrics", "show", "violating_message_prevalence", "--json").document
    assert document["version"] == 3
    assert "surface" in document["dimensions"]
    assert document["sql"]


def test_show_hides_no_definition_from_a_role_that_may_not_run_it(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "show", "report_rate", "--role", "ops")
    assert done.code == 0
    assert "No SQL" in done.out


def test_check_finds_nothing_wrong(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "check", "--json")
    assert done.code == 0
    assert done.document["faults"] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: ratio", "kind: ration", "metrics/integrity.yml:"),
        ("column: n_reports", "column: n_report", "n_reports"),
        ("owner: integrity", "onwer: integrity", "owner"),
        ("of: user_reports", "of: user_report", "user_reports"),
    ],
)
def test_check_names_file_line_and_the_nearest_word(
    broken: Path, transect: Transect, old: str, new: str, expected: str
) -> None:
    file = broken / "metrics" / "integrity.yml"
    file.write_text(file.read_text().replace(old, new, 1))
    done = transect("-w", broken, "metrics", "check")
    assert done.code == 2
    assert "integrity.yml:" in done.err
    assert expected in done.err


def test_query_is_the_sql_by_hand(demo: Path, transect: Transect) -> None:
    flags = [
        "--by",
        "surface",
        "--where",
        "country=US",
        "--where",
        "country=GB",
        "--from",
        "2026-03-01",
        "--to",
        "2026-04-01",
    ]
    done = transect("-w", demo, "metrics", "query", "messages_sent", *flags, "--json")
    assert done.code == 0
    assert {"figures", "table", "sql"} <= set(done.document)
    result = QueryResult.model_validate(done.document)
    expected = by_hand(
        demo,
        "select m.surface, count(*) from messages m join accounts a using (account_id) where not m.is_test "
        "and a.country in ('US', 'GB') and m.created_at >= '2026-03-01' and m.created_at < '2026-04-01' group by 1",
    )
    assert {(f.slice["surface"], f.value) for f in result.figures} == set(expected)


@pytest.mark.parametrize(
    ("condition", "sql"),
    [
        ("country=", "a.country is null"),
        ("country!=", "a.country is not null"),
        ("country!=US", "a.country <> 'US' or a.country is null"),
    ],
)
def test_conditions(demo: Path, transect: Transect, condition: str, sql: str) -> None:
    done = transect("-w", demo, "metrics", "query", "messages_sent", "--where", condition, "--json")
    expected = by_hand(
        demo, f"select count(*) from messages m left join accounts a using (account_id) where not m.is_test and ({sql})"
    )
    assert done.document["figures"][0]["value"] == expected[0][0]


def test_a_value_that_no_row_has(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "query", "messages_sent", "--where", "surface=mobil", "--json")
    assert done.code == 3
    assert done.document["error"]["code"] == "no_data"
    assert "mobile" in done.document["error"]["allowed"]


def test_a_period_open_at_one_end(demo: Path, transect: Transect) -> None:
    later = transect("-w", demo, "metrics", "query", "messages_sent", "--from", "2026-03-30", "--json").document
    assert later["figures"][0]["period"] == {"from": "2026-03-30", "to": "2026-04-01"}
    earlier = transect("-w", demo, "metrics", "query", "messages_sent", "--to", "2025-10-05", "--json").document
    assert earlier["figures"][0]["period"]["to"] == "2025-10-05"


def test_comparison_and_grain(demo: Path, transect: Transect) -> None:
    found = transect(
        "-w", demo, "metrics", "query", "messages_sent", "--from", "2026-03-30", "--compare", "previous", "--json"
    )
    difference, new, old = (figure["value"] for figure in found.document["figures"])
    assert difference == new - old
    months = transect("-w", demo, "metrics", "query", "messages_sent", "--grain", "month", "--json").document
    assert len(months["figures"]) == 6


def test_several_metrics_side_by_side(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "query", "messages_sent, report_rate", "--by", "surface")
    assert done.code == 0
    assert done.out.splitlines()[0].split() == ["surface", "messages_sent", "report_rate"]


def test_a_role_is_declined_with_its_reason(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "query", "messages_sent", "--role", "ops", "--json")
    assert done.code == 3
    assert done.document["error"]["code"] == "not_permitted"
