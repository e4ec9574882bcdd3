"""Alpha, kappa and AC1 against irr, irrCAC and epiR, against hand-worked tables, and their standard errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.labeling.ratings import reference, rows_by_unit, rows_of_counts, rows_of_pairs
from tools.errors import Declined, InvalidInput
from tools.labeling import Scale, measure_agreement
from tools.labeling.cohen_kappa import estimate_cohen_kappa
from tools.labeling.fleiss_kappa import estimate_fleiss_kappa
from tools.labeling.gwet_ac1 import estimate_ac1
from tools.labeling.scaled_alpha import MOST_VALUES, estimate_scaled_alpha


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff_four_observers_on_every_scale(scale: Scale) -> None:
    expected = reference("krippendorff_4x12")
    units = zip(*expected["ratings_by_observer"], strict=True)
    found = measure_agreement(rows_by_unit(units), scale=scale)
    assert found.alpha.value == pytest.approx(expected["alpha"][scale], rel=1e-9)
    assert (found.n_items, found.n_raters, found.n_labels) == (12, 4, 41)


def test_gwet_four_raters_with_missing_labels() -> None:
    expected = reference("gwet_raw_4_raters")
    found = measure_agreement(rows_by_unit(expected["ratings_by_unit"]))
    assert found.ac1.value == pytest.approx(expected["gwet_ac1"]["coeff"], abs=1e-5)
    assert found.kappa.value == pytest.approx(expected["fleiss_kappa"]["coeff"], abs=1e-5)
    assert found.alpha.value == pytest.approx(expected["krippendorff_alpha"]["coeff"], abs=1e-5)
    assert found.ac1.low == pytest.approx(0.461, abs=5e-4)
    assert found.kappa.low == pytest.approx(0.424, abs=5e-4)
    assert found.ac1.high == found.kappa.high == 1.0


@pytest.mark.parametrize("name", ["fleiss_14x10", "fleiss_1971_30x6"])
def test_fleiss_tables(name: str) -> None:
    expected = reference(name)
    votes = np.array(expected["table"], dtype=np.float64)
    kappa, ac1 = estimate_fleiss_kappa(votes), estimate_ac1(votes)
    known = expected["fleiss_kappa"]
    assert kappa.value == pytest.approx(known["coeff"] if isinstance(known, dict) else known, rel=1e-9)
    if isinstance(known, dict):
        assert kappa.se == pytest.approx(known["se"], rel=1e-9)
    assert ac1.value == pytest.approx(expected["gwet_ac1"]["coeff"], rel=1e-9)
    assert ac1.se == pytest.approx(expected["gwet_ac1"]["se"], rel=1e-9)
    report = measure_agreement(rows_of_counts(expected["table"]))
    assert report.kappa.metric == "fleiss_kappa"
    assert report.kappa.value == pytest.approx(kappa.value, rel=1e-12)


def test_two_raters_get_cohens_kappa() -> None:
    expected = reference("gwet_3x3_abstractors")
    found = measure_agreement(rows_of_pairs(expected["table"]))
    assert found.kappa.metric == "cohen_kappa"
    assert found.kappa.method.startswith("Cohen's kappa")
    assert found.kappa.value == pytest.approx(expected["cohen_kappa"]["coeff"], rel=1e-9)
    assert found.ac1.value == pytest.approx(expected["gwet_ac1"]["coeff"], rel=1e-9)
    pairs = [(a, b) for a, row in enumerate(expected["table"]) for b, n in enumerate(row) for _ in range(n)]
    first, second = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    assert estimate_cohen_kappa(first, second).se == pytest.approx(expected["cohen_kappa"]["se"], rel=1e-9)


@pytest.mark.parametrize("name", ["cohen_epi_kappa_salmon", "cohen_epi_kappa_cows"])
def test_tables_of_epi_kappa(name: str) -> None:
    expected = reference(name)
    found = measure_agreement(rows_of_pairs(expected["table"]))
    assert found.kappa.value == pytest.approx(expected["kappa"]["est"], rel=1e-9)
    if name.endswith("cows"):
        assert found.kappa.low == pytest.approx(expected["kappa"]["lower"], abs=1e-4)  # z there, t here


def test_cohen_by_hand() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: pa = 0.7, pe = 0.5·0.6 + 0.5·0.4 = 0.5, kappa = 0.4."""
    found = measure_agreement(rows_of_pairs([[20, 5], [10, 15]]))
    assert found.kappa.value == pytest.approx(0.4, rel=1e-12)
    # π = (0.55, 0.45), pe = 2·0.55·0.45 = 0.495, (0.7 - 0.495)/0.505
    assert found.ac1.value == pytest.approx(0.205 / 0.505, rel=1e-12)


