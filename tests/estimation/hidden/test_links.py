"""Samples that follow links: RDS-II and generalised weight share, against hand-computed values and enumeration."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from tools.errors import Declined, InvalidInput
from tools.estimation import estimate_total
from tools.estimation.domain import sum_domain
from tools.estimation.hidden import estimate_rds, share_weights
from tools.estimation.survey import describe_survey


def test_rds_by_hand() -> None:
    """y = 1, 0, 1, 0 with degrees 2, 4, 4, 8: (1/2 + 1/4)/(1/2 + 1/4 + 1/4 + 1/8) = 2/3."""
    found = estimate_rds([1, 0, 1, 0], [2, 4, 4, 8], unit=list("abcd"), led_by=["", "a", "b", "c"])
    assert found.value == pytest.approx(2 / 3)
    assert (found.basis, found.chains, found.seeds, found.n) == ("model", 1, 1, 4)
    assert found.notes[0].startswith("Model-based")
    assert found.low < found.value < found.high


def test_equal_degrees_are_the_plain_mean() -> None:
    rng = np.random.default_rng(1)
    y = (rng.random(300) < 0.3).astype(float)
    led_by = ["" if i < 30 else str(i - 30) for i in range(300)]
    found = estimate_rds(y, np.full(300, 5.0), unit=[str(i) for i in range(300)], led_by=led_by)
    assert found.value == pytest.approx(y.mean())
    assert found.chains == 30
    assert found.se == pytest.approx(np.sqrt(0.3 * 0.7 / 300), rel=0.5)


def test_a_random_walk_is_brought_back() -> None:
    """Two groups, one with three times the links: a walk over-represents it by three, the estimate does not."""
    rng = np.random.default_rng(2)
    degree = np.where(np.arange(400) < 100, 30, 10)
    sampled = rng.choice(400, 4_000, p=degree / degree.sum())
    led_by = ["", *map(str, range(3_999))]
    y = (sampled < 100).astype(float)
    found = estimate_rds(y, degree[sampled].astype(float), unit=[str(i) for i in range(4_000)], led_by=led_by)
    assert y.mean() == pytest.approx(0.5, abs=0.03)
    assert found.value == pytest.approx(0.25, abs=0.03)
    assert found.low < 0.25 < found.high


def test_likeness_along_the_chain_costs_precision() -> None:
    rng = np.random.default_rng(3)
    y = np.repeat((rng.random(100) < 0.5).astype(float), 10)
    led_by = ["", *map(str, range(999))]
    unit = [str(i) for i in range(1_000)]
    alike = estimate_rds(y, np.ones(1_000), unit=unit, led_by=led_by)
    mixed = estimate_rds(rng.permutation(y), np.ones(1_000), unit=unit, led_by=led_by)
    assert alike.se > 2.5 * mixed.se
    assert alike.n_eff < mixed.n_eff


@pytest.mark.parametrize(
    "options",
    [
        {"y": [1, 0], "degree": [0, 1], "unit": ["a", "b"], "led_by": ["", "a"]},
        {"y": [1, 0], "degree": [1, 1], "unit": ["a", "a"], "led_by": ["", "a"]},
        {"y": [1, 0], "degree": [1, 1], "unit": ["a", "b"], "led_by": ["", "z"]},
        {"y": [1, 0], "degree": [1, 1], "unit": ["a", "b"], "led_by": ["b", "a"]},
        {"y": [1, np.nan], "degree": [1, 1], "unit": ["a", "b"], "led_by": ["", "a"]},
    ],
)
def test_rds_refuses(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        estimate_rds(**options)


def test_rds_of_one_unit_is_declined() -> None:
    with pytest.raises(Declined):
        estimate_rds([1.0], [2.0], unit=["a"], led_by=[""])


LINKS = [(0, "p"), (0, "q"), (1, "q"), (2, "q"), (2, "r"), (3, "r")]
VALUE = {"p": 10.0, "q": 4.0, "r": 7.0}
TOTAL_LINKS = {"p": 1, "q": 3, "r": 2}


def drawn(sample: tuple[int, ...]) -> Any:
    lines = [(s, t) for s, t in LINKS if s in sample]
    source, target = zip(*lines, strict=True)
    links = [TOTAL_LINKS[t] for t in target]
    return share_weights(source, target, np.full(len(lines), 4 / len(sample)), links), target


def test_weight_share_by_hand() -> None:
    """Accounts 0 and 2 of four, weight 2 each: p 2·1/1, q 2·(1 + 1)/3, r 2·1/2."""
    found, _ = drawn((0, 2))
    assert dict(zip(found.targets, found.target_weight, strict=True)) == {
        "p": 2.0,
        "q": pytest.approx(4 / 3),
        "r": 1.0,
    }


def test_weight_share_is_unbiased_over_every_sample() -> None:
    """The mean of the estimated totals over all six samples is the total of the networks, 21."""
    totals = []
    for sample in combinations(range(4), 2):
        found, target = drawn(sample)
        totals.append(float(found.weight @ [VALUE[t] for t in target]))
    assert np.mean(totals) == pytest.approx(21)


def test_its_variance_is_that_of_the_sample() -> None:
    """Sources as clusters of a simple random sample: the mean of the variance estimates is the variance."""
    totals, variances = [], []
    for sample in combinations(range(4), 2):
        found, target = drawn(sample)
        survey = describe_survey(
            len(found.weight), weights=found.weight, clusters=found.source, population=np.full(len(found.weight), 4.0)
        )
        estimate = estimate_total(sum_domain(survey, np.array([VALUE[t] for t in target])).totals, design=survey.design)
        assert estimate.value is not None and estimate.se is not None  # noqa: PT018
        totals.append(estimate.value)
        variances.append(estimate.se**2)
    assert np.mean(totals) == pytest.approx(21)
    assert np.mean(variances) == pytest.approx(np.var(totals))


@pytest.mark.parametrize(
    ("source", "target", "weights", "links"),
    [
        ([1], ["a"], [0.0], [1]),
        ([1], ["a"], [1.0], [0]),
        ([1, 1], ["a", "a"], [1.0, 1.0], [2, 2]),
        ([1, 2], ["a", "a"], [1.0, 1.0], [2, 3]),
        ([1, 2], ["a", "a"], [1.0, 1.0], [1, 1]),
        ([1, 2], ["a"], [1.0], [1]),
    ],
)
def test_weight_share_refuses(source: list[int], target: list[str], weights: list[float], links: list[float]) -> None:
    with pytest.raises(InvalidInput):
        share_weights(source, target, weights, links)
