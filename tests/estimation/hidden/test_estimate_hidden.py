"""The range, corrections, few recaptures and everything that is declined."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.estimation.hidden.published import histories_of
from tools.errors import Declined, InvalidInput, TransectError
from tools.estimation.hidden import (
    correct_histories,
    count_histories,
    estimate_from_frequencies,
    estimate_hidden,
    fit_hierarchical,
)

TWO = {"11": 60, "10": 140, "01": 90}
THREE = {"100": 90, "010": 80, "001": 70, "110": 30, "101": 25, "011": 20, "111": 12}


def test_the_range_is_exact_for_two_lists() -> None:
    """n00 = θ·n10·n01/n11: with Chapman's unseen units in their place, at θ of a half and of four."""
    report = estimate_hidden(histories_of(TWO))
    chapman = report.estimates[0].value
    assert chapman is not None and report.range is not None  # noqa: PT018
    assert report.range.low == pytest.approx(290 + 0.5 * (chapman - 290))
    assert report.range.high == pytest.approx(290 + 4 * (chapman - 290))
    assert report.range.odds_ratio == (0.5, 4.0)
    wider = report.range.with_sampling
    assert wider.low is not None and report.range.low is not None  # noqa: PT018
    assert wider.low < report.range.low
    declared = estimate_hidden(histories_of(TWO), odds_ratio=(1, 2)).range
    assert declared is not None
    assert declared.low == pytest.approx(chapman)


def test_a_population_of_known_dependence_lies_in_the_range() -> None:
    """1,000 units whose lists have an odds ratio of 4: 250·x = 4·y·y of expected counts, solved by hand."""
    both, one, none = 200, 150, 450  # 200 * 450 / (150 * 150) = 4
    report = estimate_hidden(histories_of({"11": both, "10": one, "01": one}))
    assert report.estimates[0].high is not None
    assert report.estimates[0].high < both + 2 * one + none
    assert report.range is not None
    assert report.range.high == pytest.approx(both + 2 * one + none, rel=0.01)


@pytest.mark.parametrize("counts", [TWO, THREE])
def test_corrections_undo_what_they_name(counts: dict[str, int]) -> None:
    """Take perfect lists, add wrong entries and lose links as the model says: the perfect lists come back."""
    true = histories_of(counts)
    loose = 1 - np.sqrt(0.8)
    seen = np.zeros(len(true.counts))
    codes = {tuple(cell): i for i, cell in enumerate(true.cells.tolist())}
    for cell, units in zip(true.cells.tolist(), true.counts, strict=True):
        on = [place for place, mark in enumerate(cell) if mark]
        for kept in range(1 << len(on)):
            stays = [place for bit, place in enumerate(on) if kept >> bit & 1]
            chance = (1 - loose) ** len(stays) * loose ** (len(on) - len(stays))
            groups = ([stays] if stays else []) + [[place] for place in on if place not in stays]
            for group in groups:
                seen[codes[tuple(int(place in group) for place in range(len(cell)))]] += chance * units
    single = codes[tuple(int(place == 0) for place in range(len(true.lists)))]
    records = float(seen[true.cells[:, 0] == 1].sum())
    seen[single] += records / 0.9 - records
    found = correct_histories(
        type(true)(true.lists, true.cells, seen), precision={"A": 0.9}, linkage_recall=0.8
    ).histories
    assert found.counts == pytest.approx(true.counts)


def test_corrections_cost_precision() -> None:
    plain = estimate_hidden(histories_of(TWO))
    corrected = estimate_hidden(histories_of(TWO), precision={"A": 0.9}, linkage_recall=0.9)
    # matches 60/0.9; list A holds 200·0.9 members
    both, first, second = 60 / 0.9, 180.0, 150.0
    assert corrected.estimates[0].value == pytest.approx((first + 1) * (second + 1) / (both + 1) - 1)
    assert corrected.estimates[0].basis == "corrected"
    ours, before = corrected.estimates[0], plain.estimates[0]
    assert ours.se is not None and ours.value is not None and before.se is not None and before.value is not None  # noqa: PT018
    assert ours.se / ours.value > 0.9 * before.se / before.value
    assert any("taken as known" in warning for warning in corrected.warnings)
    assert any("Every entry" in warning for warning in plain.warnings)


def test_corrected_error_against_draws() -> None:
    """1,000 units on two independent lists (.3, .4), recall .8: the standard error is that of the draws."""
    rng, sizes, errors = np.random.default_rng(5), [], []
    for _ in range(400):
        a, b = rng.random(1000) < 0.3, rng.random(1000) < 0.4
        linked = rng.random(1000) < 0.8
        both = int((a & b & linked).sum())
        report = estimate_hidden(
            histories_of({"11": both, "10": int(a.sum()) - both, "01": int(b.sum()) - both}), linkage_recall=0.8
        )
        figure = report.estimates[0]
        assert figure.value is not None and figure.se is not None  # noqa: PT018
        sizes.append(figure.value)
        errors.append(figure.se)
    assert np.mean(sizes) == pytest.approx(1000, rel=0.02)
    assert np.mean(errors) == pytest.approx(np.std(sizes), rel=0.15)


def test_few_recaptures_give_bounds_only() -> None:
    report = estimate_hidden(histories_of({"11": 6, "10": 50, "01": 40}))
    (figure,) = report.estimates
    assert (figure.role, figure.one_sided) == ("bound", True)
    assert figure.high == figure.value == pytest.approx(57 * 47 / 7 - 1)
    assert figure.low is not None and figure.value is not None  # noqa: PT018
    assert 96 < figure.low < figure.value
    assert report.range is not None
    assert report.range.high is None
    assert any("fewer than 7" in warning for warning in report.warnings)
    seven = estimate_hidden(histories_of({"11": 7, "10": 50, "01": 40}))
    assert seven.estimates[0].role == "selected"
    frequencies = estimate_from_frequencies(np.array([50.0, 4, 1]))
    assert [figure.role for figure in frequencies.estimates] == ["bound"]
    three = estimate_hidden(histories_of({"100": 30, "010": 20, "001": 25, "110": 3, "101": 2}))
    assert {figure.role for figure in three.estimates} == {"bound"}
    assert three.estimates[0].method == "chao_lower"


