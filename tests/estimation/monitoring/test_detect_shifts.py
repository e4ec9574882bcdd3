"""Surprises, the e-detector and its alarms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest, norm, t  # type: ignore[import-untyped]

from tools.errors import Declined, InvalidInput
from tools.estimation.monitoring import detect_shifts
from tools.estimation.monitoring.remove_memory import remove_memory
from tools.estimation.monitoring.shiryaev_roberts import shiryaev_roberts
from tools.estimation.monitoring.standardise_series import standardise_series

WEEK = np.array([0.0, 0.5, 1.0, 0.8, 0.2, -2.5, -3.0])


def series(days: int, count: int, seed: int) -> np.ndarray:
    return np.resize(WEEK, days)[:, None] + np.random.default_rng(seed).standard_normal((days, count))


def test_surprises_by_hand() -> None:
    """Season of 1: values 1, 3, 2, 6. Residuals 2/√2, 0/√1.5, 4/√(4/3); the last over √((2 + 0)/2) on 2 df."""
    found = standardise_series(np.array([[1.0], [3.0], [2.0], [6.0]]), season=1, warm_up=3)
    assert np.isnan(found[:3]).all()
    ratio = 4 / np.sqrt(4 / 3) / 1.0
    assert found[3, 0] == pytest.approx(norm.ppf(t.cdf(ratio, 2)))


def test_surprises_are_standard_normal_and_independent() -> None:
    found = standardise_series(series(120, 400, 1), warm_up=28)[28:]
    assert kstest(found.ravel(), "norm").pvalue > 0.001
    neighbours = np.corrcoef(found[1:].ravel(), found[:-1].ravel())[0, 1]
    assert abs(neighbours) < 0.02


def test_the_detector_grows_by_one_a_day_when_nothing_happens() -> None:
    """E[M_t] = t: over many series the mean after 3 days is 3."""
    z = np.random.default_rng(2).standard_normal((3, 400_000))
    assert shiryaev_roberts(z)[2].mean() == pytest.approx(3, rel=0.05)


def test_the_detector_by_hand() -> None:
    """One effect of 1 without a cap: M1 = mean of e^(±z - 1/2), M2 from (M1(λ) + 1)·e^(±z - 1/2)."""
    z = np.array([[0.7], [1.1]])
    up = [np.exp(0.2), (np.exp(0.2) + 1) * np.exp(0.6)]
    down = [np.exp(-1.2), (np.exp(-1.2) + 1) * np.exp(-1.6)]
    found = shiryaev_roberts(z, effects=(1.0,), cap=50.0)
    assert found[:, 0] == pytest.approx([(u + d) / 2 for u, d in zip(up, down, strict=True)])


def test_one_wild_day_is_no_shift() -> None:
    values = series(300, 20, 3)
    values[250, 4] += 40
    assert detect_shifts(values, warm_up=182).alarm is None


@pytest.mark.parametrize(("effect", "days"), [(2.0, 30), (-2.0, 30), (1.0, 120)])
def test_a_shift_is_found_in_its_series(effect: float, days: int) -> None:
    values = series(182 + 200, 100, 4)
    values[182 + 30 :, 17] += effect
    names = [f"s{i}" for i in range(100)]
    report = detect_shifts(values, series=names, warm_up=182)
    assert report.alarm is not None
    assert 212 <= report.alarm < 212 + days
    assert report.leading == "s17"
    assert [(alarm.series, alarm.up) for alarm in report.alarms] == [("s17", effect > 0)]
    assert report.alarms[0].day >= report.alarm
    assert report.threshold == pytest.approx(365 / 0.05)


def test_missing_days_are_passed_over() -> None:
    values = series(300, 3, 5)
    values[200:210, 1] = np.nan
    report = detect_shifts(values, warm_up=182)
    assert np.all(report.evidence[200:210, 1] == report.evidence[199, 1])
    values[:, 2] = np.nan
    assert np.all(detect_shifts(values, warm_up=182).evidence[:, 2] == 0)


def test_memory_is_taken_out() -> None:
    rng = np.random.default_rng(6)
    noise = rng.standard_normal((600, 50))
    for day in range(1, 600):
        noise[day] += 0.5 * noise[day - 1]
    values = np.resize(WEEK, 600)[:, None] + noise
    left = remove_memory(values, warm_up=182)[183:]
    left = left - np.array([left[day::7].mean(axis=0) for day in range(7)])[np.arange(len(left)) % 7]
    correlation = (left[1:] * left[:-1]).sum() / (left**2).sum()
    assert -0.2 < correlation < 0.02
    kept = detect_shifts(values, warm_up=182, memory=True)
    plain = detect_shifts(values, warm_up=182)
    assert kept.together.max() < plain.together.max()


@pytest.mark.parametrize(
    ("values", "options", "kind"),
    [
        (np.zeros(5), {"warm_up": 28}, InvalidInput),
        (np.full((60, 1), np.inf), {"warm_up": 28}, InvalidInput),
        (np.zeros((60, 1)), {"warm_up": 28, "false_alarm": 2}, InvalidInput),
        (np.zeros((60, 2)), {"warm_up": 28, "series": ["a"]}, InvalidInput),
        (np.zeros((60, 1)), {"warm_up": 27}, Declined),
    ],
)
def test_what_is_refused(values: np.ndarray, options: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        detect_shifts(values, **options)


def test_a_series_that_never_varies_says_nothing() -> None:
    assert np.all(detect_shifts(np.ones((300, 2)), warm_up=182).evidence == 0)
