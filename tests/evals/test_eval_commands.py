"""`transect eval ...` as people and CI call it: documents, pages, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.cli.main import run

CASES = """workspace: shop
cases:
  - {id: n, question: how many orders?, expect: {kind: answer, sql: select count(*) from orders}, why: the count}
  - {id: m, question: will it rain?, expect: {kind: declined}, why: another subject}
"""


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path, kept: Path) -> None:
        self.capsys, self.folder, self.kept = capsys, folder, kept
        self.cases, self.baseline = folder / "cases.yml", folder / "baseline.json"
        self.cases.write_text(CASES, encoding="utf-8")

    def __call__(self, command: str, *arguments: str | Path, cached: bool = True) -> tuple[int, str, str]:
        self.capsys.readouterr()
        more = ["--cache", str(self.kept)] if cached else []
        code = run(["eval", command, *map(str, arguments), *more])
        found = self.capsys.readouterr()
        assert "Traceback" not in found.out + found.err
        return code, found.out, found.err

    def gate(self, *arguments: str) -> tuple[int, Any, str]:
        code, out, err = self("gate", self.cases, "--baseline", self.baseline, "--json", *arguments)
        return code, json.loads(out), err


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], tmp_path: Path, kept: Path) -> Shell:
    return Shell(capsys, tmp_path, kept)


def test_a_gate_from_first_baseline_to_block(shell: Shell) -> None:
    code, document, _ = shell.gate()
    assert (code, document["error"]["code"]) == (2, "no_baseline")
    code, document, err = shell.gate("--update-baseline")
    assert (code, document["blocked"], document["baseline_updated"]) == (0, [], True)
    assert "written anew" in err
    code, document, err = shell.gate()
    assert (code, document["verdict"], document["mdd"]) == (0, "inconclusive", None)
    assert "inconclusive" in err
    assert document["suites"] == [{"name": "shop", "n": 2, "passed": 2, "failed": 0}]
    # the product "regresses": the baseline says that a wording passed which the product gets wrong
    wrong = CASES.replace("will it rain?", "order count").replace("kind: declined", "kind: clarification")
    shell.cases.write_text(wrong, encoding="utf-8")
    shell.gate("--update-baseline")
    text = shell.baseline.read_text(encoding="utf-8")
    assert "false" in text
    shell.baseline.write_text(text.replace("false", "true"), encoding="utf-8")
    code, document, _ = shell.gate()
    assert (code, document["verdict"]) == (1, "block")
    assert [flip["wording"] for flip in document["blocked"]] == ["order count"]
    code, out, err = shell("gate", shell.cases, "--baseline", shell.baseline)
    assert (code, "**block**" in out, err) == (1, True, "")


def test_a_gate_on_other_cases_than_the_baseline(shell: Shell) -> None:
    code, out, err = shell("gate", shell.cases)
    assert (code, out) == (2, "")
    assert "another suite" in err
    assert "--baseline" in err
    (shell.folder / "none").mkdir()
    assert shell("gate", shell.folder / "none")[0] == 2
    shell.cases.write_text(CASES.replace("why: the count", "wyh: the count"), encoding="utf-8")
    code, _, err = shell("gate", shell.cases)
    assert code == 2
    assert "cases.yml:3" in err


def test_runs_are_reported_and_compared(shell: Shell) -> None:
    code, out, _ = shell("run", shell.cases, "--json")
    assert code == 0
    old, new = shell.folder / "old.json", shell.folder / "new.json"
    old.write_text(out, encoding="utf-8")
    new.write_text(out.replace('"passed": true', '"passed": false', 1), encoding="utf-8")
    page = shell.folder / "page.md"
    assert shell("report", "--results", old, "--out", page) == (0, "", "")
    assert page.read_text(encoding="utf-8").startswith("# Eval run\n\n**pass**: 2 of 2")
    assert shell("report", shell.cases)[1].startswith("# Eval run\n\n**pass**: 2 of 2")
    assert shell("report", "--results", shell.cases)[0] == 2
    code, out, _ = shell("compare", old, new, "--json", cached=False)
    document = json.loads(out)
    assert (code, document["n"], document["difference"]["value"]) == (0, 2, -0.5)
    assert shell("compare", old, shell.folder / "absent.json", cached=False)[0] == 2


def test_a_case_is_added_by_command_line(shell: Shell) -> None:
    asked = ["--workspace", "shop", "--question", "orders in the app in May", "--expect-kind", "answer"]
    sql = "select count(*) from orders where channel = 'app' and month(ordered_at) = 5"
    code, out, _ = shell("add", shell.cases, *asked, "--sql", sql, "--why", "a filter and a month", "--json")
    assert (code, json.loads(out)["added"]) == (0, "shop-orders-in-the-app-in-may")
    code, out, _ = shell("run", shell.cases, "--json")
    assert (code, json.loads(out)["as_expected"]) == (0, 3)
    before = shell.cases.read_text(encoding="utf-8")
    for more in (
        ["--why", "no sql at all"],
        ["--value", "3", "--why", "no sql either"],
        ["--sql", "drop", "--why", "no select"],
    ):
        code, _, err = shell("add", shell.cases, *asked[:3], f"another {more}", *asked[4:], *more)
        assert code == 2, err
    assert shell.cases.read_text(encoding="utf-8") == before


def test_a_gate_on_a_run_made_before(shell: Shell) -> None:
    """One asking serves the run and the gate; a file of other cases, or of none, is exit code 2."""
    shell.gate("--update-baseline")
    _, out, _ = shell("run", shell.cases, "--json")
    results = shell.folder / "results.json"
    results.write_text(out, encoding="utf-8")
    judged = ("gate", str(shell.cases), "--baseline", str(shell.baseline), "--results")
    code, page, err = shell(*judged, results)
    assert (code, "**inconclusive**: 2 of 2" in page, "inconclusive" in err) == (0, True, True)
    broken = json.loads(out)
    broken["results"][0] |= {"passed": False, "cause": "wrong value", "silent_wrong": True}
    broken["failures"] = [{"case": "n", "wording": "how many orders?", "problems": ["value is 3, expected 1500"]}]
    results.write_text(json.dumps(broken), encoding="utf-8")
    code, page, _ = shell(*judged, results)
    assert code == 1
    assert '- `n` "how many orders?": wrong value **silently wrong**\n  - value is 3, expected 1500' in page
    results.write_text(out.replace('"suite": "', '"suite": "0'), encoding="utf-8")
    code, _, err = shell(*judged, results)
    assert (code, "of other cases" in err) == (2, True)
    for wrong in (shell.cases, shell.folder / "absent.json", shell.baseline):
        code, _, err = shell(*judged, wrong)
        assert code == 2, err
        assert "eval run --json" in err


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            "expect: {kind: declined}",
            "expcet: {kind: declined}",
            "cases.yml:4: cases.expcet|unknown key 'expcet' (did you mean 'expect'?)",
        ),
        ("id: m", "id: n", "'n' is already used"),
        (
            "select count(*) from orders",
            "select count(*) from order_book",
            "cases.yml:3: n: the SQL by hand does not run",
        ),
        ("select count(*) from orders", "'select count(*), 1 from orders'", "one row with one column"),
        ("workspace: shop", "workspace: shops", "no recipe is named 'shops'"),
        ("cases:", "cases: [", "not YAML"),
        ("kind: declined", "kind: declined, reason: stael", "'stael' is not one of"),
    ],
)
def test_a_case_file_with_an_error_is_a_clear_outcome(shell: Shell, was: str, now: str, said: str) -> None:
    """Exit code 2 of run and gate alike, the file and the line, and nothing is written."""
    shell.gate("--update-baseline")
    before = shell.baseline.read_bytes()
    shell.cases.write_text(CASES.replace(was, now, 1), encoding="utf-8")
    code, out, err = shell("gate", shell.cases, "--baseline", shell.baseline, "--update-baseline")
    assert (code, out) == (2, ""), err
    assert any(words in err for words in said.split("|")), err
    assert shell.baseline.read_bytes() == before
