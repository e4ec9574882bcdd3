"""From items to actors."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from tools.errors import Declined, InvalidInput
from tools.estimation.actors import estimate_actor_share, flag_probability
from tools.estimation.validation import Rate

KNOWN: dict[str, Any] = {"sensitivity": Rate(0.9, math.inf), "specificity": Rate(0.999, math.inf)}


@pytest.mark.parametrize(("items", "expected"), [(1, 0.001), (10, 0.00996), (200, 0.18135), (2_000, 0.86480)])
def test_items_add_up_to_false_actors(items: int, expected: float) -> None:
    found = flag_probability(0, items=items, sampled=items, at_least=1, sensitivity=0.9, specificity=0.999)
    assert found == pytest.approx(expected, abs=1e-5)


def test_the_probability_by_counting_every_way() -> None:
    """Four items, two violating, three labelled, at least two flagged: all subsets and all labellings."""
    se, sp, total = 0.8, 0.9, 0.0
    for subset in itertools.combinations((1, 1, 0, 0), 3):
        for flags in itertools.product((0, 1), repeat=3):
            chance = 1.0
            for bad, flag in zip(subset, flags, strict=True):
                p = se if bad else 1 - sp
                chance *= p if flag else 1 - p
            total += chance / 4 * (sum(flags) >= 2)
    found = flag_probability(2, items=4, sampled=3, at_least=2, sensitivity=se, specificity=sp)
    assert found == pytest.approx(total, rel=1e-12)


def test_counting_flags_is_undone() -> None:
    """5 % of actors with one violating item of 200: expected counts in, 5 % out."""
    caught = flag_probability(1, items=200, sampled=200, at_least=1, sensitivity=0.9, specificity=0.999)
    alarm = 1 - 0.999**200
    flagged = round(10_000 * (0.05 * caught + 0.95 * alarm))
    x = np.repeat([1, 0], [flagged, 10_000 - flagged])
    size = np.full(10_000, 200)
    found = estimate_actor_share(x, size, size, **KNOWN)
    assert found.flagged == pytest.approx(0.218, abs=2e-3)
    assert found.high_value == pytest.approx(0.05, abs=2e-4)
    assert found.low < found.low_value <= found.high_value < found.high
    assert found.false_alarm == pytest.approx(alarm)


def test_sizes_are_summed_by_their_shares() -> None:
    size = np.repeat([10, 20], 500)
    x = np.tile(np.repeat([1, 0], [50, 450]), 2)
    both = estimate_actor_share(x, size, size, **KNOWN)
    parts = [estimate_actor_share(x[size == n], size[size == n], size[size == n], **KNOWN) for n in (10, 20)]
    assert both.high_value == pytest.approx(np.mean([p.high_value for p in parts]))
    assert both.high < np.mean([p.high for p in parts])


def test_actors_with_too_few_items_have_none() -> None:
    size = np.repeat([1, 10], 200)
    x = np.where(size == 10, 1, 0)
    x[200:300] = 3
    found = estimate_actor_share(x, size, size, k=2, **KNOWN)
    assert found.high_value <= 0.5


def test_an_alarm_rate_known_too_poorly_is_declined() -> None:
    size = np.full(500, 2_000)
    x = np.repeat([3, 0], [440, 60])
    with pytest.raises(Declined) as found:
        estimate_actor_share(x, size, size, sensitivity=Rate(90, 100), specificity=Rate(1_998, 2_000))
    assert found.value.reason == "uncorrectable"
    assert "gold negatives" in found.value.hint


@pytest.mark.parametrize(("x", "m", "n", "k"), [(2, 1, 5, 1), (0, 6, 5, 1), (-1, 1, 1, 1), (0, 0, 5, 1), (0, 1, 1, 0)])
def test_counts_that_cannot_be(x: int, m: int, n: int, k: int) -> None:
    with pytest.raises(InvalidInput):
        estimate_actor_share([x], [m], [n], k=k, **KNOWN)
