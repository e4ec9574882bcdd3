"""What must hold for every sample."""

from __future__ import annotations

import math
from typing import Any

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
from tools.estimation.calibration import Calibration
from tools.estimation.domain import distribute_domain, sum_domain
from tools.estimation.replicates import Replicates
from tools.estimation.survey import Survey, describe_survey

SOME = settings(max_examples=150, deadline=None)
FEW = settings(max_examples=40, deadline=None)


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


# Designs row by row. Every one of them takes the same sample.

ROWS = (
    "wr",
    "two stages",
    "brewer",
    "hartley-rao",
    "overton",
    "poisson",
    "post-stratified",
    "raked",
    "linear",
    "jackknife",
)


def described(s: dict[str, np.ndarray], design: str) -> Survey:
    n = len(s["y"])
    pi = 1 / (1 + s["weights"])
    more: dict[str, Any] = {"weights": s["weights"], "strata": s["strata"], "lonely": "certainty"}
    if design in ("brewer", "hartley-rao", "overton", "poisson"):
        more |= {"weights": None, "probability": pi, "variance": design}
    elif design == "two stages":
        more |= {
            "clusters": s["clusters"],
            "population": np.full(n, 70.0),
            "units": "rows",
            "unit_population": np.full(n, 90.0),
        }
    elif design == "jackknife":
        more |= {"clusters": s["clusters"], "replicates": Replicates(kind="jackknife")}
    elif design != "wr":
        method: Any = {"post-stratified": "post-stratification", "raked": "raking", "linear": "linear"}[design]
        cell = s["strata"]
        counts = np.bincount(cell)
        x = np.stack([cell == h for h in np.flatnonzero(counts)], axis=1).astype(float)
        kept = np.cumsum(counts > 0) - 1
        more["calibration"] = Calibration(
            method=method,
            base=np.zeros(0),
            totals=10.0 * counts[counts > 0] * (1 + np.arange(int((counts > 0).sum())) / 7),
            names=tuple(str(h) for h in np.flatnonzero(counts)),
            cell=kept[cell] if method == "post-stratification" else None,
            auxiliary=None if method == "post-stratification" else x,
        )
    return describe_survey(n, **more)


def by_row(s: dict[str, np.ndarray], design: str, level: float = 0.95) -> list[Estimate]:
    survey = described(s, design)
    rows = np.flatnonzero(s["inside"])
    y, v = sum_domain(survey, s["y"], rows=rows).totals, sum_domain(survey, s["v"], x=s["x"], rows=rows).totals
    return [
        estimate_proportion(y, design=survey.design, level=level),
        estimate_mean(v, design=survey.design, level=level),
        estimate_ratio(v, design=survey.design, level=level),
        estimate_total(v, design=survey.design, level=level),
        estimate_quantile(distribute_domain(survey, s["v"], rows=rows), 0.4, design=survey.design, level=level),
    ]


@st.composite
def domains(draw: st.DrawFn) -> dict[str, np.ndarray]:
    s = draw(samples())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    s["inside"] = rng.random(len(s["y"])) < draw(st.sampled_from([0.3, 1.0]))
    s["v"] = np.where(rng.random(len(s["v"])) < 0.1, np.nan, s["v"])
    return s


@pytest.mark.parametrize("design", ROWS)
@FEW
@given(domains())
def test_every_design_gives_a_value_inside_its_limits_or_a_reason(design: str, s: dict[str, np.ndarray]) -> None:
    for found in by_row(s, design):
        if found.undefined is not None:
            assert (found.value, found.low, found.high) == (None, None, None)
            continue
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
        for number in (found.value, found.low, found.high, found.se, found.df, found.deff, found.n_eff):
            assert number is None or math.isfinite(number)


@pytest.mark.parametrize("design", ROWS)
@FEW
@given(domains(), st.randoms(use_true_random=False))
def test_no_design_depends_on_the_order_of_rows(design: str, s: dict[str, np.ndarray], random) -> None:  # type: ignore[no-untyped-def]
    order = np.array(random.sample(range(len(s["y"])), len(s["y"])))
    for a, b in zip(by_row(s, design), by_row({k: v[order] for k, v in s.items()}, design), strict=True):
        same(a, b)


@pytest.mark.parametrize("design", ROWS)
@FEW
@given(domains())
def test_a_higher_level_is_wider_in_every_design(design: str, s: dict[str, np.ndarray]) -> None:
    for a, b in zip(by_row(s, design, 0.8), by_row(s, design, 0.99), strict=True):
        if a.low is None or b.low is None or a.high is None or b.high is None:
            continue
        slack = 1e-9 * max(abs(a.low), abs(a.high), 1.0)
        assert b.low <= a.low + slack
        assert a.high <= b.high + slack


@FEW
@given(domains())
def test_one_stratum_is_no_stratum(s: dict[str, np.ndarray]) -> None:
    one = {**s, "strata": np.zeros(len(s["y"]), dtype=int)}
    for a, b in zip(by_row(one, "wr"), by_row({**one, "strata": np.full(len(s["y"]), 7)}, "wr"), strict=True):
        same(a, b)


@FEW
@given(domains())
def test_clusters_of_one_row_are_rows_in_every_statistic(s: dict[str, np.ndarray]) -> None:
    n = len(s["y"])
    rows = np.flatnonzero(s["inside"])
    for statistic in (estimate_mean, estimate_total, estimate_proportion):
        y = s["y"] if statistic is estimate_proportion else s["v"]
        found = []
        for clusters in (None, np.arange(n)):
            survey = describe_survey(n, weights=s["weights"], strata=s["strata"], clusters=clusters, lonely="adjust")
            found.append(statistic(sum_domain(survey, y, rows=rows).totals, design=survey.design))
        same(*found)


@FEW
@given(domains())
def test_equal_probabilities_are_simple_random_sampling(s: dict[str, np.ndarray]) -> None:
    n = len(s["y"])
    plain = describe_survey(n, population=np.full(n, 4.0 * n))
    brewer = describe_survey(n, probability=np.full(n, 0.25), variance="brewer")
    rows = np.flatnonzero(s["inside"])
    for statistic, y in ((estimate_mean, s["v"]), (estimate_total, s["v"]), (estimate_proportion, s["y"])):
        same(*(statistic(sum_domain(d, y, rows=rows).totals, design=d.design) for d in (plain, brewer)))


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
