"""Confidence sequences against what can be computed by hand, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tools.errors import InvalidInput
from tools.estimation.monitoring import share_sequence, weighted_mean_sequence


def test_the_share_at_one_look_by_hand() -> None:
    """n = 1, S = 1, Beta(1/2, 1/2): mixture B(3/2, 1/2)/B(1/2, 1/2) = 1/2, so p ≥ (1/2)·0.05 is kept."""
    found = share_sequence([1], [1])
    assert found.low[0] == pytest.approx(0.025, rel=1e-9)
    assert found.high[0] == 1.0
    none = share_sequence([0], [1])
    assert (none.low[0], none.high[0]) == (0.0, pytest.approx(0.975, rel=1e-9))


def test_the_limits_are_where_the_mixture_reaches_twenty() -> None:
    found = share_sequence([3, 4, 2], [40, 50, 60])
    s, n, a = 7, 90, 0.5

    def log_ratio(p: float) -> float:
        mixture = math.lgamma(a + s) + math.lgamma(a + n - s) - math.lgamma(1 + n) - 2 * math.lgamma(a) + math.lgamma(1)
        return mixture - s * math.log(p) - (n - s) * math.log(1 - p)

    assert log_ratio(found.high[1]) == pytest.approx(math.log(20), abs=1e-6)
    assert log_ratio(found.low[1]) == pytest.approx(math.log(20), abs=1e-6)


def test_limits_never_widen_and_hold_a_steady_share() -> None:
    rng = np.random.default_rng(3)
    found = share_sequence(rng.binomial(50, 0.1, 365), np.full(365, 50))
    assert np.all(np.diff(found.low) >= 0)
    assert np.all(np.diff(found.high) <= 0)
    assert found.broken_at is None
    assert found.first_excluding(0.1) is None
    assert found.high[-1] - found.low[-1] < 0.02


def test_a_share_that_moves_is_found() -> None:
    rng = np.random.default_rng(4)
    counts = np.concatenate([rng.binomial(50, 0.02, 100), rng.binomial(50, 0.1, 100)])
    found = share_sequence(counts, np.full(200, 50))
    assert found.broken_at is not None
    assert 100 <= found.broken_at < 160
    assert found.first_excluding(0.02) is not None


def test_one_bet_by_hand() -> None:
    """Bets are cut at 0.5/m and 0.5/(1 - m): for m = 1/4 a row of 1 multiplies by at most 2.5 and 0.5."""
    rows = [1.0] * 6
    found = weighted_mean_sequence(rows, candidates=[0.25])
    # the hedged capital against 1/4 after k rows of 1 is at most (2.5^k + 0.5^k)/2, which passes 20 at k = 5
    assert found.broken_at is not None
    assert found.broken_at >= 4


def test_the_two_sequences_agree_on_what_is_near() -> None:
    rng = np.random.default_rng(5)
    y = (rng.random(4_000) < 0.2).astype(float)
    betting = weighted_mean_sequence(y, ends=[1_000, 4_000])
    mixture = share_sequence([y[:1_000].sum(), y[1_000:].sum()], [1_000, 3_000])
    assert betting.low[1] < 0.2 < betting.high[1]
    assert betting.high[1] - betting.low[1] < 1.5 * (mixture.high[1] - mixture.low[1])
    assert betting.value == pytest.approx(mixture.value)


def test_weights_bring_back_the_population() -> None:
    """Half of the rows come from a tenth of the population, where all are positive."""
    rng = np.random.default_rng(6)
    rare = rng.random(5_000) < 0.5
    weight = np.where(rare, 0.2, 1.8)
    found = weighted_mean_sequence(rare.astype(float), weight, max_weight=1.8, ends=[5_000])
    assert found.value[0] == pytest.approx(0.1, abs=0.01)
    assert found.low[0] < 0.1 < found.high[0]
    assert found.high[0] < 0.2


def test_chunks_do_not_change_the_capital() -> None:
    y = np.random.default_rng(7).random(9_000)
    ends = np.array([1, 4_095, 4_096, 4_097, 8_192, 9_000])
    whole = weighted_mean_sequence(y, ends=ends)
    for place, end in enumerate(ends):
        part = weighted_mean_sequence(y[:end], ends=ends[: place + 1])
        assert (part.low[-1], part.high[-1]) == (whole.low[place], whole.high[place])


@pytest.mark.parametrize(
    ("positives", "n", "options"),
    [
        ([2], [1], {}),
        ([-1], [1], {}),
        ([], [], {}),
        ([1], [1, 2], {}),
        ([1], [2], {"level": 95}),
        ([1], [2], {"prior": (0, 1)}),
    ],
)
def test_counts_that_cannot_be(positives: list[int], n: list[int], options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        share_sequence(positives, n, **options)


@pytest.mark.parametrize(
    ("y", "options"),
    [
        ([1.5], {}),
        ([np.nan], {}),
        ([], {}),
        ([0.5], {"weights": [0.0]}),
        ([0.5], {"weights": [2.0]}),
        ([0.5], {"ends": [2]}),
        ([0.5, 0.5], {"ends": [2, 1]}),
        ([0.5], {"level": 1.0}),
    ],
)
def test_rows_that_cannot_be(y: list[float], options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        weighted_mean_sequence(y, **options)
