"""The difference estimator."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import Declined, InvalidInput
from tools.estimation.assisted import estimate_assisted
from tools.estimation.frame_predictions import describe_frame
from tools.estimation.power_tuning import FOLDS, tune_power
from tools.estimation.survey import describe_survey

N = 4_000


def scored(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = rng.beta(0.3, 2.5, N)
    return (rng.random(N) < score).astype(float), score


def test_a_perfect_prediction_leaves_only_what_labels_have_not_shown() -> None:
    y, _ = scored()
    rows = np.arange(0, N, 10)
    found = estimate_assisted(y[rows], y[rows], describe_frame(y), survey=describe_survey(len(rows)))
    assert found.power == pytest.approx(1.0, abs=0.01)
    assert found.estimate.value == pytest.approx(y.mean(), abs=2e-3)
    assert found.estimate.low is not None
    assert found.estimate.high is not None
    assert found.estimate.low <= y.mean() <= found.estimate.high
    # a positive that is not predicted may still exist: 3.69 of 400 at 97.5 %
    assert 0.5 * 3.69 / 400 < found.estimate.high - y.mean() < 2 * 3.69 / 400


def test_the_value_is_that_of_the_formula() -> None:
    y, m = scored()
    rows = np.arange(0, N, 8)
    found = estimate_assisted(y[rows], m[rows], describe_frame(m), survey=describe_survey(len(rows)))
    centred = m[rows] - m.mean()
    unit = np.arange(len(rows))
    power = tune_power(y[rows], centred, weight=np.ones(len(rows)), unit=unit, group=np.zeros(len(rows), dtype=int))
    assert found.estimate.value == pytest.approx(float((y[rows] - power * centred).mean()), rel=1e-12)
    assert found.estimate.se == pytest.approx(float((y[rows] - power * centred).std(ddof=1)) / len(rows) ** 0.5)


def test_the_slope_knows_nothing_of_its_own_fold() -> None:
    y, m = scored()
    rows, unit = np.arange(200), np.arange(200)

    def slope(y: np.ndarray) -> np.ndarray:
        return tune_power(y, m[rows] - m.mean(), weight=np.ones(200), unit=unit, group=np.zeros(200, dtype=int))

    before = slope(y[rows])
    assert len(np.unique(before)) == FOLDS
    changed = y[rows].copy()
    changed[7] = 1 - changed[7]
    after = slope(changed)
    same = np.isclose(before, after, rtol=1e-9)
    assert same[7]
    assert same.sum() < 200 / 2


@pytest.mark.parametrize("positives", [0, 1, 4])
def test_few_positives_are_left_to_the_labels(positives: int) -> None:
    y = np.zeros(500)
    y[:positives] = 1
    m = np.where(y == 1, 0.9, 0.01)
    found = estimate_assisted(y, m, describe_frame(np.tile(m, 10)), survey=describe_survey(500))
    assert found.power == 0
    assert (found.estimate.low, found.estimate.high) == (found.labels_only.low, found.labels_only.high)
    assert found.estimate.one_sided == (positives == 0)


def test_useless_predictions_change_nothing() -> None:
    y, _ = scored()
    m = np.full(N, 0.5)
    found = estimate_assisted(y[:400], m[:400], describe_frame(m), survey=describe_survey(400))
    assert found.estimate.value == found.labels_only.value
    assert "alone" in found.estimate.notes[-1]


def test_strata_take_their_own_frame_means() -> None:
    y, m = scored()
    half = np.arange(N) % 2
    rows = np.concatenate([np.flatnonzero(half == 0)[:100], np.flatnonzero(half == 1)[:300]])
    weights = np.where(half[rows] == 0, 20.0, 2000 / 300)
    survey = describe_survey(400, weights=weights, strata=half[rows])
    found = estimate_assisted(y[rows], m[rows], describe_frame(m, strata=half), survey=survey)
    assert found.estimate.value is not None
    shares = []
    for h in (0, 1):
        inside = half[rows] == h
        at = rows[inside]
        shares.append(y[at].mean() - found.power * (m[at].mean() - m[half == h].mean()))
    assert found.estimate.value == pytest.approx(0.5 * sum(shares), abs=2e-3)


def test_a_stratum_that_the_frame_lacks() -> None:
    y, m = scored()
    survey = describe_survey(100, strata=np.repeat(["a", "b"], 50))
    with pytest.raises(InvalidInput, match="no unit of stratum b"):
        estimate_assisted(y[:100], m[:100], describe_frame(m, strata=np.repeat("a", N)), survey=survey)


def test_rows_that_the_model_was_trained_on_are_declined() -> None:
    y, m = scored()
    learnt = np.where(y[:400] == 1, 0.99, 0.01)
    with pytest.raises(Declined, match="trained on") as found:
        estimate_assisted(y[:400], learnt, describe_frame(m), survey=describe_survey(400))
    assert found.value.rule == "trained_on"
    assert found.value.reason == "uncorrectable"


def test_a_total_takes_the_size_of_the_frame() -> None:
    y, m = scored()
    found = estimate_assisted(y[::10], m[::10], describe_frame(m), survey=describe_survey(400), of="total")
    mean = estimate_assisted(y[::10], m[::10], describe_frame(m), survey=describe_survey(400), of="mean")
    assert found.estimate.value == pytest.approx(N * (mean.estimate.value or 0))
    assert found.estimate.se == pytest.approx(N * (mean.estimate.se or 0))


def test_outcomes_that_are_missing_leave() -> None:
    y, m = scored()
    part = y[:500].copy()
    part[400:] = np.nan
    some = estimate_assisted(part, m[:500], describe_frame(m), survey=describe_survey(500))
    assert some.estimate.n == 400


@pytest.mark.parametrize(("y", "m"), [([0.0, 2.0], [0.1, 0.2]), ([0.0, 1.0], [0.1, 1.2]), ([0.0, 1.0], [0.1, np.nan])])
def test_values_that_cannot_be(y: list[float], m: list[float]) -> None:
    with pytest.raises(InvalidInput):
        estimate_assisted(np.array(y), np.array(m), describe_frame([0.1, 0.2]), survey=describe_survey(2))
