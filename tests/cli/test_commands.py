"""`demo`, `init`, `sql`, `schema`, `doctor` and `eval` as their user meets them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Transect

ROOT = Path(__file__).parents[2]
SPAM = ROOT / "../shared/data/sms_spam/messages.csv"


def test_demo_says_what_to_try(transect: Transect, tmp_path: Path) -> None:
    done = transect("demo", tmp_path / "new demo")
    assert done.code == 0
    assert done.err == ""
    command = next(line.strip() for line in done.out.splitlines() if line.strip().startswith("transect -w"))
    assert "new demo' ask" in command
    again = transect("demo", tmp_path / "new demo", "--json")
    assert again.code == 2
    assert again.document["error"]["message"]


def test_init_accounts_for_every_row(transect: Transect, tmp_path: Path) -> None:
    (tmp_path / "shops.csv").write_text("shop,city,sales\na,Oslo,3\nb,Rome,4,extra\nc,Oslo,5\n")
    (tmp_path / "second.csv").write_text("when,shop\n2026-01-01,a\n2026-01-02,b\n")
    done = transect("init", tmp_path / "w", "--data", tmp_path / "shops.csv", tmp_path / "second.csv", "--json")
    assert done.code in (0, 1)
    tables = {table["table"]: table for table in done.document["tables"]}
    assert set(tables) == {"shops", "second"}
    for table in tables.values():
        assert table["rows_in_file"] == table["rows_loaded"] + table["rows_reported"]
    assert transect("-w", tmp_path / "w", "metrics", "check").code == 0
    assert transect("-w", tmp_path / "w", "doctor").code == 0


def test_init_on_text_messages(transect: Transect, tmp_path: Path) -> None:
    if not SPAM.is_file():
        pytest.skip(f"{SPAM} is not on this machine")
    done = transect("init", tmp_path / "spam", "--data", SPAM)
    assert done.code == 0
    assert "5,574" in done.out
    question = done.out.splitlines()[-1].partition(" ask ")[2].strip('"')
    assert transect("-w", tmp_path / "spam", "ask", question).code == 0
    document = transect("-w", tmp_path / "spam", "ask", "what share of messages is spam?", "--json").document
    figure = document["figures"][0]
    assert figure["value"] == pytest.approx(747 / 5574, rel=1e-12)
    assert (figure["basis"], figure["n"]) == ("full_count", 5574)


def test_a_folder_in_place_of_the_workspace(transect: Transect, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    done = transect("init", tmp_path / "a.csv", "--data", tmp_path / "a.csv")
    assert done.code == 2
    assert "comes first" in done.err


def run_sql(demo: Path, stdin: str, *arguments: str) -> Done:
    command = [sys.executable, "-m", "transect", "-w", str(demo), "sql", *arguments]
    done = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def test_sql(demo: Path, transect: Transect) -> None:
    text = "select surface, count(*) as n from messages group by surface order by surface"
    done = transect("-w", demo, "sql", text)
    assert done.code == 0
    assert done.out.splitlines()[0].split() == ["surface", "n"]
    assert [line.split()[0] for line in done.out.splitlines()[2:]] == ["api", "chat", "mobile", "voice"]
    assert transect("-w", demo, "sql", text, "--json").document["columns"] == ["surface", "n"]


def test_sql_as_csv_computes_nothing_in_a_spreadsheet(transect: Transect, demo: Path) -> None:
    text = "select '=1+1' as \"@name\", -5 as n, date '2026-01-02' as d, ' -a,b' as t, null as e, ['=x'] as l"
    done = transect("-w", demo, "sql", text, "--csv")
    assert done.code == 0
    assert done.out.splitlines() == ["'@name,n,d,t,e,l", """'=1+1,-5,2026-01-02,"' -a,b",,"[""=x""]\""""]
    exact = transect("-w", demo, "sql", text, "--csv", "--exact")
    assert exact.out.splitlines() == ["@name,n,d,t,e,l", """=1+1,-5,2026-01-02," -a,b",,"[""=x""]\""""]
    assert transect("-w", demo, "sql", text, "--json").document["rows"][0][0] == "=1+1"
    assert transect("-w", demo, "sql", "drop table messages", "--csv").code == 3
    for flags in (("--exact",), ("--csv", "--json"), ("--csv", "--jsonl")):
        assert transect("-w", demo, "sql", *([] if "--jsonl" in flags else [text]), *flags).code == 2


