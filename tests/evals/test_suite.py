"""The product sits the exam: at least 95 % as expected, and no wrong number given as right."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.outcome import Report
from evals.runner import CASES, run
from evals.summary import to_markdown


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evals")


def passes(report: Report) -> bool:
    for left in report.skipped:
        print(f"skipped {left.case}: {left.why}")
    if report.exit_code:
        print(to_markdown(report))
    return report.exit_code == 0


def test_the_suite_passes(cache: Path) -> None:
    assert passes(run([CASES], cache=cache, without=["heldout"]))


def test_the_held_out_suite_passes(cache: Path) -> None:
    assert passes(run([CASES], cache=cache, tags=["heldout"]))
