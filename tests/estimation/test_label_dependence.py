"""Two labellers who err together."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import InvalidInput
from tools.estimation.label_dependence import find_label_dependence


def errors(both: int, one: int, other: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.zeros(n, dtype=int), np.zeros(n, dtype=int)
    a[: both + one] = 1
    b[:both] = 1
    b[both + one : both + one + other] = 1
    return a, b


def test_shared_errors_are_found() -> None:
    (a0, b0), (a1, b1) = errors(15, 5, 5, 1_000), errors(10, 10, 10, 100)
    gold = np.repeat([0, 1], [1_000, 100])
    found = find_label_dependence(np.r_[a0, 1 - a1], np.r_[b0, 1 - b1], gold)
    assert found.dependent
    negatives = found.classes[0]
    assert negatives.wrong == (20, 20, 15)
    assert negatives.expected == pytest.approx(0.4)
    assert negatives.covariance == pytest.approx(0.015 - 0.02**2)


def test_fishers_p_value() -> None:
    """R: fisher.test(matrix(c(3, 1, 1, 3), 2))$p.value is 0.4857143."""
    a, b = errors(3, 1, 1, 8)
    found = find_label_dependence(np.r_[a, 1], np.r_[b, 1], np.r_[np.zeros(8, dtype=int), 1])
    assert found.classes[0].p == pytest.approx(0.4857143, abs=1e-7)


def test_the_test_keeps_its_level_and_has_power() -> None:
    rng = np.random.default_rng(5)
    gold = (rng.random(2_000) < 0.3).astype(int)
    alarms = hits = 0
    for _ in range(200):
        wrong = rng.random((3, 2_000)) < 0.05
        a, b = gold ^ wrong[0], gold ^ wrong[1]
        alarms += find_label_dependence(a, b, gold).dependent
        shared = rng.random(2_000) < 0.03
        hits += find_label_dependence(gold ^ (wrong[0] | shared), gold ^ (wrong[1] | shared), gold).dependent
    assert alarms <= 17  # 5 % of 200 and 2.3 standard errors
    assert hits >= 195


def test_nothing_found_is_not_called_independence() -> None:
    (a0, b0), (a1, b1) = errors(0, 5, 5, 200), errors(1, 5, 5, 50)
    found = find_label_dependence(np.r_[a0, 1 - a1], np.r_[b0, 1 - b1], np.repeat([0, 1], [200, 50]))
    assert not found.dependent
    assert "not independence" in found.note


def test_a_gold_class_without_items() -> None:
    with pytest.raises(InvalidInput, match="no gold item is 1"):
        find_label_dependence([0, 1], [0, 0], [0, 0])