def test_sql_values_as_json(demo: Path, transect: Transect) -> None:
    text = (
        "select 1.50::decimal(5,2) a, 'nan'::double b, date '2026-01-02' c, [1, null] d, {'x': 'y'} e, null f, true g"
    )
    found = transect("-w", demo, "sql", text, "--json").document
    assert found["rows"] == [[1.5, None, "2026-01-02", [1, None], {"x": "y"}, None, True]]


@pytest.mark.parametrize(
    "text",
    [
        "select * from read_csv('/etc/passwd')",
        "delete from messages",
        "select email from accounts",
        "select 1; select 2",
    ],
)
def test_sql_that_may_not_run(demo: Path, transect: Transect, text: str) -> None:
    done = transect("-w", demo, "sql", text, "--json")
    assert done.code == 3
    assert done.document["status"] == "declined"
    assert done.document["rule"]
    assert done.document["reason"] == done.document["error"]["message"]


def test_sql_that_is_wrong(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "sql", "select nosuch from messages", "--json")
    assert (done.code, done.document["status"], done.document["rule"]) == (3, "declined", "column")


def test_sql_that_is_mistyped(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "sql", "selec 1", "--json")
    assert (done.code, done.document["status"], done.document["error"]["code"]) == (2, "error", "invalid_sql")
    assert "line 1, column 1" in done.document["reason"]


def test_sql_lines(demo: Path) -> None:
    lines = [
        '{"id": 1, "sql": "select 1 as one"}',
        "x",
        '{"id": 2, "sql": "drop table messages"}',
        '{"id": 3}',
        '{"id": 4, "sql": "select nosuch from messages"}',
        "",
        '{"id": 5, "sql": "' + "x" * 5_000_000 + '"}',
        "[" * 100_000,
        '{"id": 6, "sql": 7}',
        '{"sql": "select 1"}',
        '{"id": 7, "sql": "\\ud800"}',
        '{"id": null, "sql": "select 2"}',
    ]
    done = run_sql(demo, "\n".join(lines) + "\n", "--jsonl")
    assert done.code == 0
    assert [(line["id"], line["status"]) for line in done.lines] == [
        (1, "ok"),
        (None, "error"),
        (2, "declined"),
        (None, "error"),
        (4, "declined"),
        *[(None, "error")] * 5,
        (7, "error"),
        (None, "ok"),
    ]
    keys = {"id", "status", "columns", "rows", "truncated", "rule", "reason"}
    assert all(keys <= set(line) for line in done.lines)


def test_schemas_describe_what_is_read_and_written(transect: Transect, demo: Path) -> None:
    metric = transect("schema", "metric").document
    assert {"datasets", "relationships", "metrics", "verified_queries"} == set(metric["properties"])
    answer = transect("schema", "answer").document
    assert {"kind", "headline", "text", "figures", "provenance", "usage"} <= set(answer["properties"])
    period = answer["$defs"]["Period"]["properties"]
    assert set(period) == {"from", "to"}
    assert {"workspace", "cases"} <= set(transect("schema", "case").document["properties"])


def test_doctor_in_health(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "doctor", "--json")
    assert done.code == 0
    checks = {check["name"]: check["status"] for check in done.document["checks"]}
    names = ["versions", "charts", "workspace", "definitions", "warehouse", "roles", "sources", "state", "disk"]
    assert [checks[name] for name in names] == ["ok"] * len(names)
    assert checks["SQL text"] == "ok"
    assert all(check["fix"] for check in done.document["checks"] if check["status"] != "ok")


def test_doctor_finds_what_is_wrong(transect: Transect, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("shop,sales\na,1\nb,2\n")
    work = tmp_path / "w"
    assert transect("init", work, "--data", tmp_path / "a.csv").code == 0
    settings = work / "transect.toml"
    settings.write_text(settings.read_text().replace('"a"', '"nosuch_table"'))
    done = transect("-w", work, "doctor")
    assert done.code == 1
    assert "nosuch_table" in done.out
    for warehouse in work.glob("data/*.duckdb"):
        warehouse.unlink()
    done = transect("-w", work, "doctor")
    assert done.code == 1
    assert "  fail" in done.out


def test_doctor_without_a_workspace(transect: Transect, tmp_path: Path) -> None:
    done = transect("-w", tmp_path, "doctor")
    assert done.code == 1
    assert "transect init" in done.out


def test_eval_runs_case_files(transect: Transect, tmp_path: Path) -> None:
    done = transect("eval", "run", ROOT / "evals" / "cases" / "nosuch.yml", "--json")
    assert done.code == 2
    assert set(done.document) == {"error"}


def test_progress_is_for_people_only(tmp_path: Path) -> None:
    environment = {**os.environ, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "transect", "demo", str(tmp_path / "demo"), "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("{")
