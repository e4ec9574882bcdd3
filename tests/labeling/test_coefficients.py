"""Alpha, kappa and AC1 against irr, irrCAC and epiR, against hand-worked tables, and their standard errors."""

from __future__ import annotations

import math
from typing import Literal, cast

import numpy as np
import pytest
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from tests.labeling.ratings import reference, rows_by_unit, rows_of_counts, rows_of_pairs
from tools.errors import Declined, InvalidInput
from tools.estimation import Estimate
from tools.estimation.agreement.cohen_kappa import estimate_cohen_kappa
from tools.estimation.agreement.item_bootstrap import Resampling
from tools.estimation.agreement.krippendorff_alpha import estimate_alpha
from tools.estimation.agreement.label_weights import weigh_labels
from tools.estimation.agreement.pair_agreement import Chance, estimate_pair_agreement
from tools.estimation.agreement.vote_patterns import VotePatterns, collapse_votes
from tools.labeling import Scale, measure_agreement
from tools.labeling.coefficients import MOST_VALUES

FEW = Resampling(replications=100)


def patterns_of(table: object) -> VotePatterns:
    """The patterns of (items, labels) counts."""
    return collapse_votes(csr_array(np.array(table, dtype=np.float64)))


def pairs(table: object, chance: Chance = "fleiss") -> Estimate:
    return estimate_pair_agreement(patterns_of(table), chance=chance, how=FEW)


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
    errors = {each.metric: each.se for each in found.standard_errors}
    assert errors["gwet_ac1"] == pytest.approx(expected["gwet_ac1"]["se"], abs=1e-5)
    assert errors["fleiss_kappa"] == pytest.approx(expected["fleiss_kappa"]["se"], abs=1e-5)
    assert "2,000 replications, seed 0" in found.ac1.method


@pytest.mark.parametrize("name", ["fleiss_14x10", "fleiss_1971_30x6"])
def test_fleiss_tables(name: str) -> None:
    expected = reference(name)
    kappa, ac1 = pairs(expected["table"]), pairs(expected["table"], "gwet")
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
    assert estimate_cohen_kappa(first, second, how=FEW).se == pytest.approx(expected["cohen_kappa"]["se"], rel=1e-9)


@pytest.mark.parametrize("name", ["cohen_epi_kappa_salmon", "cohen_epi_kappa_cows"])
def test_tables_of_epi_kappa(name: str) -> None:
    expected = reference(name)
    found = measure_agreement(rows_of_pairs(expected["table"]))
    assert found.kappa.value == pytest.approx(expected["kappa"]["est"], rel=1e-9)
    if name.endswith("cows"):
        assert found.standard_errors[1].se == pytest.approx(expected["kappa"]["se"], rel=2e-3)  # of Watson and Petrie


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
    found = estimate_alpha(patterns_of(votes), values, scale=scale, how=FEW)
    kept = [patterns_of(np.delete(votes, i, 0)) for i in range(200)]
    without = [estimate_alpha(each, values, scale=scale, how=FEW).value for each in kept]
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
    # 20 items of two labels, as many a as b: pe is 1/2 for kappa and for AC1
    bound = 1 - 0.05 ** (1 / 20)
    for figure in (found.kappa, found.ac1):
        assert (figure.value, figure.high, figure.one_sided) == (1.0, 1.0, True)
        assert figure.low == pytest.approx(1 - bound / 0.5, rel=1e-12)
    # alpha: A of an item of two different labels is 2, B = 40² - 2·20² = 800; low = 1 - 39·20·bound·2/800
    assert found.alpha.low == pytest.approx(1 - 39 * 20 * bound * 2 / 800, rel=1e-12)
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
        measure_agreement([(str(i), "x", str(i)) for i in range(MOST_VALUES + 1)], scale="interval")


