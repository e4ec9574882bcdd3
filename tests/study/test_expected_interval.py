"""The foreseen interval and the size for a width, against simulated samples, textbook formulas and a plain search."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest  # type: ignore[import-untyped]

from tools.study.expected_interval import Take, design_effect, expected_interval, size_for_width

LARGE = 10**9


@pytest.mark.parametrize(("n", "p"), [(400, 0.5), (400, 0.1), (2000, 0.02)])
def test_a_simple_random_sample_of_a_large_frame_is_the_mean_of_clopper_pearsons(n: int, p: float) -> None:
    counts = np.random.default_rng(1).binomial(n, p, 300)
    limits = [binomtest(int(k), n).proportion_ci(0.95, "exact") for k in counts]
    found = expected_interval([Take(LARGE, n)], prevalence=p, level=0.95)
    assert found.expected_low == pytest.approx(np.mean([each.low for each in limits]), rel=0.03)
    assert found.expected_high == pytest.approx(np.mean([each.high for each in limits]), rel=0.03)


def test_proportional_strata_of_one_prevalence_are_as_good_as_none() -> None:
    assert design_effect([Take(LARGE // 3, 200)] * 3) == pytest.approx(1.0, rel=1e-6)


def test_uneven_weights_cost_what_kish_says() -> None:
    """Kish 1965, eq. 11.7.6: n Σ W²/n_h, finite populations aside."""
    takes = [Take(9 * LARGE, 50), Take(LARGE, 450)]
    assert design_effect(takes) == pytest.approx(500 * (0.81 / 50 + 0.01 / 450), rel=1e-6)


def test_a_stratum_drawn_in_full_adds_nothing() -> None:
    takes = [Take(900, 100), Take(100, 100)]
    by_hand = 0.81 * (8 / 9) / 100 * (900 / 899) / (0.8 / 200 * (1000 / 999))
    assert design_effect(takes) == pytest.approx(by_hand, rel=1e-12)


def test_a_frame_drawn_in_full_has_no_width() -> None:
    found = expected_interval([Take(500, 500)], prevalence=0.2, level=0.95)
    assert (found.expected_half_width, design_effect([Take(500, 500)])) == (0, 1)


def test_the_chance_of_no_positive_is_said() -> None:
    found = expected_interval([Take(LARGE, 100)], prevalence=0.001, level=0.95)
    assert found.zero_probability == pytest.approx(0.999**100, rel=1e-6)
    assert found.bound_if_zero == pytest.approx(1 - 0.05 ** (1 / 100), rel=1e-6)  # the rule of three, exactly


@pytest.mark.parametrize(("width", "p"), [(0.1, 0.5), (0.06, 0.2), (0.02, 0.03)])
def test_the_size_is_the_first_that_fits(width: float, p: float) -> None:
    def takes(n: int) -> list[Take]:
        return [Take(4000, n - n // 4), Take(1000, n // 4)]

    found = size_for_width(takes, width=width, prevalence=p, level=0.95, least=8, most=4000)
    assert found is not None
    sizes = [2 * expected_interval(takes(n), prevalence=p, level=0.95).expected_half_width for n in (found - 1, found)]
    assert sizes[1] <= width < sizes[0]
    cochran = 1.96**2 * p * (1 - p) / (width / 2) ** 2
    assert found == pytest.approx(cochran / (1 + cochran / 5000), rel=0.1)


def test_a_width_that_only_the_whole_frame_has() -> None:
    found = size_for_width(lambda n: [Take(50, n)], width=0.001, prevalence=0.5, level=0.95, least=2, most=50)
    assert found == 50
    assert not math.isnan(found)
