"""Sizes for a change against R, and the power they promise against samples through the public estimator."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.sampling.frames import REFERENCE, reference
from tests.sampling.test_sample_size import of_counts
from tools.errors import InvalidInput
from tools.estimation import estimate_difference
from tools.sampling import ChangeSize, change_for_size, detectable_change, size_for_change


@pytest.mark.skipif(not REFERENCE.is_file(), reason=f"{REFERENCE} is not on this machine")
def test_the_usual_formula_against_r() -> None:
    case = reference()["sample_size"]["two_proportions_power_.8"]
    found = size_for_change(before=case["p1"], after=case["p2"])
    assert found.normal_n == pytest.approx(case["n_per_group"], rel=1e-6)  # uniroot's own tolerance


@pytest.mark.parametrize(("before", "after"), [(0.01, 0.025), (0.004, 0.001), (0.0005, 0.002)])
def test_the_power_is_that_of_the_reported_interval(before: float, after: float) -> None:
    """4,000 pairs of samples; five standard errors."""
    found = size_for_change(before=before, after=after)
    drawn = np.random.default_rng(3).binomial(found.n, [before, after], size=(4_000, 2))
    pairs, times = np.unique(drawn, axis=0, return_counts=True)
    seen = sum(int(k) for (x, y), k in zip(pairs.tolist(), times, strict=True) if is_seen(x, y, found))
    assert found.power >= 0.8
    assert seen / 4_000 == pytest.approx(found.power, abs=5 * math.sqrt(0.16 / 4_000))


def is_seen(x: int, y: int, size: ChangeSize) -> bool:
    change = estimate_difference(of_counts(y, size.n), of_counts(x, size.n), of="proportion", independent=True)
    assert change.low is not None
    assert change.high is not None
    return change.low > 0 if size.after > size.before else change.high < 0


def test_n_is_the_smallest() -> None:
    found = size_for_change(before=0.01, after=0.015)
    assert change_for_size(found.n - 1, before=0.01, after=0.015).power < 0.8 <= found.power


def test_an_overlap_takes_off_what_the_covariance_does() -> None:
    """Half of the units in both waves, correlation 0.6: Var = v1 + v2 - 2·0.5·0.6·s1·s2, on simulated panels."""
    p1, p2, n, rho, overlap = 0.2, 0.25, 2_000, 0.6, 0.5
    both = p1 * p2 + rho * math.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
    rng = np.random.default_rng(8)
    shared = rng.multinomial(int(n * overlap), [both, p1 - both, p2 - both, 1 - p1 - p2 + both], 20_000)
    first = shared[:, 0] + shared[:, 1] + rng.binomial(n - int(n * overlap), p1, 20_000)
    second = shared[:, 0] + shared[:, 2] + rng.binomial(n - int(n * overlap), p2, 20_000)
    ratio = ((second - first) / n).var() / ((p1 * (1 - p1) + p2 * (1 - p2)) / n)
    alone = size_for_change(before=p1, after=p2)
    panel = size_for_change(before=p1, after=p2, overlap=overlap, correlation=rho)
    assert panel.n / alone.n == pytest.approx(ratio, rel=0.05)
    assert any("overlap" in note for note in panel.notes)


def test_what_a_size_can_see() -> None:
    found = detectable_change(5_000, before=0.01)
    assert found.below is not None
    assert found.above is not None
    assert size_for_change(before=0.01, after=found.above).n == pytest.approx(5_000, rel=0.01)
    assert size_for_change(before=0.01, after=found.below).n == pytest.approx(5_000, rel=0.01)
    assert detectable_change(200, before=0.01).below is None  # two positives can vanish unseen


def test_both_directions_are_one() -> None:
    assert size_for_change(before=0.02, after=0.03).n == size_for_change(before=0.03, after=0.02).n


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"after": 0.01}, "the same"),
        ({"after": None}, "either after or"),
        ({"relative_change": 0.1}, "either after or"),
        ({"after": None, "relative_change": -1.0}, "share after is 0"),
        ({"power": 0.4}, "power is 0.4"),
        ({"overlap": 1.5}, "overlap is 1.5"),
        ({"correlation": 0.99}, "correlation is 0.99"),
    ],
)
def test_assumptions_that_cannot_be(wrong: dict[str, float], words: str) -> None:
    usual = {"before": 0.01, "after": 0.02}
    with pytest.raises(InvalidInput, match=words):
        size_for_change(**{**usual, **wrong})  # type: ignore[arg-type]
