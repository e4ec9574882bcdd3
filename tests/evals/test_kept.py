"""The kept half is counted by case, with the limit that its size allows."""

from __future__ import annotations

import json

import pytest

from evals.case import load_cases
from evals.kept import judge_kept, upper_limit
from evals.outcome import Cause, Outcome, Report
from evals.runner import CASES
from evals.summary import to_json, to_markdown


def outcome(case: str, *, tags: tuple[str, ...] = ("heldout", "kept"), cause: Cause = "as expected") -> Outcome:
    return Outcome(case, "shop", f"{case}?", tags, cause, (), cause == "wrong value", "answer", "", 0.0)


@pytest.mark.parametrize(
    ("found", "n", "limit"),
    # none of n: 1 - 0.05^(1/n); 1 of 20 and 3 of 150 from the tables of Clopper and Pearson's limits
    [(0, 150, 0.019774), (0, 20, 0.139108), (1, 20, 0.216106), (5, 5, 1.0)],
)
def test_the_upper_limit_is_exact(found: int, n: int, limit: float) -> None:
    assert upper_limit(found, n) == pytest.approx(limit, abs=1e-5)


def test_wordings_of_a_case_count_once_for_the_limit() -> None:
    report = Report(
        (outcome("a"), outcome("a", cause="wrong value"), outcome("b", cause="asked instead"), outcome("c", tags=()))
    )
    kept = judge_kept(report)
    assert kept is not None
    assert (kept.cases, kept.cases_as_expected, kept.wordings, kept.wordings_as_expected) == (2, 0, 3, 1)
    assert kept.silent_wrong == 1
    assert kept.silent_wrong_upper == pytest.approx(0.974679, abs=1e-5)


def test_a_run_reports_it_apart_and_without_a_wording() -> None:
    report = Report((outcome("secret-case"), outcome("other", tags=())))
    assert to_json(report)["kept"]["cases"] == 1
    assert "1 of 1 wordings" in to_markdown(report)
    assert "secret-case" not in to_markdown(report) + json.dumps(to_json(report))
    assert to_json(Report((outcome("other", tags=()),)))["kept"] is None


def test_the_kept_half_is_large_and_a_third_of_it_has_no_number() -> None:
    kept = [case for case in load_cases([CASES]) if "kept" in case.tags]
    assert len(kept) >= 150
    assert all("heldout" in case.tags for case in kept), "a kept case shows its name"
    assert all(len(case.paraphrases) <= 3 for case in kept)
    without = [case for case in kept if "answer" not in case.expect.kind]
    assert len(without) >= len(kept) * 0.3
