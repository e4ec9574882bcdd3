"""Strata: against Neyman's formula on R's numbers, every other allocation by search, and simulated samples."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from tools.errors import InvalidInput
from tools.estimation import Design, StratumMoments, estimate_proportion
from tools.sampling import StratumPlan, allocate_for_interval, interval_for_allocation

STRATA = [
    StratumPlan("low", 900_000, 0.0002, cost_usd=0.2),
    StratumPlan("mid", 90_000, 0.003, cost_usd=0.8),
    StratumPlan("high", 10_000, 0.055, cost_usd=1.5),
]


def variance_by_hand(strata: list[StratumPlan], take: dict[str, int]) -> float:
    whole = sum(s.units for s in strata)
    return sum(
        (s.units / whole) ** 2 * (1 - take[s.stratum] / s.units) * s.prevalence * (1 - s.prevalence) * s.units
        / (s.units - 1) / take[s.stratum]
        for s in strata
    )  # fmt: skip


def test_the_width_is_reached_and_one_unit_less_would_not_do() -> None:
    for allocation in ("cost", "neyman", "proportional"):
        found = allocate_for_interval(STRATA, relative_half_width=0.2, allocation=allocation)
        assert found.expected_half_width <= 0.2 * found.prevalence * (1 + 1e-9)
        assert found.variance == pytest.approx(variance_by_hand(STRATA, dict(found.by_stratum)), rel=1e-12)
        assert found.n == sum(found.by_stratum.values())
        least = max(found.by_stratum, key=lambda s: found.by_stratum[s])
        one_less = {**found.by_stratum, least: found.by_stratum[least] - 1}
        assert variance_by_hand(STRATA, one_less) > found.variance


def test_the_formulas_of_the_book() -> None:
    """Cochran 1977, eqs 5.25 and 5.26: n for a variance V, without rounding or minimum."""
    found = allocate_for_interval(STRATA, relative_half_width=0.2, allocation="neyman")
    wanted = 0.001 * 0.999 / _effective(0.2)
    whole = sum(s.units for s in STRATA)
    spread = [s.units / whole * math.sqrt(s.prevalence * (1 - s.prevalence) * s.units / (s.units - 1)) for s in STRATA]
    squares = sum(s.units / whole * s.prevalence * (1 - s.prevalence) for s in STRATA)
    neyman = sum(spread) ** 2 / (wanted + squares / whole)
    assert found.n == pytest.approx(neyman, rel=1e-3)
    costs = [math.sqrt(s.cost_usd) for s in STRATA]
    cost = sum(a * c for a, c in zip(spread, costs, strict=True)) * sum(
        a / c for a, c in zip(spread, costs, strict=True)
    )
    by_cost = allocate_for_interval(STRATA, relative_half_width=0.2)
    assert by_cost.n == pytest.approx(cost / (wanted + squares / whole), rel=1e-3)
    assert by_cost.cost_usd < found.cost_usd
    assert by_cost.n > found.n


def _effective(relative: float) -> float:
    found = allocate_for_interval([StratumPlan("all", 10**12, 0.001)], relative_half_width=relative)
    return found.n_effective


def test_no_other_allocation_of_small_strata_does_with_fewer() -> None:
    strata = [StratumPlan("a", 40, 0.1), StratumPlan("b", 60, 0.4), StratumPlan("c", 20, 0.5)]
    found = allocate_for_interval(strata, half_width=0.12, allocation="neyman", minimum=1)
    wanted = found.prevalence * (1 - found.prevalence) / _needed(found.prevalence, 0.12)
    enough = [
        sum(take)
        for take in itertools.product(range(1, 41), range(1, 61), range(1, 21))
        if sum(take) <= found.n and variance_by_hand(strata, dict(zip("abc", take, strict=True))) <= wanted
    ]
    assert found.n - min(enough) <= 1  # fractions are rounded


def _needed(prevalence: float, half_width: float) -> float:
    from tools.sampling import size_for_interval

    return size_for_interval(prevalence=prevalence, half_width=half_width).n_effective


def test_the_width_is_the_one_reported() -> None:
    """1,500 stratified samples through the public estimator, with some 17 positives in the poorest stratum."""
    found = allocate_for_interval(STRATA, relative_half_width=0.1, allocation="neyman")
    take = np.array([found.by_stratum[s.stratum] for s in STRATA])
    units = np.array([s.units for s in STRATA])
    positives = np.array([round(s.units * s.prevalence) for s in STRATA])
    weight, widths = units / take, []
    for x in np.random.default_rng(2).hypergeometric(positives, units - positives, take, (1_500, 3)):
        moments = StratumMoments(
            stratum=np.arange(3),
            n=take,
            sum_w=weight * take,
            sum_wy=weight * x,
            sum_ww=weight**2 * take,
            sum_wwy=weight**2 * x,
            sum_wwyy=weight**2 * x,
            positives=x,
        )
        reported = estimate_proportion(moments, design=Design(stratum=np.arange(3), clusters=take, population=units))
        assert reported.low is not None
        assert reported.high is not None
        widths.append(reported.high - reported.low)
    assert 2 * found.expected_half_width == pytest.approx(float(np.mean(widths)), rel=0.01)


def test_a_minimum_and_a_stratum_without_variation() -> None:
    strata = [StratumPlan("none", 1_000, 0.0), StratumPlan("some", 1_000, 0.2)]
    found = allocate_for_interval(strata, half_width=0.03, minimum=30)
    assert found.by_stratum["none"] == 30
    assert "one exception found there would weigh 33 units" in found.notes[0]


def test_a_width_that_takes_everything() -> None:
    found = allocate_for_interval([StratumPlan("a", 30, 0.5), StratumPlan("b", 20, 0.5)], half_width=0.001)
    assert (found.n, found.n_effective, found.expected_half_width) == (50, math.inf, 0.0)


def test_sizes_that_are_given() -> None:
    found = interval_for_allocation(STRATA, {"low": 1_000, "mid": 1_000, "high": 1_000})
    assert found.cost_usd == pytest.approx(2_500)
    assert found.variance == pytest.approx(
        variance_by_hand(STRATA, {"low": 1_000, "mid": 1_000, "high": 1_000}), rel=1e-12
    )


@pytest.mark.parametrize(
    ("strata", "words"),
    [
        ([], "no strata"),
        ([StratumPlan("a", 5, 0.1), StratumPlan("a", 5, 0.1)], "'a' repeats"),
        ([StratumPlan("a", 0, 0.1)], "N of the stratum 'a' is 0"),
        ([StratumPlan("a", 5, 1.2)], "prevalence of the stratum 'a' is 1.2"),
        ([StratumPlan("a", 5, 0.0)], "over all strata is 0"),
        ([StratumPlan("a", 5, 0.1, cost_usd=0)], "cost of the stratum 'a' is 0"),
    ],
)
def test_strata_that_cannot_be(strata: list[StratumPlan], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        allocate_for_interval(strata, half_width=0.1)