def test_a_list_that_holds_the_other_is_no_proof() -> None:
    """50 on both and nobody else: 0.95 ≤ 1 - (50/N)^50 beyond N = 50·20^(1/50)."""
    figure = estimate_hidden(histories_of({"11": 50})).estimates[0]
    assert (figure.value, figure.low, figure.one_sided, figure.se) == (50, 50, True, None)
    assert figure.high == pytest.approx(50 * 20 ** (1 / 50))
    report = estimate_hidden(histories_of({"111": 50, "101": 100, "011": 80, "001": 30}))
    assert any("C holds everybody" in warning for warning in report.warnings)
    assert report.range is None
    empty = estimate_hidden(histories_of({"110": 50, "100": 100, "010": 80}))
    assert any("Nobody is on C" in warning for warning in empty.warnings)
    assert empty.estimates[0].value == pytest.approx(150 * 130 / 50)


def test_one_pair_without_overlap_does_not_stop_the_others() -> None:
    report = estimate_hidden(histories_of({"100": 90, "010": 80, "001": 70, "110": 30, "101": 25}))
    undefined = {figure.method: figure.undefined for figure in report.estimates if figure.value is None}
    assert "no unit is on both B and C" in str(undefined["chapman B,C"])
    assert report.estimates[0].role == "selected"
    fits = {fit.estimate.method: fit for fit in fit_hierarchical(histories_of({**THREE, "011": 0, "111": 0})).fits}
    # with B:C the cells of both are fitted as 0, and B, C are told by A alone: n0 = n010·n101/(n110·...), by hand
    model = fits["loglinear A+B+C+B:C"]
    assert model.estimate.value is not None


@pytest.mark.parametrize(
    ("counts", "options", "rule"),
    [
        ({"10": 5, "01": 9}, {}, "no_overlap"),
        ({"11": 0, "10": 0, "01": 0}, {}, "no_units"),
        (TWO, {"removes": ["A"]}, "capture_removes"),
        (TWO, {"linkage_recall": 0.1}, "precision_or_recall"),
        (TWO, {"precision": {"A": 0.1}}, "precision_or_recall"),
    ],
)
def test_declined(counts: dict[str, int], options: dict[str, Any], rule: str) -> None:
    with pytest.raises(Declined) as caught:
        estimate_hidden(histories_of(counts), **options)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"removes": ["Z"]}, "no_such_list"),
        ({"precision": {"Z": 0.5}}, "no_such_list"),
        ({"precision": {"A": 1.5}}, "usage"),
        ({"linkage_recall": 0.0}, "usage"),
        ({"odds_ratio": (4, 0.5)}, "usage"),
        ({"odds_ratio": (0, 1)}, "usage"),
        ({"level": 95.0}, "usage"),
    ],
)
def test_invalid(options: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        estimate_hidden(histories_of(TWO), **options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("lists", "marks", "counts", "code"),
    [
        (["A"], [[1]], None, "usage"),
        (["A", "A"], [[1, 1]], None, "usage"),
        (["A", "B"], [[1, 2]], None, "not_zero_one"),
        (["A", "B"], [[1, np.nan]], None, "not_zero_one"),
        (["A", "B"], [[1, 1]], [-3], "negative_count"),
        (["A", "B"], [[1, 1]], [1.5], "not_whole"),
    ],
)
def test_invalid_histories(lists: list[str], marks: list[list[float]], counts: list[float] | None, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        count_histories(lists, marks, counts)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("frequencies", "occasions", "kind"),
    [([5.0, -1.0], None, InvalidInput), ([5.0, 2.0, 1.0], 2, InvalidInput), ([5.0], 1, InvalidInput),
     ([5.0], None, Declined), ([0.0], None, Declined)],
)  # fmt: skip
def test_frequencies_that_say_nothing(
    frequencies: list[float], occasions: int | None, kind: type[TransectError]
) -> None:
    with pytest.raises(kind):
        estimate_from_frequencies(np.array(frequencies), occasions=occasions)


def test_rows_on_no_list_are_left_out() -> None:
    marks = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], [60, 140, 90, 5], axis=0)
    found = count_histories(("A", "B"), marks)
    assert (found.seen, found.on_none) == (290, 5)
    assert any("on none of these lists" in warning for warning in estimate_hidden(found).warnings)


def test_sparse_histories_never_raise() -> None:
    rng = np.random.default_rng(11)
    for _ in range(150):
        lists = int(rng.integers(2, 5))
        counts = rng.poisson(rng.choice([0.3, 1, 5, 40]), (1 << lists) - 1).astype(float)
        cells = [[int(d) for d in f"{code:0{lists}b}"] for code in range(1, 1 << lists)]
        histories = count_histories("ABCD"[:lists], cells, counts)
        try:
            report = estimate_hidden(histories)
        except Declined:
            assert histories.recaptured == 0
            continue
        for figure in report.estimates:
            if figure.value is not None:
                assert figure.low is not None and figure.high is not None  # noqa: PT018
                of_pair = figure.method.startswith("chapman")  # a pair leaves the units of other lists out
                assert (0 if of_pair else histories.seen - 1e-6) <= figure.low <= figure.value + 1e-6
                assert figure.value <= figure.high + 1e-6 or figure.method.startswith("loglinear")
