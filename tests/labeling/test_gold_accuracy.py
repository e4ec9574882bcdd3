"""The page on consensus and gold: counts by hand, and what it finds on the real labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.shared_data import real_files
from tests.labeling.gold_accuracy import judge_methods, read_gold, write_report
from tests.labeling.ratings import rows_by_unit
from tools.labeling import measure_agreement, read_label_table

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "consensus.md"


def test_a_tie_of_the_majority_is_not_right() -> None:
    report = measure_agreement(rows_by_unit(["AB", "AA", "BB", "AA"]), replications=100)
    methods = judge_methods(report, {"i000": "A", "i001": "A", "i002": "A", "elsewhere": "A"})
    assert {each.name for each in methods} == {"dawid_skene", "shrinkage", "majority"}
    assert next(each.right.tolist() for each in methods if each.name == "majority") == [0, 1, 0]


def test_the_page_is_what_the_labels_give() -> None:
    """The likelihoods are ordered as the models' freedom; the gold is not: the likeliest is not the most right."""
    (file, _) = real_files("crowd_labels/labels.csv", "crowd_labels/gold.csv")[::-1]
    report = measure_agreement(
        read_label_table(file, item="item_id", rater="worker_id", label="label").table, replications=100
    )
    free, shrunken, majority = judge_methods(report, read_gold())
    assert free.log_likelihood > shrunken.log_likelihood > majority.log_likelihood
    assert free.log_likelihood == pytest.approx(-36_423.6, abs=1.5)
    assert [len(each.right) for each in (free, shrunken, majority)] == [333] * 3
    page = write_report([free, shrunken, majority], 11, run={})
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert all(row in PAGE.read_text(encoding="utf-8") for row in rows)
