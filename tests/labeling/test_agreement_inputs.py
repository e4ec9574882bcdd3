"""Labels that say little or nothing on agreement: one documented outcome each."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.labeling.ratings import Row, rows_by_unit
from tools.labeling import AgreementReport, measure_agreement


def values(report: AgreementReport) -> list[float | int | None]:
    return [report.alpha.value, report.kappa.value, report.ac1.value]


def has_note(report: AgreementReport, text: str) -> bool:
    return any(text in note for note in report.notes)


def test_one_rater_only() -> None:
    report = measure_agreement([(f"i{i}", "x", "ab"[i % 2]) for i in range(10)])
    assert values(report) == [None, None, None]
    assert report.alpha.undefined == "no item has two labels"
    assert has_note(report, "10 items have a label of one rater only")
    assert [each.label for each in report.consensus] == ["a", "b"] * 5


def test_raters_who_never_meet() -> None:
    rows = [(f"i{i}", "x" if i < 5 else "y", "a") for i in range(10)]
    report = measure_agreement(rows)
    assert values(report) == [None, None, None]
    assert report.kappa.undefined == "no item has a label of both raters"


def test_a_rater_with_one_label_and_one_who_shares_no_item() -> None:
    rows = rows_by_unit([("a", "a"), ("b", "b"), ("a", "b"), ("b", "b")])
    report = measure_agreement([*rows, ("i000", "once", "a"), ("far", "alone", "b"), ("farther", "alone", "a")])
    assert has_note(report, "1 raters gave a single label")
    assert has_note(report, "1 raters share no item with another one")
    assert has_note(report, "2 items have a label of one rater only")
    once = next(each for each in report.raters if each.rater == "once")
    assert (once.n_labels, once.accuracy) == (1, 1.0)
    assert once.low < 0.3


def test_all_labels_the_same() -> None:
    report = measure_agreement(rows_by_unit([("a", "a", "a")] * 10))
    assert values(report) == [None, None, None]
    assert "only one label occurs" in str(report.ac1.undefined)
    assert {each.label for each in report.consensus} == {"a"}


def test_ties_everywhere() -> None:
    """One says a, the other b, of every item: no majority; the interval says what 30 items cannot rule out."""
    report = measure_agreement(rows_by_unit([("a", "b")] * 30))
    assert all(each.majority is None for each in report.consensus)
    assert report.kappa.value == 0.0
    assert report.ac1.value == -1.0
    unlike = 1 - 0.05 ** (1 / 30)
    for figure, apart in ((report.kappa, 1.0), (report.ac1, 2.0)):
        assert figure.high == pytest.approx(1 - apart * (1 - unlike), rel=1e-12)
        assert figure.low is not None
        assert figure.value is not None
        assert figure.high is not None
        assert figure.low <= figure.value < figure.high
        assert not figure.one_sided
        assert "unlike the others" in figure.method


def test_one_item_has_no_variance() -> None:
    report = measure_agreement([("i", "x", "a"), ("i", "y", "b"), ("i", "z", "a")])
    assert values(report) == [None, None, None]
    assert "variance cannot be estimated" in str(report.alpha.undefined)


def test_a_label_that_only_a_superseded_vote_has() -> None:
    """A first word counts in the consensus and not in the coefficients, nor may it shift the ranks."""
    rows = rows_by_unit([("1", "1"), ("2", "3"), ("3", "3"), ("2", "2")])
    plain = measure_agreement(rows, scale="ordinal", replications=200)
    taken_back = measure_agreement([("i000", "r00", "9"), *rows], scale="ordinal", replications=200)
    assert values(taken_back) == values(plain)
    assert taken_back.ac2 == plain.ac2


def test_numbers_too_large_to_square() -> None:
    rows = rows_by_unit([("1e200", "1e200"), ("2e200", "3e200"), ("3e200", "3e200"), ("2e200", "2e200")])
    small = rows_by_unit([("1", "1"), ("2", "3"), ("3", "3"), ("2", "2")])
    large, usual = (measure_agreement(each, scale="interval", replications=200) for each in (rows, small))
    assert large.alpha.value == pytest.approx(usual.alpha.value)
    assert large.ac2 is not None
    assert usual.ac2 is not None
    assert large.ac2.value == pytest.approx(usual.ac2.value)


def test_sixty_thousand_different_labels_fit_in_memory() -> None:
    """Tables of all items by all labels would take 29 GB."""
    rows = [(f"{i // 2}", f"r{i % 2}", f"label {i}") for i in range(60_000)]
    report = measure_agreement(rows, replications=100)
    assert report.alpha.value == pytest.approx(0, abs=1e-3)
    assert has_note(report, "Too many raters and labels")


def test_the_order_of_rows_changes_nothing() -> None:
    rng = random.Random(1)
    rows: list[Row] = [(f"i{i}", f"r{r}", rng.choice("abc")) for i in range(60) for r in range(3) if rng.random() < 0.9]
    shuffled = rows[:]
    rng.shuffle(shuffled)
    first, second = (measure_agreement(each, replications=300) for each in (rows, shuffled))
    assert (first.alpha, first.kappa, first.ac1) == (second.alpha, second.kappa, second.ac1)
    assert first.models == second.models


def test_the_seed_is_all_that_is_random() -> None:
    rows = rows_by_unit([("a", "a"), ("b", "b"), ("a", "b"), ("b", "b"), ("a", "a")] * 6)
    one, again, other = (measure_agreement(rows, replications=300, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.kappa.value == other.kappa.value
    assert (one.kappa.low, one.kappa.high) != (other.kappa.low, other.kappa.high)
    assert "300 replications, seed 1" in one.kappa.method


def test_an_interval_by_drawing_items_in_a_loop() -> None:
    """The percentiles of kappa over resampled rows, not corrected, lie near; 200 items hardly need correction."""
    rng = np.random.default_rng(8)
    first = rng.integers(0, 2, 200)
    second = np.where(rng.random(200) < 0.85, first, 1 - first)
    report = measure_agreement(rows_by_unit(zip(first, second, strict=True)))
    drawn = []
    for _ in range(2_000):
        at = rng.integers(0, 200, 200)
        a, b = first[at], second[at]
        pe = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
        drawn.append(((a == b).mean() - pe) / (1 - pe))
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert report.kappa.low == pytest.approx(low, abs=0.02)
    assert report.kappa.high == pytest.approx(high, abs=0.02)
