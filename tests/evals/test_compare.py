"""Two result files side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.baseline import BASELINE
from evals.compare import compare_results, comparison_to_markdown
from evals.result_file import Results, read_results
from tools.errors import InvalidInput


def results(name: str, **cases: str) -> Results:
    """`case="+-"`: its wordings in order, passed or not."""
    return Results(name, {(case, str(i)): mark == "+" for case, marks in cases.items() for i, mark in enumerate(marks)})


def test_cases_count_once_and_wordings_are_named() -> None:
    found = compare_results(results("old", a="++", b="--", c="+", d="+"), results("new", a="--", b="++", c="+", e="-"))
    assert (found.n, found.passed_old, found.passed_new) == (3, 2, 2)
    assert found.broken == (("a", "0"), ("a", "1"))
    assert found.fixed == (("b", "0"), ("b", "1"))
    assert (found.only_old, found.only_new) == (1, 1)
    assert (found.difference.value, found.p_worse, found.mdd) == (0, 0.75, None)  # 1 of 2 flips or more: 3/4
    assert "`a`, wording 0" in comparison_to_markdown(found)


def test_runs_of_other_suites_are_refused() -> None:
    with pytest.raises(InvalidInput, match="share no wording"):
        compare_results(results("old", a="+"), results("new", b="+"))


def test_a_baseline_is_a_result_file() -> None:
    baseline = read_results(BASELINE)
    found = compare_results(baseline, baseline)
    assert (found.broken, found.fixed) == ((), ())
    assert found.n > 100


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"results": []}', '{"results": [{"case": "a"}]}', '{"verdict": "pass"}']
)
def test_other_files_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="not a result file") as caught:
        read_results(tmp_path / "r.json")
    assert "eval run --json" in caught.value.hint
    with pytest.raises(InvalidInput, match="no file"):
        read_results(tmp_path / "absent.json")


def test_a_run_is_read_back(tmp_path: Path) -> None:
    row = {"case": "a", "wording_hash": "0", "passed": True}
    (tmp_path / "r.json").write_text(json.dumps({"verdict": "pass", "results": [row]}), encoding="utf-8")
    assert read_results(tmp_path / "r.json").passed == {("a", "0"): True}
