"""Shares with few, no, or only positives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.estimation.tables import clusters, strata
from tools.estimation import Design, estimate_proportion


def design(drawn: int, population: float) -> Design:
    return Design(stratum=np.array([0]), clusters=np.array([drawn]), population=np.array([population]))


def test_equal_weights_without_clusters_give_clopper_pearson() -> None:
    # binom.test(5, 500): 0.003254721, 0.023181388
    found = estimate_proportion(strata([5], [500], [1.0]))
    assert found.method == "test inversion"
    assert (found.low, found.high) == pytest.approx((0.003254721, 0.023181388), rel=1e-6)
    assert found.n_eff == pytest.approx(500)


def test_twenty_positives_in_ten_clusters_are_needed_for_korn_graubard() -> None:
    assert estimate_proportion(clusters([2] * 10 + [0] * 10, [20] * 20)).method == "korn-graubard"
    assert estimate_proportion(clusters([3] * 7 + [0] * 13, [20] * 20)).method == "test inversion"
    assert estimate_proportion(clusters([1] * 19 + [0], [20] * 20)).method == "test inversion"
    assert estimate_proportion(clusters([18] * 10 + [20] * 10, [20] * 20)).method == "korn-graubard"
    assert estimate_proportion(clusters([17] * 7 + [20] * 13, [20] * 20)).method == "test inversion"


def test_few_negatives_mirror_few_positives() -> None:
    few = estimate_proportion(clusters([3, 0, 1, 0, 2, 0], [20] * 6))
    many = estimate_proportion(clusters([17, 20, 19, 20, 18, 20], [20] * 6))
    assert few.low is not None
    assert few.high is not None
    assert (many.low, many.high) == pytest.approx((1 - few.high, 1 - few.low), rel=1e-9)


def test_zero_positives_give_a_one_sided_bound() -> None:
    found = estimate_proportion(strata([0], [100], [1.0]))
    # 1 - 0.05^(1/100), the one-sided Clopper-Pearson limit
    assert found.high == pytest.approx(0.0295130496070399, rel=1e-9)
    assert (found.value, found.low, found.se, found.one_sided) == (0.0, 0.0, None, True)


def test_only_positives_mirror_none() -> None:
    none, all_ = estimate_proportion(strata([0], [100], [1.0])), estimate_proportion(strata([100], [100], [1.0]))
    assert none.high is not None
    assert (all_.value, all_.high, all_.one_sided) == (1.0, 1.0, True)
    assert all_.low == pytest.approx(1 - none.high)


def test_under_clusters_their_number_counts() -> None:
    found = estimate_proportion(clusters([0] * 30, [20] * 30))
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 30), rel=1e-9)
    assert any("independent" in note for note in found.notes)


def test_unequal_weights_hide_positives_where_the_weight_is() -> None:
    """Two strata, weights 1 and 100: the worst case puts all positives into the second."""
    found = estimate_proportion(strata([0, 0], [1000, 50], [1.0, 100.0]))
    assert found.high is not None
    worst = max(
        (1000 * a + 5000 * b) / 6000
        for b in np.linspace(0, 1, 20001)[:-1]
        for a in [1 - min(1.0, 0.05 / (1 - b) ** 50) ** (1 / 1000)]
        if (1 - b) ** 50 >= 0.05
    )
    assert found.high == pytest.approx(worst, rel=1e-4)


@pytest.mark.parametrize(("n", "population"), [(50, 200), (20, 1000), (120, 150)])
def test_a_population_count_bounds_the_hypergeometric(n: int, population: int) -> None:
    """Never below the exact largest number missed, and close to it."""
    miss, hidden = 1.0, 0
    while True:
        following = miss * (population - hidden - n) / (population - hidden)
        if following < 0.05:
            break
        miss, hidden = following, hidden + 1
    found = estimate_proportion(strata([0], [n], [population / n]), design=design(n, population))
    assert found.high is not None
    assert hidden / population <= found.high <= (hidden + 1.5) / population


def test_a_full_count_is_certain() -> None:
    found = estimate_proportion(strata([3], [50], [1.0]), design=design(50, 50))
    assert (found.low, found.high, found.se) == pytest.approx((0.06, 0.06, 0.0))
    empty = estimate_proportion(strata([0], [50], [1.0]), design=design(50, 50))
    assert (empty.value, empty.high, empty.one_sided) == (0.0, 0.0, False)


def test_one_more_positive_may_have_the_largest_weight() -> None:
    light = estimate_proportion(strata([5, 0], [400, 100], [1.0, 1.0]))
    heavy = estimate_proportion(strata([5, 0], [400, 100], [1.0, 4.0]))
    assert light.high is not None
    assert heavy.high is not None
    # zero positives among the 100 heavy rows bound their part alone at 1 - .05^(1/100) of half of the weight
    assert heavy.high > 0.5 * (1 - 0.05 ** (1 / 100)) > light.high / 2


def test_pure_strata_do_not_pass_for_certainty() -> None:
    found = estimate_proportion(strata([5, 0], [5, 95], [1.0, 1.0]))
    assert found.se == pytest.approx(0.0, abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.03
    assert found.high > 0.1


def test_pure_strata_with_many_positives_neither() -> None:
    found = estimate_proportion(strata([25, 0], [25, 100], [1.0, 1.0]))
    assert found.method == "test inversion"
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.15
    assert found.high > 0.25


def test_a_named_interval_is_computed_as_named_with_a_note() -> None:
    found = estimate_proportion(strata([5], [500], [1.0]), interval="wald")
    assert found.method == "wald"
    assert found.low is not None
    assert found.low < 0.0022  # 0.01 - 1.96·0.0044, where Clopper-Pearson has 0.0033
    assert any("not recommended" in note for note in found.notes)
