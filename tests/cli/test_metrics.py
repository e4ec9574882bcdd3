"""`transect metrics`: list, show, check, query and export, against SQL by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

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


def test_list_by_words(demo: Path, transect: Transect) -> None:
    def names(*words: str) -> set[str]:
        listed = transect("-w", demo, "metrics", "list", *words, "--json").document["metrics"]
        return {metric["name"] for metric in listed}

    assert names("refusal", "rate") == {"refusal_rate"}
    assert names("VVR") == {"violating_message_prevalence", "violating_link_view_rate"}  # synonyms
    assert "average_handle_time" in names("human-data")  # an owner
    assert names("zorblax") == set()
    assert "There is no metric to list." in transect("-w", demo, "metrics", "list", "zorblax").out
    assert "flag_rate" not in transect("-w", demo, "metrics", "list", "rate", "--role", "viewer").out


def test_show(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "show", "report_rate")
    assert done.code == 0
    for expected in ("owner integrity", "sum of n_reports in messages / rows of messages", "surface, topic", "select"):
        assert expected in done.out
    document = transect("-w", demo, "metrics", "show", "violating_message_prevalence", "--json").document
    assert document["version"] == 3
    assert "surface" in document["dimensions"]
    assert document["sql"]


def test_a_role_lists_and_is_shown_what_it_may_use(demo: Path, transect: Transect) -> None:
    """The role ops of the demo does not see the table messages."""
    everything = {m["name"] for m in transect("-w", demo, "metrics", "list", "--json").document["metrics"]}
    listed = transect("-w", demo, "metrics", "list", "--role", "ops", "--json").document["metrics"]
    names = {metric["name"] for metric in listed}
    assert names < everything
    assert "annotations_submitted" in names
    assert "report_rate" not in names
    assert all(metric["dataset"] != "messages" for metric in listed)
    text = transect("-w", demo, "metrics", "list", "--role", "ops").out
    assert f"Left out: {len(everything - names)} on data" in " ".join(text.split())
    assert "n_reports" not in text
    done = transect("-w", demo, "metrics", "show", "report_rate", "--role", "ops", "--json")
    assert (done.code, done.document["error"]["code"]) == (3, "not_permitted")
    assert "n_reports" not in done.out
    assert "messages" not in done.document["error"]["message"]
    for command in (["list"], ["show", "report_rate"]):
        assert transect("-w", demo, "metrics", *command, "--role", "nosuch").code == 3


def test_list_check_and_doctor_count_alike(demo: Path, transect: Transect) -> None:
    written = "\n".join(file.read_text() for file in (demo / "metrics").glob("*.yml"))
    metrics = sum(
        len(part["metrics"]) for part in yaml.safe_load_all(written.replace("\ndatasets:", "\n---\ndatasets:"))
    )
    said = f"{metrics} metrics and 6 measures"
    assert said in " ".join(transect("-w", demo, "metrics", "list").out.split())
    assert said in " ".join(transect("-w", demo, "doctor").out.split())
    assert f"{metrics} metrics, 6 measures" in transect("-w", demo, "metrics", "check").out


def test_a_table_reads_like_one(demo: Path, transect: Transect) -> None:
    """Numbers to the right, with thousands separators; n only where it says more than the value."""
    done = transect("-w", demo, "metrics", "query", "messages_sent", "--by", "surface")
    lines = done.out.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("surface "))
    header, rule, *rows = lines[start : start + 6]
    assert header.split() == ["surface", "messages_sent"]
    assert {len(row) for row in rows} == {len(rule)}
    assert all("," in row.split()[-1] for row in rows)
    assert "Period 2025-10-03 to 2026-03-31" in " ".join(done.out.split())
    shares = transect("-w", demo, "metrics", "query", "violating_message_prevalence", "--by", "surface").out
    lines = shares.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("surface "))
    end = lines[start].index("violating_message_prevalence") + len("violating_message_prevalence")
    assert all(line[end - 1] == "%" for line in lines[start + 2 : start + 6])


def test_two_statements_stand_under_one_heading(demo: Path, transect: Transect) -> None:
    flags = ["--from", "2026-03-01", "--to", "2026-04-01", "--compare", "previous"]
    out = transect("-w", demo, "metrics", "query", "messages_sent", *flags).out
    assert out.count("SQL\n") == 1
    assert "\n\n  select" in out.partition("SQL\n")[2]
    words = " ".join(out.split())
    assert "Known by messages_sent v1: full count" in words
    assert "new is March 2026, old is February 2026" in words


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


def test_check_lists_faults_of_format_and_of_columns_together(broken: Path, transect: Transect) -> None:
    file = broken / "metrics" / "integrity.yml"
    text = file.read_text()
    for old, new in (("kind: ratio", "kind: ratoi"), ("synonyms:", "synonims:"), ("column: outcome", "column: outcom")):
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)
    done = transect("-w", broken, "metrics", "check")
    assert done.code == 2
    lines = text.splitlines()
    item, kind = (
        next(i for i, line in enumerate(lines, 1) if word in line) for word in ("- name: report_rate", "ratoi")
    )
    assert kind == item + 1
    column, key = (next(i for i, line in enumerate(lines, 1) if word in line) for word in ("outcom,", "synonims"))
    assert all(f"integrity.yml:{number}: " in done.err for number in (item, column, key))
    assert "3 faults" in done.err


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


def test_export(demo: Path, tmp_path: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "export")
    assert done.code == 0
    document = yaml.safe_load(done.out)
    assert document["version"] == "0.2.0.dev0"
    assert transect("-w", demo, "metrics", "export", "--json").document == document
    out = tmp_path / "model.yaml"
    wrote = transect("-w", demo, "metrics", "export", "--out", out)
    assert wrote.out.startswith("Wrote 33 datasets, ")
    assert yaml.safe_load(out.read_text(encoding="utf-8")) == document
    counted = transect("-w", demo, "metrics", "export", "--out", out, "--json").document
    assert counted["holds"]["datasets"] == len(document["semantic_model"][0]["datasets"])


def test_export_for_a_role(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "metrics", "export", "--role", "viewer")
    sources = {d["source"] for d in yaml.safe_load(done.out)["semantic_model"][0]["datasets"]}
    assert "messages" in sources
    assert "detector_scores" not in sources
    assert "cost_usd" not in done.out
    failed = transect("-w", demo, "metrics", "export", "--out", demo / "none" / "model.yaml")
    assert failed.code in (1, 2)
    assert "Traceback" not in failed.err
