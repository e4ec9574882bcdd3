"""The product sits the exam once: enough as expected, no wrong number given as right, nothing worse than before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evals.baseline import BASELINE, read_baseline, suite_difference
from evals.case import load_cases
from evals.gate import judge
from evals.gate_report import gate_to_markdown, warnings_of
from evals.outcome import Report
from evals.recipes import read_recipes
from evals.runner import CASES, run
from evals.summary import to_markdown


def passes(report: Report, *, held_out: bool) -> bool:
    mine = replace(report, outcomes=tuple(o for o in report.outcomes if ("heldout" in o.tags) == held_out))
    if mine.exit_code:
        print(to_markdown(mine))
    return mine.exit_code == 0


def test_the_suite_passes_and_the_gate_is_open(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = run([CASES], cache=kept)
    for left in report.skipped:
        print(f"skipped {left.case}: {left.why}")
    assert passes(report, held_out=False)
    assert passes(report, held_out=True)
    gate = judge(report, load_cases([CASES]), read_baseline(BASELINE))
    print(gate_to_markdown(gate), *warnings_of(gate), sep="\n")
    assert gate.blocked == ()
    assert gate.verdict == "pass"


def test_the_baseline_is_of_this_suite() -> None:
    baseline, cases = read_baseline(BASELINE), load_cases([CASES])
    assert suite_difference(baseline, cases, read_recipes()) == []
    known = {wording for case in baseline.cases.values() for wording in case.wordings}
    assert len(known) >= sum(len(case.wordings) for case in cases) * 0.9, "many wordings are not in the baseline yet"
    assert "/" not in BASELINE.read_text(encoding="utf-8")