def test_an_item_of_one_rater_is_no_part_of_cohens_kappa() -> None:
    rows = rows_of_pairs([[20, 5], [10, 15]])
    assert measure_agreement([*rows, ("lone", "r00", "1")]).kappa.value == pytest.approx(0.4, rel=1e-12)


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval", "ratio"])
def test_the_standard_error_of_alpha_is_that_of_the_jackknife(scale: Scale) -> None:
    rng = np.random.default_rng(3)
    votes = np.zeros((200, 6))
    for row in votes:
        centre = rng.integers(6)
        for _ in range(rng.integers(2, 5)):
            row[np.clip(centre + rng.integers(-2, 3), 0, 5)] += 1
    values = np.array([0.0, 1, 2, 4, 7, 9])
    found = estimate_scaled_alpha(votes, values, scale=scale)
    without = [estimate_scaled_alpha(np.delete(votes, i, 0), values, scale=scale).value for i in range(200)]
    left_out = np.array(without, dtype=np.float64)
    assert found.se == pytest.approx(math.sqrt(199 / 200 * ((left_out - left_out.mean()) ** 2).sum()), rel=0.01)


def test_labels_equal_as_numbers_are_one_label_on_a_scale() -> None:
    rows = [("a", "x", "1"), ("a", "y", "1.0"), ("b", "x", "3"), ("b", "y", "3"), ("c", "x", "2"), ("c", "y", "2")]
    assert measure_agreement(rows, scale="interval").alpha.value == pytest.approx(1.0)
    nominal = measure_agreement(rows).alpha.value
    assert nominal is not None
    assert nominal < 1


def test_a_repeat_counts_last_for_the_coefficients() -> None:
    rows = rows_of_pairs([[20, 5], [10, 15]])
    item, rater, label = rows[0]
    changed = [(item, rater, "1"), *rows]  # the first word is taken back
    found = measure_agreement(changed)
    assert found.kappa.value == pytest.approx(0.4, rel=1e-12)
    assert found.n_labels == 101
    assert any("1 labels repeat" in note for note in found.notes)
    assert found.consensus[0].majority == label
    assert found.consensus[0].share == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("a", "x", "1"), ("b", "y", "2")], "no item has"),
        ([("a", "x", "1"), ("a", "y", "1"), ("b", "x", "1"), ("b", "y", "1")], "only one label"),
        ([("a", "x", "1"), ("a", "y", "2")], "variance cannot be estimated"),
    ],
)
def test_a_coefficient_that_is_not_defined_says_why(rows: list[tuple[str, str, str]], reason: str) -> None:
    found = measure_agreement(rows)
    for figure in (found.kappa, found.ac1):
        assert figure.value is None
        assert reason in str(figure.undefined)
    assert found.alpha.value is None


def test_nobody_disagreeing_is_not_certainty() -> None:
    rows = rows_by_unit([("a", "a"), ("b", "b")] * 10)
    found = measure_agreement(rows)
    assert (found.kappa.value, found.kappa.low, found.kappa.high) == (1.0, 1.0, 1.0)
    # 1 - 0.05^(1/20) = 13.91 %
    assert any("up to 13.91% of" in note for note in found.notes)


def test_labels_that_are_no_numbers_on_a_scale() -> None:
    with pytest.raises(InvalidInput, match="every label is a number; 'bad' is not"):
        measure_agreement([("a", "x", "bad"), ("a", "y", "1")], scale="ordinal")
    with pytest.raises(InvalidInput, match="0 or more"):
        measure_agreement([("a", "x", "-1"), ("a", "y", "1")], scale="ratio")
    with pytest.raises(InvalidInput, match="level"):
        measure_agreement([("a", "x", "1")], level=95)
    with pytest.raises(Declined, match="no label"):
        measure_agreement([])
    with pytest.raises(Declined, match="distinct labels"):
        estimate_scaled_alpha(np.ones((2, MOST_VALUES + 1)), np.arange(MOST_VALUES + 1.0), scale="interval")
