"""New minus old."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tests.estimation.tables import clusters, strata
from tools.estimation import Design, estimate_difference, estimate_proportion


def test_independent_samples_add_their_variances() -> None:
    new, old = strata([60], [300], [1.0]), strata([90], [200], [1.0])
    found = estimate_difference(new, old, of="proportion", independent=True, interval="wald")
    v = 0.2 * 0.8 / 299 + 0.45 * 0.55 / 199
    assert found.value == pytest.approx(-0.25)
    assert found.se == pytest.approx(math.sqrt(v))
    assert found.df is not None
    assert 199 < found.df < 498
    assert (found.n, found.positives) == (500, 150)


def test_the_same_clusters_in_both_periods_keep_their_covariance() -> None:
    new = clusters([10, 2, 12, 3, 9, 1, 11, 2, 10, 3, 8, 2], [20] * 12)
    old = clusters([9, 1, 11, 2, 8, 1, 10, 1, 9, 2, 7, 1], [20] * 12)
    paired = estimate_difference(new, old, of="proportion")
    apart = estimate_difference(new, old, of="proportion", independent=True)
    z = (np.array([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]) - 11 / 12) / 240
    assert paired.se == pytest.approx(math.sqrt(12 / 11 * (z**2).sum()))
    assert paired.low is not None
    assert paired.high is not None
    assert apart.low is not None
    assert apart.high is not None
    assert paired.high - paired.low < (apart.high - apart.low) / 3


def test_keys_match_clusters_whatever_their_order_or_period() -> None:
    new, old = clusters([3, 1, 4, 1], [9, 9, 9, 9]), clusters([2, 7, 1, 8], [9, 9, 9, 9])
    turned = dataclasses.replace(
        old, n=old.n[::-1], sum_w=old.sum_w[::-1], sum_wy=old.sum_wy[::-1], cluster=np.arange(4)[::-1]
    )
    flat = dataclasses.replace(turned, positives=None if old.positives is None else old.positives[::-1])
    a = estimate_difference(new, old, of="mean")
    b = estimate_difference(new, flat, of="mean")
    assert (a.se, a.low) == pytest.approx((b.se, b.low))


def test_no_positive_on_one_side_still_has_two_limits() -> None:
    found = estimate_difference(strata([0], [300], [1.0]), strata([9], [300], [1.0]), of="proportion", independent=True)
    assert found.value == pytest.approx(-0.03)
    assert found.low is not None
    assert found.high is not None
    assert -0.06 < found.low < -0.03 < found.high < 0.0
    assert found.se is None


def test_no_positive_on_either_side() -> None:
    side = strata([0], [300], [1.0])
    found = estimate_difference(side, side, of="proportion", independent=True)
    bound = 1 - 0.025 ** (1 / 300)
    assert (found.value, found.low, found.high) == pytest.approx((0.0, -bound, bound), rel=1e-9)


def test_an_undefined_side_names_itself() -> None:
    found = estimate_difference(clusters([], []), clusters([1, 2], [5, 5]), of="mean")
    assert found.undefined == "new: no rows"
    lonely = clusters([1, 2], [5, 5], stratum=[0, 1])
    assert "old: " in (
        estimate_difference(clusters([1, 2], [5, 5]), lonely, of="mean", independent=True).undefined or ""
    )


def test_large_samples_agree_with_wald() -> None:
    new, old = strata([3000], [10000], [1.0]), strata([2800], [10000], [1.0])
    found = estimate_difference(new, old, of="proportion", independent=True)
    wald = estimate_difference(new, old, of="proportion", independent=True, interval="wald")
    assert (found.low, found.high) == pytest.approx((wald.low, wald.high), abs=1e-4)


def test_strata_shared_by_both_domains_are_one_sample() -> None:
    """Two domains of one simple sample of 500 rows: 200 new, 300 old."""
    design = Design(stratum=np.array([0]), clusters=np.array([500]))
    new, old = strata([60], [200], [1.0]), strata([60], [300], [1.0])
    found = estimate_difference(new, old, of="proportion", design=design, interval="wald")
    z2 = 200 * 0.3 * 0.7 / 200**2 + 300 * 0.2 * 0.8 / 300**2
    assert found.se == pytest.approx(math.sqrt(500 / 499 * z2))
    assert estimate_proportion(new, design=design).n == 200
