"""Clusters drawn, then units within them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.estimation.brute_force import two_stage
from tools.errors import InvalidInput
from tools.estimation import estimate_mean, estimate_proportion, estimate_ratio, estimate_total
from tools.estimation.domain import sum_domain
from tools.estimation.survey import Survey, describe_survey

# Särndal, Swensson and Wretman 1992, the MU284 population: 5 of 50 clusters, 3 units of each. R survey's help page
# mu284 prints a total of 15080 with variance 5172234.
MU284 = {
    "cluster": [19, 45, 47, 50, 31] * 3,
    "unit": [1] * 5 + [2] * 5 + [3] * 5,
    "held": [5, 8, 5, 9, 7] * 3,
    "y": [41, 49, 31, 39, 49, 49, 49, 31, 41, 51, 49, 45, 35, 61, 33],
}


def test_a_published_example() -> None:
    survey = describe_survey(
        15, clusters=MU284["cluster"], units=MU284["unit"], population=[50.0] * 15, unit_population=MU284["held"]
    )
    found = estimate_total(sum_domain(survey, np.array(MU284["y"], dtype=float)).totals, design=survey.design)
    assert found.value == pytest.approx(15080)
    assert found.se is not None
    assert found.se**2 == pytest.approx(5172234, abs=0.5)
    assert found.df == 4


def drawn(rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Two strata of 6 and 9 clusters; 2 to 5 units in each, 1 to 3 rows in a unit; counts above what was drawn."""
    rows = []
    for h, clusters, size in ((0, 6, 40.0), (1, 9, 12.0)):
        for c in range(clusters):
            units = int(rng.integers(2, 6))
            held = float(units + rng.integers(0, 20))
            rows += [(h, c, u, size, held) for u in range(units) for _ in range(int(rng.integers(1, 4)))]
    stratum, cluster, unit, size, held = np.array(rows).T
    return {"stratum": stratum, "cluster": cluster, "unit": unit, "size": size, "held": held}


def survey_of(d: dict[str, NDArray[Any]], **changes: Any) -> Survey:
    return describe_survey(
        len(d["unit"]),
        **{
            "strata": d["stratum"],
            "clusters": d["cluster"],
            "units": d["unit"],
            "population": d["size"],
            "unit_population": d["held"],
            **changes,
        },
    )


@pytest.mark.parametrize("seed", range(5))
def test_every_statistic_has_the_variance_of_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d = drawn(rng)
    survey, n = survey_of(d), len(d["unit"])
    w, y, x = survey.weight, rng.normal(10, 3, n), rng.uniform(1, 2, n)
    inside = rng.random(n) < 0.7
    rows = np.flatnonzero(inside)
    wd = np.where(inside, w, 0.0)
    domain = sum_domain(survey, y, x=x, rows=rows).totals
    mean, ratio = (wd * y).sum() / wd.sum(), (wd * y).sum() / (wd * x).sum()
    influence = {
        estimate_total: wd * y,
        estimate_mean: wd * (y - mean) / wd.sum(),
        estimate_ratio: wd * (y - ratio * x) / (wd * x).sum(),
    }
    clusters_in = {0: 40.0, 1: 12.0}
    units_in = {(int(h), int(c)): float(k) for h, c, k in zip(d["stratum"], d["cluster"], d["held"], strict=True)}
    for estimate, z in influence.items():
        expected = two_stage(
            z.tolist(),
            stratum=d["stratum"].astype(int).tolist(),
            cluster=d["cluster"].astype(int).tolist(),
            unit=d["unit"].astype(int).tolist(),
            clusters_in=clusters_in,
            units_in=units_in,
        )
        found = estimate(domain, design=survey.design)
        assert found.se is not None
        assert found.se**2 == pytest.approx(expected, rel=1e-10)


def test_weights_follow_from_both_counts() -> None:
    d = drawn(np.random.default_rng(1))
    survey = survey_of(d)
    first = d["stratum"] == 0
    units = np.array([len({u for c, u in zip(d["cluster"][first], d["unit"][first], strict=True) if c == 0})])
    row = np.flatnonzero(first & (d["cluster"] == 0))[0]
    assert survey.weight[row] == pytest.approx(40 / 6 * d["held"][row] / units[0])


def test_fractions_say_the_same_as_counts() -> None:
    d = drawn(np.random.default_rng(2))
    pairs = dict.fromkeys(zip(d["stratum"], d["cluster"], strict=True), 0)
    for h, c in pairs:
        at = (d["stratum"] == h) & (d["cluster"] == c)
        pairs[h, c] = len(set(d["unit"][at]))
    drawn_units = np.array([pairs[h, c] for h, c in zip(d["stratum"], d["cluster"], strict=True)])
    a = survey_of(d)
    b = survey_of(d, population=np.where(d["stratum"] == 0, 6 / 40, 9 / 12), unit_population=drawn_units / d["held"])
    y = np.random.default_rng(3).normal(5, 1, len(d["unit"]))
    left, right = (estimate_mean(sum_domain(s, y).totals, design=s.design) for s in (a, b))
    assert left.se == pytest.approx(right.se, rel=1e-12)


