"""Nothing to estimate from: a reason, never a NaN."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tests.estimation.tables import clusters, strata
from tools.errors import InvalidInput
from tools.estimation import (
    ClusterTotals,
    Design,
    Lonely,
    StratumMoments,
    WeightedValues,
    estimate_difference,
    estimate_mean,
    estimate_proportion,
    estimate_quantile,
    estimate_ratio,
    estimate_total,
    sum_rows,
)

EMPTY = clusters([], [])


@pytest.mark.parametrize("estimate", [estimate_mean, estimate_total, estimate_ratio, estimate_proportion])
def test_no_rows(estimate) -> None:  # type: ignore[no-untyped-def]
    found = estimate(EMPTY)
    assert (found.value, found.low, found.high, found.undefined) == (None, None, None, "no rows")


def test_a_domain_whose_outcomes_are_all_missing() -> None:
    s = sum_rows([np.nan, np.nan, 1.0], domain=[True, True, False])
    assert s.missing == 2
    assert estimate_mean(s.totals, design=s.design).undefined == "no rows"


def test_weights_that_sum_to_zero() -> None:
    found = estimate_mean(clusters([1, 0], [1, 1], weight=0.0))
    assert found.undefined == "the weights sum to zero"


def test_a_denominator_of_zero() -> None:
    totals = dataclasses.replace(clusters([1, 2], [5, 5]), sum_wx=np.zeros(2))
    assert estimate_ratio(totals).undefined == "the denominator is zero"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_not_a_number(bad: float) -> None:
    totals = dataclasses.replace(clusters([1, 2], [5, 5]), sum_wy=np.array([1.0, bad]))
    for estimate in (estimate_mean, estimate_total, estimate_ratio, estimate_proportion):
        assert estimate(totals).undefined == "an outcome or a weight is not a number"
    values = WeightedValues(value=np.array([1.0, bad]), sum_w=np.ones(2), n=np.ones(2, dtype=np.int64))
    assert estimate_quantile(values, 0.5).undefined is not None


def test_one_row() -> None:
    assert estimate_mean(clusters([1], [1])).undefined is not None
    assert estimate_proportion(clusters([0], [1])).high == pytest.approx(0.95)


LONELY = clusters([2, 3, 9], [10, 10, 10], stratum=[0, 0, 1])


def lonely(rule: Lonely) -> Design:
    return Design(stratum=np.array([0, 1]), clusters=np.array([2, 1]), lonely=rule)


def test_a_stratum_with_one_cluster_fails_by_default() -> None:
    for found in (estimate_mean(LONELY), estimate_mean(LONELY, design=lonely("fail"))):
        assert found.undefined == "1 of 2 strata hold one cluster, so the variance cannot be estimated"


def test_a_stratum_with_one_cluster_otherwise() -> None:
    # mean 14/30; z = (y - 14/30·10)/30 = (-8, -5, 13)/90. Stratum 0: 2/1·2·(1.5/90)² = 9/8100·... = 9/8100
    v = 2 * ((1.5 / 90) ** 2 * 2)
    certainty = estimate_mean(LONELY, design=lonely("certainty"))
    average = estimate_mean(LONELY, design=lonely("average"))
    adjust = estimate_mean(LONELY, design=lonely("adjust"))
    assert certainty.se == pytest.approx(math.sqrt(v))
    assert average.se == pytest.approx(math.sqrt(2 * v))
    assert adjust.se == pytest.approx(math.sqrt(v + (13 / 90) ** 2))
    assert all("'" + e in " ".join(f.notes) for f, e in ((certainty, "cert"), (average, "aver"), (adjust, "adj")))


def test_a_lonely_stratum_counted_in_full_adds_nothing() -> None:
    design = Design(stratum=np.array([0, 1]), clusters=np.array([2, 1]), population=np.array([50.0, 1.0]))
    assert estimate_mean(LONELY, design=design).undefined is None


def test_a_domain_in_one_cluster_has_no_interval() -> None:
    s = sum_rows([1, 0, 1, 0], clusters=[1, 1, 2, 2], domain=[True, True, False, False])
    found = estimate_mean(s.totals, design=s.design)
    assert found.undefined == "no stratum has two clusters with a row in the domain"


def test_a_design_that_does_not_hold_the_table() -> None:
    design = Design(stratum=np.array([7]), clusters=np.array([3]))
    with pytest.raises(InvalidInput, match="stratum"):
        estimate_mean(clusters([1, 2], [5, 5]), design=design)
    few = Design(stratum=np.array([0]), clusters=np.array([1]))
    with pytest.raises(InvalidInput, match="more clusters"):
        estimate_mean(clusters([1, 2], [5, 5]), design=few)
    small = Design(stratum=np.array([0]), clusters=np.array([9]), population=np.array([5.0]))
    with pytest.raises(InvalidInput, match="population"):
        estimate_mean(clusters([1, 2], [5, 5]), design=small)


def test_wrong_usage_is_an_error() -> None:
    table = clusters([1, 2], [5, 5])
    with pytest.raises(InvalidInput, match="level"):
        estimate_mean(table, level=1.0)
    with pytest.raises(InvalidInput, match="interval"):
        estimate_mean(table, interval="logit")
    with pytest.raises(InvalidInput, match="positive rows"):
        estimate_proportion(dataclasses.replace(table, positives=None))
    with pytest.raises(InvalidInput, match="keys"):
        estimate_difference(dataclasses.replace(table, cluster=None), table, of="mean")
    with pytest.raises(InvalidInput, match="weights must be above 0"):
        sum_rows([1, 2], weights=[1, 0])
    with pytest.raises(InvalidInput, match="one value a row"):
        sum_rows([1, 2], weights=[1])
    with pytest.raises(InvalidInput, match="population count differs"):
        sum_rows([1, 2], population=[10, 20])


def test_a_sampling_fraction_equals_its_population_count() -> None:
    table = clusters([1, 2, 0], [5, 5, 5])
    count = Design(stratum=np.array([0]), clusters=np.array([3]), population=np.array([12.0]))
    share = dataclasses.replace(count, population=np.array([0.25]))
    assert estimate_mean(table, design=count) == estimate_mean(table, design=share)


def test_missing_outcomes_leave_as_a_domain_does() -> None:
    y = [1.0, np.nan, 3.0, 4.0, np.nan, 6.0]
    cluster = [1, 1, 2, 2, 3, 4]
    s = sum_rows(y, clusters=cluster)
    found = estimate_mean(s.totals, design=s.design)
    assert (found.n, found.df) == (4, 3.0)  # cluster 3 has a row, but no outcome
    z = (np.array([1.0, 7.0, 0.0, 6.0]) - 3.5 * np.array([1, 2, 0, 1])) / 4
    assert found.se == pytest.approx(math.sqrt(4 / 3 * ((z - z.mean()) ** 2).sum()))


def test_moments_and_rows_agree() -> None:
    rng = np.random.default_rng(3)
    stratum, w = np.repeat([0, 1, 2], [10, 15, 20]), rng.uniform(1, 3, 45)
    y, x = rng.normal(5, 1, 45), rng.uniform(1, 2, 45)
    s = sum_rows(y, x=x, weights=w, strata=stratum)

    def add(v: np.ndarray) -> np.ndarray:
        return np.bincount(stratum, v)

    moments = StratumMoments(
        stratum=np.arange(3),
        n=np.array([10, 15, 20]),
        sum_w=add(w),
        sum_wy=add(w * y),
        sum_wx=add(w * x),
        sum_ww=add(w * w),
        sum_wwy=add(w * w * y),
        sum_wwx=add(w * w * x),
        sum_wwyy=add((w * y) ** 2),
        sum_wwxy=add(w * w * x * y),
        sum_wwxx=add((w * x) ** 2),
        sum_wyy=add(w * y * y),
        sum_wxy=add(w * x * y),
        sum_wxx=add(w * x * x),
    )
    for estimate in (estimate_mean, estimate_total, estimate_ratio):
        a, b = estimate(s.totals, design=s.design), estimate(moments)
        for field in ("value", "se", "low", "high", "df", "deff", "n"):
            assert getattr(a, field) == pytest.approx(getattr(b, field), rel=1e-9)


def test_quantile_groups_equal_values() -> None:
    y = np.array([1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 8.0, 9.0])
    rows = WeightedValues(value=y, sum_w=np.ones(8), n=np.ones(8, dtype=np.int64))
    values, n = np.unique(y, return_counts=True)
    grouped = WeightedValues(value=values, sum_w=n.astype(float), n=n.astype(np.int64))
    assert estimate_quantile(rows, 0.5) == estimate_quantile(grouped, 0.5)
    assert estimate_quantile(rows, 0.5).value == 3.0


def test_strata_helper_matches_its_rows() -> None:
    found = estimate_proportion(strata([30, 40], [100, 100], [1.0, 2.0]))
    rows = sum_rows(
        [1] * 30 + [0] * 70 + [1] * 40 + [0] * 60, weights=[1] * 100 + [2] * 100, strata=[0] * 100 + [1] * 100
    )
    again = estimate_proportion(rows.totals, design=rows.design)
    assert (found.low, found.high) == pytest.approx((again.low, again.high), rel=1e-9)


def test_totals_type_is_open_to_both_kinds() -> None:
    assert isinstance(EMPTY, ClusterTotals)
