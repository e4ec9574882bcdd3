"""Mix and rate: Kitagawa's identity, by hand and against replicates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tools.errors import InvalidInput
from tools.estimation import estimate_difference, sum_rows
from tools.estimation.change import decompose_change

PERIOD = np.repeat(["2026-01", "2026-02"], [10, 10])
# old: a has 6 rows, 1 positive; b 4 rows, 2. new: a 3 rows, 1; b 7 rows, 4
GROUP = np.array(list("aaaaaabbbb" + "aaabbbbbbb"))
Y = np.array([1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0], dtype=float)


def test_by_hand() -> None:
    """s: .6/.4 to .3/.7; r: 1/6, 1/2 to 1/3, 4/7."""
    found = decompose_change(Y, PERIOD, GROUP, independent=True)
    mix = (0.3 - 0.6) * (1 / 6 + 1 / 3) / 2 + (0.7 - 0.4) * (1 / 2 + 4 / 7) / 2
    rate_a, rate_b = (1 / 3 - 1 / 6) * (0.6 + 0.3) / 2, (4 / 7 - 1 / 2) * (0.4 + 0.7) / 2
    assert found.mix.value == pytest.approx(mix)
    assert found.rate.value == pytest.approx(rate_a + rate_b)
    assert found.total.value == pytest.approx(0.5 - 0.3)
    assert mix + rate_a + rate_b == pytest.approx(0.2)
    assert {k: v.value for k, v in found.rate_by_group.items()} == {
        "a": pytest.approx(rate_a),
        "b": pytest.approx(rate_b),
    }


@pytest.mark.parametrize("independent", [True, False])
def test_the_total_is_the_difference_of_means(independent: bool) -> None:
    """Its standard error too, clusters shared or not."""
    rng = np.random.default_rng(1)
    n = 400
    unit = rng.integers(0, 90, 2 * n)
    period = np.repeat([0, 1], n)
    y = rng.normal(unit % 7, 1)
    weights = rng.uniform(1, 3, 2 * n)
    found = decompose_change(y, period, unit % 3, weights=weights, clusters=unit, independent=independent)
    if independent:
        samples = [sum_rows(y[period == s], weights=weights[period == s], clusters=unit[period == s]) for s in (1, 0)]
        other = estimate_difference(
            samples[0].totals, samples[1].totals, of="mean", design=samples[0].design, old_design=samples[1].design
        )
    else:
        new, old = (sum_rows(y, weights=weights, clusters=unit, domain=period == s) for s in (1, 0))
        other = estimate_difference(new.totals, old.totals, of="mean", design=new.design)
    assert found.total.value == pytest.approx(other.value)
    assert found.total.se == pytest.approx(other.se)
    assert found.mix.value is not None and found.rate.value is not None  # noqa: PT018
    assert found.mix.value + found.rate.value == pytest.approx(other.value)


def test_standard_errors_against_the_jackknife() -> None:
    """Leaving one cluster out, over both periods."""
    rng = np.random.default_rng(2)
    n, clusters = 600, 60
    unit = np.tile(rng.integers(0, clusters, n), 2)
    period = np.repeat([0, 1], n)
    group = np.where(rng.random(2 * n) < 0.3 + 0.2 * period, 1, 0)
    y = (rng.random(2 * n) < 0.1 + 0.2 * group + 0.05 * period + 0.1 * (unit % 2)).astype(float)
    found = decompose_change(y, period, group, clusters=unit)
    left = [
        decompose_change(y[unit != c], period[unit != c], group[unit != c], clusters=unit[unit != c])
        for c in range(clusters)
    ]
    for name in ("mix", "rate", "total"):
        values = np.array([getattr(each, name).value for each in left])
        jackknife = math.sqrt((clusters - 1) / clusters * float(((values - values.mean()) ** 2).sum()))
        assert getattr(found, name).se == pytest.approx(jackknife, rel=0.03)


def test_a_group_of_one_period_is_all_mix() -> None:
    group = np.array(list("aaaaaaaaaa" + "aaaaaccccc"))
    found = decompose_change(Y, PERIOD, group, independent=True)
    assert found.rate_by_group["c"].value == 0
    assert found.notes
    assert found.mix.value is not None and found.rate.value is not None  # noqa: PT018
    assert found.mix.value + found.rate.value == pytest.approx(0.2)


def test_missing_outcomes_leave() -> None:
    y = np.append(Y, np.nan)
    found = decompose_change(y, np.append(PERIOD, "2026-02"), np.append(GROUP, "a"), independent=True)
    assert found.total.value == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("y", "period", "group"),
    [
        (Y, np.zeros(20), GROUP),
        (Y, np.arange(20), GROUP),
        (Y, PERIOD, GROUP[:5]),
        (Y, PERIOD[:5], GROUP),
        (np.where(PERIOD == "2026-01", np.nan, Y), PERIOD, GROUP),
    ],
)
def test_invalid(y: Any, period: Any, group: Any) -> None:
    with pytest.raises(InvalidInput):
        decompose_change(y, period, group)


def test_one_cluster_a_period_has_no_interval() -> None:
    found = decompose_change([0.0, 1, 1, 1], [0, 0, 1, 1], list("abab"), clusters=[1, 1, 1, 1])
    assert found.total.value is None
    assert found.total.undefined