def test_a_complete_second_stage_adds_nothing() -> None:
    d = drawn(np.random.default_rng(4))
    y = np.random.default_rng(5).normal(5, 1, len(d["unit"]))
    whole = survey_of(d, unit_population=np.ones(len(y)))
    one = describe_survey(len(y), strata=d["stratum"], clusters=d["cluster"], population=d["size"])
    a, b = (estimate_mean(sum_domain(s, y).totals, design=s.design) for s in (whole, one))
    assert (a.value, a.se, a.low, a.df) == pytest.approx((b.value, b.se, b.low, b.df), rel=1e-12)


def test_without_a_first_count_clusters_are_drawn_with_replacement() -> None:
    d = drawn(np.random.default_rng(6))
    y, w = np.random.default_rng(7).normal(5, 1, len(d["unit"])), np.random.default_rng(8).uniform(1, 2, len(d["unit"]))
    two = survey_of(d, population=None, unit_population=None, weights=w)
    one = describe_survey(len(y), strata=d["stratum"], clusters=d["cluster"], weights=w)
    a, b = (estimate_mean(sum_domain(s, y).totals, design=s.design) for s in (two, one))
    assert a == b


def test_rows_may_be_the_second_stage() -> None:
    d = drawn(np.random.default_rng(9))
    held = np.full(len(d["unit"]), 60.0)
    y = np.random.default_rng(10).normal(5, 1, len(held))
    ids = np.arange(len(held))
    a, b = (survey_of(d, units=units, unit_population=held) for units in ("rows", ids))
    left, right = (estimate_total(sum_domain(s, y).totals, design=s.design) for s in (a, b))
    assert left == right


def test_a_cluster_with_one_unit_of_an_incomplete_second_stage() -> None:
    cluster, unit, held = [1, 1, 2, 2, 3], [1, 2, 1, 2, 1], [9, 9, 8, 8, 7]
    y = np.array([1.0, 2.0, 4.0, 1.0, 3.0])

    def se(rule: Any) -> float | str | None:
        survey = describe_survey(
            5, clusters=cluster, units=unit, population=[10] * 5, unit_population=held, lonely=rule
        )
        found = estimate_total(sum_domain(survey, y).totals, design=survey.design)
        return found.undefined or found.se

    assert str(se("fail")).startswith("1 of 3 clusters hold one unit of a second stage")
    z = y * np.array([10 / 3 * 9 / 2, 10 / 3 * 9 / 2, 10 / 3 * 4, 10 / 3 * 4, 10 / 3 * 7])
    totals = np.array([z[0] + z[1], z[2] + z[3], z[4]])
    first = 0.7 * 3 / 2 * ((totals - totals.mean()) ** 2).sum()
    second = [
        0.3 * (1 - 2 / 9) * 2 * ((z[:2] - z[:2].mean()) ** 2).sum(),
        0.3 * (1 - 2 / 8) * 2 * ((z[2:4] - z[2:4].mean()) ** 2).sum(),
    ]
    assert se("certainty") == pytest.approx(np.sqrt(first + sum(second)))
    assert se("average") == pytest.approx(np.sqrt(first + sum(second) * 3 / 2))
    alone = 0.3 * (1 - 1 / 7) * (z[4] - z.mean()) ** 2
    assert se("adjust") == pytest.approx(np.sqrt(first + sum(second) + alone))


def test_no_positive_in_a_subsample_of_every_cluster_is_no_certainty() -> None:
    """All clusters were drawn, so only rows within them can hide a positive."""
    cluster, row = np.repeat(np.arange(12), 10), np.tile(np.arange(10), 12)
    survey = describe_survey(120, clusters=cluster, units=row, population=[12] * 120, unit_population=[100] * 120)
    found = estimate_proportion(sum_domain(survey, np.zeros(120)).totals, design=survey.design)
    assert found.high is not None
    assert 1 - 0.05 ** (1 / 120) > found.high > 0.95 * (1 - 0.05 ** (1 / 120)) * 0.95


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unit_population": [1.5] * 5}, "holds 1.5 units in the population, and 2 are in the sample"),
        ({"population": [2] * 5}, "holds 2 clusters in the population, and 3 are in the sample"),
        ({"unit_population": [9, 8, 8, 8, 7]}, "differs within a cluster"),
        ({"unit_population": [0] * 5}, "must be above 0"),
        ({"unit_population": None}, "weights cannot follow"),
        ({"clusters": None}, "need the clusters"),
    ],
)
def test_counts_that_cannot_be(changes: dict[str, Any], said: str) -> None:
    given = {
        "clusters": [1, 1, 2, 2, 3],
        "units": [1, 2, 1, 2, 1],
        "population": [10] * 5,
        "unit_population": [9, 9, 8, 8, 7],
    }
    with pytest.raises(InvalidInput, match=said):
        describe_survey(5, **{**given, **changes})
