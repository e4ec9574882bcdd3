"""Sizes against formulas from books and R, sums by brute force, and what the estimators report on simulated samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq  # type: ignore[import-untyped]
from scipy.stats import binom  # type: ignore[import-untyped]

from tests.sampling.frames import REFERENCE, reference
from tools.errors import InvalidInput
from tools.estimation import StratumMoments, estimate_proportion
from tools.sampling import interval_for_size, size_for_budget, size_for_interval
from tools.sampling.expected_limits import expected_limits
from tools.sampling.sample_size import deflate, inflate

needs_reference = pytest.mark.skipif(not REFERENCE.is_file(), reason=f"{REFERENCE} is not on this machine")


@needs_reference
def test_the_usual_formula_against_r() -> None:
    for case in reference()["sample_size"]["cochran"]:
        found = size_for_interval(prevalence=case["p"], half_width=case["abs_error"], population=case["N"])
        assert found.wald_n == pytest.approx(case["n"], rel=1e-9)


@needs_reference
@pytest.mark.parametrize("name", ["simple_help1", "simple_imperfect", "simple_rare"])
def test_relative_error_and_imperfect_labels_against_epir(name: str) -> None:
    case = reference()["sample_size"]["epiR"][name]
    given_ = case["args"]
    found = size_for_interval(
        prevalence=given_["Py"],
        relative_half_width=given_["epsilon"],
        sensitivity=given_["se"],
        specificity=given_["sp"],
    )
    assert math.ceil(found.wald_n) == case["result"]
    assert found.wald_n == pytest.approx(case.get("unrounded", found.wald_n), rel=1e-9)


def test_the_population_correction_of_the_book() -> None:
    """Cochran 1977, 4.4: 400 islanders would do, of 3,200 it takes 356."""
    assert round(inflate(400, design_effect=1, population=3_200)) == 356


@given(st.floats(1, 1e6), st.floats(0.3, 9), st.one_of(st.none(), st.integers(2_000_000, 10**9)))
def test_inflate_and_deflate_are_inverse(n: float, effect: float, population: int | None) -> None:
    wanted = inflate(n, design_effect=1, population=population)
    assert deflate(math.ceil(wanted), design_effect=1, population=population) >= n * (1 - 1e-9)
    assert deflate(100, design_effect=effect, population=None) == pytest.approx(100 / effect)


def clopper_pearson_by_search(x: int, n: int, level: float) -> tuple[float, float]:
    """Limits found on the binomial distribution function itself; one-sided at the ends, as is reported."""
    tail = (1 - level) / 2
    if x == 0:
        return 0.0, 1 - (1 - level) ** (1 / n)
    if x == n:
        return (1 - level) ** (1 / n), 1.0
    low = brentq(lambda p: binom.sf(x - 1, n, p) - tail, 1e-12, 1 - 1e-12, xtol=1e-14)
    return low, brentq(lambda p: binom.cdf(x, n, p) - tail, 1e-12, 1 - 1e-12, xtol=1e-14)


@pytest.mark.parametrize(("p", "n", "level"), [(0.02, 60, 0.95), (0.5, 30, 0.9), (0.9, 25, 0.95), (0.001, 200, 0.99)])
def test_mean_limits_by_brute_force(p: float, n: int, level: float) -> None:
    limits = [clopper_pearson_by_search(x, n, level) for x in range(n + 1)]
    weights = binom.pmf(range(n + 1), n, p)
    found = expected_limits(p, n, level=level)
    assert found.low == pytest.approx(float(weights @ [low for low, _ in limits]), abs=1e-9)
    assert found.high == pytest.approx(float(weights @ [high for _, high in limits]), abs=1e-9)
    assert found.zero_probability == pytest.approx(binom.pmf(0, n, p))


def test_the_quadrature_of_large_counts_meets_the_sum() -> None:
    """npq just on either side of where the exact sum ends."""
    exact, quadrature = (expected_limits(0.3, n, level=0.95) for n in (57_000, 60_000))
    assert quadrature.half_width * math.sqrt(60_000) == pytest.approx(exact.half_width * math.sqrt(57_000), rel=1e-4)


@pytest.mark.parametrize(("p", "n"), [(0.0004, 5_000), (0.002, 5_000), (0.02, 5_000), (0.3, 400)])
def test_it_is_the_width_that_is_reported(p: float, n: int) -> None:
    """4,000 samples through the public estimator; the tolerance is five standard errors of the simulated mean."""
    counts, times = np.unique(np.random.default_rng(5).binomial(n, p, 4_000), return_counts=True)
    widths = np.repeat([reported_width(int(x), n) for x in counts], times)
    mean, error = float(widths.mean()), float(widths.std()) / math.sqrt(len(widths))
    assert 2 * interval_for_size(n, prevalence=p).expected_half_width == pytest.approx(
        mean, abs=5 * error + 2e-3 * mean
    )


def reported_width(x: int, n: int) -> float:
    reported = estimate_proportion(of_counts(x, n))
    assert reported.low is not None
    assert reported.high is not None
    return reported.high - reported.low


def of_counts(x: int, n: int) -> StratumMoments:
    one, positives, total = np.zeros(1, dtype=np.int64), np.array([x]), np.array([n])
    y, w = positives.astype(float), total.astype(float)
    return StratumMoments(stratum=one, n=total, sum_w=w, sum_wy=y, sum_ww=w, sum_wwy=y, sum_wwyy=y, positives=positives)


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-5, 0.99), st.floats(0.02, 3), st.floats(0.5, 4))
def test_n_is_the_smallest(p: float, relative: float, effect: float) -> None:
    if not 1e-4 < p * relative < 0.4:
        return
    found = size_for_interval(prevalence=p, relative_half_width=relative, design_effect=effect)
    assert found.expected_half_width <= p * relative * (1 + 1e-9)
    fewer = found.n - math.ceil(effect)
    if fewer > 2 * effect:
        assert interval_for_size(fewer, prevalence=p, design_effect=effect).expected_half_width > p * relative


def test_rare_events_need_more_than_the_usual_formula_says() -> None:
    """Three positives expected: the usual formula is a quarter short, and one sample in twenty finds none."""
    found = size_for_interval(prevalence=1e-3, half_width=1.35e-3)
    assert found.n > 1.3 * found.wald_n
    assert found.zero_probability == pytest.approx((1 - 1e-3) ** found.n)
    assert any("no positive is found" in note for note in found.notes)
    assert found.bound_if_zero == pytest.approx(1 - 0.05 ** (1 / found.n))


def test_a_whole_population_has_no_interval() -> None:
    found = interval_for_size(50, prevalence=0.1, population=50)
    assert (found.expected_low, found.expected_high, found.zero_probability) == (0.1, 0.1, 0.0)
    assert "a full count" in found.notes[0]


def test_a_population_is_never_exceeded() -> None:
    found = size_for_interval(prevalence=0.5, half_width=0.0001, population=1_000)
    assert found.n <= 1_000


def test_what_a_budget_buys() -> None:
    found = size_for_budget(1_000, 0.35, prevalence=0.01, labels_per_unit=2, fixed_usd=90)
    assert (found.n, round(found.cost_usd, 2), round(found.left_usd, 2)) == (1_300, 1_000.0, 0.0)
    assert found.sample == interval_for_size(1_300, prevalence=0.01)
    assert size_for_budget(1_000, 0.35, prevalence=0.01, population=60).n == 60


def test_budgets_that_buy_nothing() -> None:
    with pytest.raises(InvalidInput, match="pays for no unit") as raised:
        size_for_budget(10, 3, prevalence=0.01, labels_per_unit=2, fixed_usd=5)
    assert raised.value.allowed == ["11.00 and more"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"prevalence": 0.0}, "prevalence is 0"),
        ({"prevalence": 1.0}, "prevalence is 1"),
        ({"prevalence": math.nan}, "prevalence is nan"),
        ({"half_width": 0.0}, "half width is 0"),
        ({"half_width": None}, "either half_width or"),
        ({"relative_half_width": 0.1}, "either half_width or"),
        ({"level": 95}, "level is 95"),
        ({"design_effect": 0}, "design effect is 0"),
        ({"population": 1}, "population is 1"),
        ({"sensitivity": 0.5, "specificity": 0.5}, "less 1 is 0"),
        ({"sensitivity": 1.2}, "sensitivity is 1.2"),
        ({"half_width": 1e-9}, "more than 10"),
    ],
)
def test_assumptions_that_cannot_be(wrong: dict[str, float], words: str) -> None:
    usual = {"prevalence": 0.01, "half_width": 0.002}
    with pytest.raises(InvalidInput, match=words):
        size_for_interval(**{**usual, **wrong})  # type: ignore[arg-type]
