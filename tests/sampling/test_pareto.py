"""Pareto's true probabilities where they are known without an integral."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.errors import InvalidInput
from tools.sampling import inclusion_probabilities, pareto_probabilities


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.05, 200), min_size=3, max_size=30), st.data())
def test_they_sum_to_n(sizes: list[float], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(sizes) - 1))
    targets = [pi for pi in inclusion_probabilities(sizes, n=n) if pi < 1]
    n -= len(sizes) - len(targets)
    if n == 0:
        return
    found = pareto_probabilities(targets, n=n)
    assert found.sum() == pytest.approx(n, abs=1e-9)
    assert all(0 < p < 1 for p in found)
    by_target = [p for _, p in sorted(zip(targets, found, strict=True))]
    assert by_target == pytest.approx(sorted(by_target), abs=1e-12)


def test_equal_targets_are_met() -> None:
    assert pareto_probabilities([0.3] * 10, n=3).tolist() == pytest.approx([0.3] * 10, abs=1e-12)


def test_two_units() -> None:
    """P(Q1 < Q2) for two logits of odds ratio r is r (r - 1 - ln r) / (r - 1)^2."""
    from math import log

    ratio = (0.7 / 0.3) ** 2
    expected = ratio * (ratio - 1 - log(ratio)) / (ratio - 1) ** 2
    assert pareto_probabilities([0.7, 0.3], n=1).tolist() == pytest.approx([expected, 1 - expected], abs=1e-12)


def test_kinds_stand_for_their_units() -> None:
    one_by_one = pareto_probabilities([0.6, 0.6, 0.3, 0.3, 0.2], n=2)
    by_kind = pareto_probabilities([0.6, 0.3, 0.2], n=2, counts=[2, 2, 1])
    assert one_by_one[[0, 2, 4]].tolist() == pytest.approx(by_kind.tolist(), abs=1e-12)


def test_many_lanes_count_like_one() -> None:
    """A frame large enough to be counted in lanes, against one whose units are pooled by hand into equal kinds."""
    targets = [0.002] * 400 + [0.001] * 1_200
    found = pareto_probabilities(targets, n=2, at=[0, 400])
    assert 400 * found[0] + 1_200 * found[1] == pytest.approx(2, abs=1e-9)


@pytest.mark.parametrize("targets", [[0.5, 1.0], [0.0, 0.5], [0.5, float("nan")]])
def test_targets_lie_between_0_and_1(targets: list[float]) -> None:
    for order in permutations(targets):
        with pytest.raises(InvalidInput):
            pareto_probabilities(order, n=1)
