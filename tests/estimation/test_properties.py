"""What must hold for every sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.estimation import (
    Estimate,
    Sample,
    WeightedValues,
    estimate_difference,
    estimate_mean,
    estimate_proportion,
    estimate_quantile,
    estimate_ratio,
    estimate_total,
    sum_rows,
)

SOME = settings(max_examples=150, deadline=None)


@st.composite
def samples(draw: st.DrawFn) -> dict[str, np.ndarray]:
    n = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return {
        "y": (rng.random(n) < draw(st.sampled_from([0.0, 0.02, 0.2, 0.5, 0.98, 1.0]))).astype(float),
        "v": rng.normal(10, 3, n),
        "x": rng.uniform(0.5, 2, n),
        "weights": np.exp(rng.normal(0, draw(st.sampled_from([0.0, 0.5, 2.0])), n)),
        "strata": rng.integers(0, draw(st.integers(1, 4)), n),
        "clusters": rng.integers(0, draw(st.integers(1, 25)), n),
    }


def summed(s: dict[str, np.ndarray], y: str = "y", **changes: np.ndarray) -> Sample:
    s = {**s, **changes}
    return sum_rows(s[y], x=s["x"], weights=s["weights"], strata=s["strata"], clusters=s["clusters"], lonely="adjust")


def estimates(s: dict[str, np.ndarray], level: float = 0.95) -> list[Estimate]:
    y, v = summed(s), summed(s, "v")
    half = summed(s)
    return [
        estimate_proportion(y.totals, design=y.design, level=level),
        estimate_mean(v.totals, design=v.design, level=level),
        estimate_ratio(v.totals, design=v.design, level=level),
        estimate_total(v.totals, design=v.design, level=level),
        estimate_difference(y.totals, half.totals, of="proportion", design=y.design, independent=True, level=level),
    ]


@SOME
@given(samples())
def test_either_a_value_inside_its_limits_or_a_reason(s: dict[str, np.ndarray]) -> None:
    for found in estimates(s):
        if found.undefined is not None:
            assert (found.value, found.low, found.high) == (None, None, None)
            continue
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
        for number in (found.value, found.low, found.high, found.se, found.df, found.deff, found.n_eff):
            assert number is None or math.isfinite(number)


@SOME
@given(samples())
def test_shares_stay_within_0_and_1(s: dict[str, np.ndarray]) -> None:
    found = estimates(s)[0]
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.high <= 1


@SOME
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(s: dict[str, np.ndarray], random) -> None:  # type: ignore[no-untyped-def]
    order = np.array(random.sample(range(len(s["y"])), len(s["y"])))
    for a, b in zip(estimates(s), estimates({k: v[order] for k, v in s.items()}), strict=True):
        same(a, b)


@SOME
@given(samples(), st.sampled_from([1e-6, 0.3, 7.0, 1e6]))
def test_the_scale_of_weights_does_not_matter(s: dict[str, np.ndarray], scale: float) -> None:
    before, after = estimates(s), estimates({**s, "weights": scale * s["weights"]})
    for at in (0, 1, 2, 4):
        same(before[at], after[at])


@SOME
@given(samples(), st.tuples(st.floats(0.5, 0.995), st.floats(0.5, 0.995)))
def test_a_higher_level_is_wider(s: dict[str, np.ndarray], levels: tuple[float, float]) -> None:
    for a, b in zip(estimates(s, min(levels)), estimates(s, max(levels)), strict=True):
        if a.low is None or b.low is None or a.high is None or b.high is None:
            continue
        slack = 1e-9 * max(abs(a.low), abs(a.high), 1.0)
        assert b.low <= a.low + slack
        assert a.high <= b.high + slack


@SOME
@given(samples())
def test_rows_as_their_own_clusters_are_rows(s: dict[str, np.ndarray]) -> None:
    own = sum_rows(s["v"], weights=s["weights"], strata=s["strata"], clusters=np.arange(len(s["v"])), lonely="adjust")
    rows = sum_rows(s["v"], weights=s["weights"], strata=s["strata"], lonely="adjust")
    same(estimate_mean(own.totals, design=own.design), estimate_mean(rows.totals, design=rows.design))


@SOME
@given(samples(), st.sampled_from([0.05, 0.5, 0.9]))
def test_a_quantile_is_a_value_seen(s: dict[str, np.ndarray], q: float) -> None:
    values = WeightedValues(value=s["v"], sum_w=s["weights"], n=np.ones(len(s["v"]), dtype=np.int64))
    found = estimate_quantile(values, q)
    if found.value is not None and found.low is not None and found.high is not None:
        assert found.value in s["v"]
        assert found.low <= found.value <= found.high
    else:
        assert found.undefined is not None


def same(a: Estimate, b: Estimate) -> None:
    assert (a.undefined, a.n, a.positives, a.method, a.one_sided) == (
        b.undefined,
        b.n,
        b.positives,
        b.method,
        b.one_sided,
    )
    for field in ("value", "low", "high", "df"):
        left, right = getattr(a, field), getattr(b, field)
        assert (left is None) == (right is None)
        assert left is None or left == pytest.approx(right, rel=1e-7, abs=1e-9)
