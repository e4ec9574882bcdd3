"""The paired comparison, against simulation and against numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.paired import ALPHA, POWER, detectable_difference, pass_rate_difference, power_of, worse_p_value

RUNS = 20_000
PAGE = Path(__file__).parents[2] / "docs" / "evals.md"


def simulated_power(n: int, drop: float, fixed: int) -> float:
    """Share of simulated pairs of runs in which the test rejects."""
    generator = np.random.default_rng(20_260_401 + n)
    q = fixed / n
    flips = generator.multinomial(n, [q + drop, q, 1 - 2 * q - drop], size=RUNS)
    rejects = {(b, c): worse_p_value(b, c) <= ALPHA for b, c in {(int(b), int(c)) for b, c, _ in flips}}
    return float(np.mean([rejects[int(b), int(c)] for b, c, _ in flips]))


@pytest.mark.parametrize(("n", "fixed"), [(20, 0), (60, 0), (60, 3), (134, 0), (300, 0), (300, 10), (700, 5)])
def test_the_detectable_difference_is_found_as_often_as_it_says(n: int, fixed: int) -> None:
    mdd = detectable_difference(n, fixed=fixed)
    assert mdd is not None
    found = simulated_power(n, mdd, fixed)
    error = 3.5 * (POWER * (1 - POWER) / RUNS) ** 0.5
    assert found == pytest.approx(POWER, abs=error)
    assert simulated_power(n, 0.7 * mdd, fixed) < POWER - 0.1


@pytest.mark.parametrize("fixed", [0, 4])
def test_chance_alone_is_rarely_called_worse(fixed: int) -> None:
    assert simulated_power(200, 0.0, fixed) <= ALPHA


def test_power_is_exact_without_mended_cases() -> None:
    # five breaks of five flips are the first with p <= 0.05: 1/32; so power = P(Bin(n, d) >= 5)
    assert worse_p_value(5, 0) == 1 / 32
    assert worse_p_value(4, 0) > ALPHA
    assert power_of(0.5, 6) == pytest.approx(7 / 64)  # (6 + 1) / 2^6


def test_few_cases_show_nothing() -> None:
    assert [detectable_difference(n) for n in (0, 1, 4)] == [None, None, None]
    assert detectable_difference(10, fixed=5) is None
    assert detectable_difference(5) == pytest.approx(POWER ** (1 / 5), abs=1e-5)  # all five must break


def test_the_detectable_difference_shrinks_with_cases_and_grows_with_unrest() -> None:
    by_n = [detectable_difference(n) or 1.0 for n in (10, 50, 200, 1000)]
    assert by_n == sorted(by_n, reverse=True)
    assert (detectable_difference(200, fixed=10) or 0) > (detectable_difference(200) or 1)


def test_p_values_by_hand() -> None:
    assert worse_p_value(0, 0) == 1
    assert worse_p_value(3, 1) == pytest.approx(5 / 16)
    assert worse_p_value(0, 7) == 1


def test_the_interval_of_a_difference() -> None:
    # Agresti and Min: (12.5 - 3.5) / 102 +- 1.96 sqrt(16 - 81 / 102) / 102
    found = pass_rate_difference(100, broken=3, fixed=12)
    assert (found.value, found.low, found.high) == pytest.approx((0.09, 0.013306, 0.163165), abs=1e-6)
    none = pass_rate_difference(100, broken=0, fixed=0)
    assert none.low < 0 < none.high
    with pytest.raises(ValueError, match="no case"):
        pass_rate_difference(0, broken=0, fixed=0)


def test_the_interval_covers() -> None:
    generator = np.random.default_rng(7)
    n, b, c = 150, 0.06, 0.02
    covered = 0
    for broken, fixed, _ in generator.multinomial(n, [b, c, 1 - b - c], size=4000):
        found = pass_rate_difference(n, broken=int(broken), fixed=int(fixed))
        covered += found.low <= c - b <= found.high
    assert covered / 4000 > 0.94


def test_the_page_shows_the_numbers_of_the_formula() -> None:
    rows = [
        line.split("|")[2:-1]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith(("| cases", "| mdd"))
    ]
    shown = {int(n): share.strip() for n, share in zip(*rows, strict=True)}
    assert shown == {n: f"{100 * (detectable_difference(n) or 0):.1f} %" for n in shown}
    assert len(shown) == 6
