"""Interval formulas against R (binom.test, prop.test, qbeta) and by their own symmetry."""

from __future__ import annotations

from typing import Any

import pytest

from tests.estimation.survey_data import reference
from tools.estimation.intervals import Limits, clopper_pearson, jeffreys, wilson


def rows() -> list[dict[str, Any]]:
    return list(reference("intervals.json")["values"])


def agrees(found: Limits, expected: list[float]) -> None:
    assert [found.low, found.high] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_there_are_48_rows_to_agree_with() -> None:
    assert len(rows()) == 48


@pytest.mark.parametrize("at", range(48))
def test_against_r(at: int) -> None:
    row = rows()[at]
    x, n, level = float(row["x"]), float(row["n"]), float(row["conf_level"])
    agrees(clopper_pearson(x, n, level=level), row["clopper_pearson"])
    agrees(wilson(x / n, n, level=level), row["wilson"])
    agrees(jeffreys(x, n, level=level), row["jeffreys_modified_ends"])


def test_mirrored_counts_give_mirrored_limits() -> None:
    for formula in (clopper_pearson, jeffreys):
        left, right = formula(3, 40, level=0.9), formula(37, 40, level=0.9)
        assert (left.low, left.high) == pytest.approx((1 - right.high, 1 - right.low), rel=1e-12)
