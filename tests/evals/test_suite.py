"""The product sits the exam once: enough as expected, no wrong number given as right, nothing worse than before.

The run is kept as `transect eval run --json` prints it, so that `make test` can end with the gate's own command on it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evals.baseline import BASELINE, read_baseline, suite_difference
from evals.case import load_cases
from evals.commands import gate_command, run_command
from evals.outcome import Report
from evals.read_run import read_run
from evals.recipes import read_recipes
from evals.runner import CASES


@pytest.fixture(scope="module")
def results(kept: Path) -> Path:
    """The document of one run over every case, in the folder that `make test` knows."""
    path = kept / "results.json"
    path.unlink(missing_ok=True)
    ended = run_command((), workspace=None, cache=kept, progress=lambda line: None)
    print(ended.page)
    path.write_text(json.dumps(ended.document), encoding="utf-8")
    return path


def passes(report: Report, *, held_out: bool) -> bool:
    mine = replace(report, outcomes=tuple(o for o in report.outcomes if ("heldout" in o.tags) == held_out))
    return mine.exit_code == 0


def test_the_suite_passes_and_the_gate_is_open(results: Path) -> None:
    report = read_run(results, load_cases([CASES]), read_recipes())
    for left in report.skipped:
        print(f"skipped {left.case}: {left.why}")
    assert passes(report, held_out=False)
    assert passes(report, held_out=True)
    gate = gate_command(
        (), workspace=None, baseline=None, update=False, results=results, cache=None, progress=lambda line: None
    )
    print(gate.page, *gate.warnings, sep="\n")
    assert gate.document["blocked"] == []
    assert gate.document["verdict"] == "pass"
    assert gate.exit_code == 0


def test_the_baseline_is_of_this_suite() -> None:
    baseline, cases = read_baseline(BASELINE), load_cases([CASES])
    assert suite_difference(baseline, cases, read_recipes()) == []
    known = {wording for case in baseline.cases.values() for wording in case.wordings}
    assert len(known) >= sum(len(case.wordings) for case in cases) * 0.9, "many wordings are not in the baseline yet"
    assert "/" not in BASELINE.read_text(encoding="utf-8")