@pytest.mark.parametrize(("weights", "key"), [("linear", "linear"), ("interval", "squared")])
def test_cohens_kappa_with_weights(weights: Literal["linear", "interval"], key: str) -> None:
    expected = reference("weighted_kappa_anxiety")
    first, second = (np.array(expected[rater], dtype=np.int64) - 1 for rater in ("rater1", "rater2"))
    table = weigh_labels(np.arange(6.0), weights)
    found = estimate_cohen_kappa(first, second, weights=table, how=FEW)
    assert found.value == pytest.approx(expected[key], rel=1e-12)
    if weights == "interval":
        rows = rows_by_unit(zip(expected["rater1"], expected["rater2"], strict=True))
        report = measure_agreement(rows, scale="interval", replications=100)
        assert report.kappa.value == pytest.approx(expected["unweighted"], rel=1e-12)
        assert report.weighted_kappa is not None
        assert report.weighted_kappa.value == pytest.approx(expected["squared"], rel=1e-12)


def test_the_other_coefficients_of_the_reference() -> None:
    expected = reference("gwet_3x3_abstractors")
    votes = [(2 * (k == a) or 0) if a == b else int(k in (a, b)) for a in range(3) for b in range(3) for k in range(3)]
    rows = np.repeat(np.array(votes).reshape(9, 3), np.array(expected["table"]).ravel(), axis=0)
    for chance, name in (("uniform", "brennan_prediger"), ("fleiss", "scott_pi"), ("gwet", "gwet_ac1")):
        found = pairs(rows, cast(Chance, chance))
        assert found.value == pytest.approx(expected[name]["coeff"], rel=1e-9)
        assert found.se == pytest.approx(expected[name]["se"], rel=0.006)  # some divide by n there, all by n - 1 here
    alpha = estimate_alpha(patterns_of(rows), np.arange(3.0), how=FEW)
    assert alpha.value == pytest.approx(expected["krippendorff_alpha"]["coeff"], rel=1e-9)
    for name in ("cohen_epi_kappa_salmon", "cohen_epi_kappa_cows"):
        two = reference(name)
        table = np.array(two["table"])
        pabak = pairs(np.repeat([[2, 0], [1, 1], [1, 1], [0, 2]], table.ravel(), axis=0), "uniform")
        assert pabak.value == pytest.approx(two["pabak"]["est"], rel=1e-9)


def test_weights_of_three_labels() -> None:
    """irrCAC: ordinal.weights, quadratic.weights, linear.weights of 1:3; ratio by hand, ((1-3)/(1+3))² = 1/4."""
    values = np.array([1.0, 2, 3])
    assert weigh_labels(values, "ordinal")[0].tolist() == [1, pytest.approx(2 / 3), 0]
    assert weigh_labels(values, "interval")[0].tolist() == [1, 0.75, 0]
    assert weigh_labels(values, "linear")[0].tolist() == [1, 0.5, 0]
    assert weigh_labels(values, "ratio")[0].tolist() == [1, pytest.approx(1 - (1 / 9) / (1 / 4)), 0]


@pytest.mark.parametrize("scale", ["ordinal", "interval", "ratio"])
def test_weighted_coefficients_written_out_in_loops(scale: Scale) -> None:
    """AC2 and Fleiss's weighted kappa, Gwet 2014, sections 3.5 and 5.3, pair by pair."""
    units = reference("gwet_raw_4_raters")["ratings_by_unit"]
    report = measure_agreement(rows_by_unit(units), scale=scale, replications=100)
    weights = weigh_labels(np.arange(1.0, 6.0), scale)
    agreed, shares = [], np.zeros(5)
    for unit in units:
        given = [int(label) - 1 for label in unit if label is not None]
        shares += np.bincount(given, minlength=5) / len(given)
        if len(given) > 1:
            both = [weights[a, b] for i, a in enumerate(given) for j, b in enumerate(given) if i != j]
            agreed.append(sum(both) / len(both))
    pa, pi = sum(agreed) / len(agreed), shares / len(units)
    by_gwet = weights.sum() * sum(p * (1 - p) for p in pi) / 20
    by_fleiss = sum(weights[k, j] * pi[k] * pi[j] for k in range(5) for j in range(5))
    assert report.ac2 is not None
    assert report.weighted_kappa is not None
    assert report.ac2.value == pytest.approx((pa - by_gwet) / (1 - by_gwet), rel=1e-12)
    assert report.weighted_kappa.value == pytest.approx((pa - by_fleiss) / (1 - by_fleiss), rel=1e-12)
