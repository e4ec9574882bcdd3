"""The foreseen interval and the size for a width, against an independent Clopper-Pearson and a plain search."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest  # type: ignore[import-untyped]

from tools.study.expected_interval import Take, expected_interval, size_for_width

LARGE = 10**9


@pytest.mark.parametrize(("n", "p"), [(400, 0.5), (400, 0.1), (2000, 0.02)])
def test_a_simple_random_sample_of_a_large_frame_is_clopper_pearson(n: int, p: float) -> None:
    exact = binomtest(round(n * p), n).proportion_ci(0.95, "exact")
    found = expected_interval([Take(LARGE, n)], prevalence=p, level=0.95)
    assert found.low == pytest.approx(exact.low, rel=0.01)
    assert found.high == pytest.approx(exact.high, rel=0.01)


def test_proportional_strata_of_equal_prevalence_are_as_good_as_none() -> None:
    one = expected_interval([Take(LARGE, 600)], prevalence=0.2, level=0.95)
    three = expected_interval([Take(LARGE // 3, 200)] * 3, prevalence=0.2, level=0.95)
    assert (three.low, three.high) == pytest.approx((one.low, one.high), rel=0.01)


def test_uneven_weights_cost_width() -> None:
    even = expected_interval([Take(900_000, 450), Take(100_000, 50)], prevalence=0.2, level=0.95)
    uneven = expected_interval([Take(900_000, 50), Take(100_000, 450)], prevalence=0.2, level=0.95)
    assert uneven.high is not None
    assert uneven.low is not None
    assert even.high is not None
    assert even.low is not None
    assert uneven.high - uneven.low > 2 * (even.high - even.low)


def test_a_frame_drawn_in_full_has_no_width() -> None:
    found = expected_interval([Take(500, 500)], prevalence=0.2, level=0.95)
    assert found.low == found.high


def test_no_expected_positive_is_a_bound() -> None:
    found = expected_interval([Take(LARGE, 100)], prevalence=0.001, level=0.95)
    assert found.one_sided
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 100), rel=1e-6)  # the rule of three, exactly


@pytest.mark.parametrize(("width", "p"), [(0.1, 0.5), (0.06, 0.2), (0.02, 0.03)])
def test_the_size_is_the_first_that_fits(width: float, p: float) -> None:
    def takes(n: int) -> list[Take]:
        return [Take(5000, n)]

    found = size_for_width(takes, width=width, prevalence=p, level=0.95, least=2, most=5000)
    assert found is not None
    sizes = {}
    for n in (found - 1, found):
        each = expected_interval(takes(n), prevalence=p, level=0.95)
        assert each.low is not None
        assert each.high is not None
        sizes[n] = each.high - each.low
    assert sizes[found] <= width < sizes[found - 1]


def test_a_width_that_even_the_whole_frame_has() -> None:
    found = size_for_width(lambda n: [Take(50, n)], width=0.001, prevalence=0.5, level=0.95, least=2, most=50)
    assert found == 50
