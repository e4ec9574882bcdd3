"""The most positives that a sample misses with probability at least 1 - level."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.estimation import estimate_proportion
from tools.estimation.domain import sum_domain
from tools.estimation.survey import describe_survey


def bound(weights: NDArray[np.float64], **design: object) -> float:
    survey = describe_survey(len(weights), weights=weights, **design)  # type: ignore[arg-type]
    found = estimate_proportion(sum_domain(survey, np.zeros(len(weights))).totals, design=survey.design)
    assert found.one_sided
    assert found.high is not None
    return found.high


def test_unequal_weights_hide_positives_behind_the_heaviest() -> None:
    """Draws with probability proportional to 1/w miss units that take up P draws with probability (1 - P/n)^n."""
    weights = np.array([50.0, 20.0, 10.0, 5.0, 5.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    n = len(weights)
    fill = n * (1 - 0.05 ** (1 / n))  # 2.6 units' worth
    whole, part = int(fill), fill - int(fill)
    expected = (weights[:whole].sum() + part * weights[whole]) / weights.sum()
    assert bound(weights) == pytest.approx(expected, rel=1e-9)


def test_it_holds_for_what_it_says() -> None:
    """Population units drawn with replacement, with probability proportional to size; the hidden ones are missed."""
    rng = np.random.default_rng(2)
    size = rng.lognormal(0, 1.5, 4000)
    n = 60
    hidden = np.argsort(size)[:150]  # the units least likely to be drawn
    missed = worst = 0
    share = len(hidden) / len(size)
    for _ in range(4000):
        drawn = rng.choice(len(size), n, p=size / size.sum())
        if np.isin(drawn, hidden).any():
            continue
        missed += 1
        worst += bound(1 / size[drawn]) < share
    assert missed > 2000  # such units are nearly always missed,
    assert worst / 4000 < 0.06  # and then the bound lies below their share for at most about one sample in twenty


def test_strata_are_bounded_together() -> None:
    """Two strata of equal weights: the price of a miss is the same in both."""
    sizes, weights = np.array([40, 100]), np.array([10.0, 4.0])
    w = np.repeat(weights, sizes)
    h = np.repeat([0, 1], sizes)
    best = 0.0
    for p in np.linspace(0, 1 - 0.05 ** (1 / 40), 20001):
        left = math.log(0.05) - 40 * math.log1p(-p)
        q = -math.expm1(left / 100)
        best = max(best, (40 * 10 * p + 100 * 4 * q) / 800)
    assert bound(w, strata=h) == pytest.approx(best, rel=1e-6)


def test_a_domain_hides_in_itself_alone() -> None:
    survey = describe_survey(100, strata=np.repeat([0, 1], 50))
    found = estimate_proportion(sum_domain(survey, np.zeros(100), rows=np.arange(30)).totals, design=survey.design)
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 30), rel=1e-9)


def test_poisson_samples_are_missed_a_little_more_often() -> None:
    pi = np.full(50, 0.001)
    fixed = describe_survey(50, probability=pi, variance="brewer")
    poisson = describe_survey(50, probability=pi, variance="poisson")
    low, high = (
        estimate_proportion(sum_domain(s, np.zeros(50)).totals, design=s.design).high for s in (fixed, poisson)
    )
    assert low == pytest.approx((1 - 0.05 ** (1 / 50)) * (1 - 0.0005), rel=1e-6)
    assert high == pytest.approx(-math.log(0.05) / 50 * (1 - 0.0005), rel=1e-5)


def test_certain_units_hide_nothing() -> None:
    pi = np.concatenate([np.ones(10), np.full(40, 0.1)])
    survey = describe_survey(50, probability=pi, variance="brewer")
    found = estimate_proportion(sum_domain(survey, np.zeros(50)).totals, design=survey.design)
    assert found.high is not None
    assert found.high < 3 * 10 / 410
    sure = describe_survey(5, probability=np.ones(5), variance="brewer")
    none = estimate_proportion(sum_domain(sure, np.zeros(5)).totals, design=sure.design)
    assert (none.value, none.high, none.one_sided) == (0.0, 0.0, False)
