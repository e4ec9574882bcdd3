"""Equivalence within a margin."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import InvalidInput
from tools.estimation import Sample, estimate_difference, sum_rows
from tools.estimation.change import judge_no_change


def sample(positives: int, n: int) -> Sample:
    return sum_rows(np.repeat([1.0, 0.0], [positives, n - positives]))


@pytest.mark.parametrize(
    ("new", "old", "n", "verdict"),
    [
        (500, 500, 5_000, "no change"),
        (50, 50, 500, "undecided"),
        (900, 500, 5_000, "change"),
        (600, 500, 5_000, "undecided"),
        (100, 500, 5_000, "change"),
    ],
)
def test_verdicts(new: int, old: int, n: int, verdict: str) -> None:
    found = judge_no_change(
        sample(new, n).totals, sample(old, n).totals, of="proportion", margin=0.02, independent=True
    )
    assert found.verdict == verdict


def test_it_is_the_interval_of_twice_the_error() -> None:
    """Two one-sided tests at 5 % are the 90 % interval."""
    new, old = sample(520, 5_000), sample(500, 5_000)
    found = judge_no_change(new.totals, old.totals, of="mean", margin=0.02, independent=True)
    p1, p0 = 0.104, 0.1
    se = np.sqrt((p1 * (1 - p1) + p0 * (1 - p0)) / 4_999)
    assert found.difference.low == pytest.approx(0.004 - 1.6450 * se, abs=1e-6)
    ninety = estimate_difference(new.totals, old.totals, of="mean", independent=True, level=0.9)
    assert found.difference.low == ninety.low


def test_nothing_to_judge_is_undecided() -> None:
    one = sum_rows([1.0])
    assert judge_no_change(one.totals, one.totals, of="mean", margin=1, independent=True).verdict == "undecided"


@pytest.mark.parametrize("options", [{"margin": 0.0}, {"margin": -1.0}, {"margin": 0.1, "error": 0.5}])
def test_invalid(options: dict[str, float]) -> None:
    one = sample(1, 5)
    with pytest.raises(InvalidInput):
        judge_no_change(one.totals, one.totals, of="mean", **options)  # type: ignore[arg-type]
