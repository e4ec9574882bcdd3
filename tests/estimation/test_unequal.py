"""Unequal probabilities without replacement."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.estimation import brute_force
from tests.estimation.survey_data import reference
from tools.errors import InvalidInput
from tools.estimation import Estimate, estimate_mean, estimate_proportion, estimate_ratio, estimate_total
from tools.estimation.domain import sum_domain
from tools.estimation.survey import Survey, describe_survey
from tools.estimation.unit_design import UnequalMethod

Floats = NDArray[np.float64]
METHODS: tuple[UnequalMethod, ...] = ("brewer", "overton", "hartley-rao", "poisson", "ht", "yates-grundy")


def joint_of(pi: Floats) -> Floats:
    """Conditional Poisson probabilities of pairs, near enough: positive, symmetric, below both units'."""
    spread = (pi * (1 - pi)).sum()
    joint: Floats = np.outer(pi, pi) * (1 - np.outer(1 - pi, 1 - pi) / spread)
    np.fill_diagonal(joint, pi)
    return joint


def variance_of(method: UnequalMethod, z: Floats, pi: Floats, joint: Floats) -> float:
    if method == "brewer":
        return brute_force.brewer(z, pi)
    if method == "yates-grundy":
        return brute_force.yates_grundy(z, joint)
    poisson = np.where(np.eye(len(pi)) == 1, np.diag(pi), np.outer(pi, pi))
    matrices = {
        "ht": joint,
        "overton": brute_force.overton(pi),
        "hartley-rao": brute_force.hartley_rao(pi),
        "poisson": poisson,
    }
    return brute_force.horvitz_thompson(z, matrices[method])


def survey_of(pi: Floats, method: UnequalMethod, joint: Floats, **more: Any) -> Survey:
    needs = method in ("ht", "yates-grundy")
    return describe_survey(len(pi), probability=pi, variance=method, joint=joint if needs else None, **more)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_every_statistic_has_the_variance_of_the_definition(method: UnequalMethod, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    pi = rng.uniform(0.05, 0.9, n)
    joint = joint_of(pi)
    size = 40 * pi
    y, x = size * rng.uniform(0.6, 1.4, n), rng.uniform(1, 2, n)
    rows = np.flatnonzero(rng.random(n) < 0.8)
    inside = np.isin(np.arange(n), rows)
    w = np.where(inside, 1 / pi, 0.0)
    survey = survey_of(pi, method, joint)
    domain = sum_domain(survey, y, x=x, rows=rows).totals
    mean, ratio = (w * y).sum() / w.sum(), (w * y).sum() / (w * x).sum()
    for estimate, z in (
        (estimate_total, w * y),
        (estimate_mean, w * (y - mean) / w.sum()),
        (estimate_ratio, w * (y - ratio * x) / (w * x).sum()),
    ):
        expected = variance_of(method, z, pi, joint)
        found = estimate(domain, design=survey.design)
        if expected < 0:
            assert "negative" in (found.undefined or "")
            continue
        assert found.se is not None
        assert found.se**2 == pytest.approx(expected, rel=1e-9)
        assert found.df == len(rows) - 1


@pytest.mark.parametrize("method", ["brewer", "overton", "hartley-rao"])
def test_strata_add_up(method: UnequalMethod) -> None:
    rng = np.random.default_rng(3)
    pi, stratum = rng.uniform(0.1, 0.8, 24), np.repeat([0, 1], [10, 14])
    y = 30 * pi * rng.uniform(0.8, 1.2, 24)
    survey = survey_of(pi, method, joint_of(pi), strata=stratum)
    found = estimate_total(sum_domain(survey, y).totals, design=survey.design)
    parts = [variance_of(method, (y / pi)[stratum == h], pi[stratum == h], joint_of(pi)) for h in (0, 1)]
    assert found.se is not None
    assert found.se**2 == pytest.approx(sum(parts), rel=1e-10)
    assert found.df == 22


@pytest.mark.parametrize("method", METHODS)
def test_clusters_count_as_units(method: UnequalMethod) -> None:
    """Totals of clusters, as rows of their own, have the same variance."""
    rng = np.random.default_rng(4)
    pi, sizes = rng.uniform(0.1, 0.8, 12), rng.integers(1, 5, 12)
    cluster = np.repeat(np.arange(12), sizes)
    y = rng.normal(20, 1, len(cluster)) * pi[cluster]
    joint = joint_of(pi)
    by_row = joint[np.ix_(cluster, cluster)]
    a = survey_of(pi[cluster], method, by_row, clusters=cluster)
    b = survey_of(pi, method, joint)
    left = estimate_total(sum_domain(a, y).totals, design=a.design)
    right = estimate_total(sum_domain(b, np.bincount(cluster, y).astype(float)).totals, design=b.design)
    assert left.undefined == right.undefined
    if right.se is not None:
        assert (left.value, left.se, left.df) == pytest.approx((right.value, right.se, right.df), rel=1e-10)


@pytest.mark.parametrize("design", ["sampford", "max_entropy_conditional_poisson"])
@pytest.mark.parametrize("method", ["yates-grundy", "ht"])
def test_joint_probabilities_make_the_variance_unbiased(design: str, method: UnequalMethod) -> None:
    """All samples of two of five units, whose probabilities are the joint ones."""
    table = reference("sampling.json")["values"]["joint_inclusion_5_units_n2"]
    joint, pi = np.array(table[design]), np.array(table["pik"])
    y = np.array([1.0, 3.0, 3.5, 6.0, 6.5])  # near enough to proportional for both to be positive in every sample
    true = sum((joint[i, j] - pi[i] * pi[j]) * y[i] * y[j] / (pi[i] * pi[j]) for i in range(5) for j in range(5))
    expected = mass = 0.0
    for pair in itertools.combinations(range(5), 2):
        at = np.array(pair)
        survey = survey_of(pi[at], method, joint[np.ix_(at, at)])
        found = estimate_total(sum_domain(survey, y[at]).totals, design=survey.design)
        z = (y / pi)[at]
        v = found.se**2 if found.se is not None else brute_force.horvitz_thompson(z, joint[np.ix_(at, at)])
        assert (found.se is None) == (v < 0)
        expected += joint[pair] * v
        mass += joint[pair]
    exact = 1e-9 if design == "sampford" else 2e-6  # the reference iterates maximum entropy to 1e-6
    assert mass == pytest.approx(1, rel=exact)
    assert expected == pytest.approx(true, rel=1e-9 if design == "sampford" else 1e-4)


def test_simple_random_sampling_is_the_special_case() -> None:
    """π = n/N and π_ij = n(n-1)/(N(N-1)): Yates-Grundy, Horvitz-Thompson and Brewer are s²(1 - n/N)N²/n."""
    rng = np.random.default_rng(5)
    n, size = 20, 80
    y = rng.normal(10, 2, n)
    pi = np.full(n, n / size)
    joint = np.full((n, n), n * (n - 1) / (size * (size - 1)))
    np.fill_diagonal(joint, n / size)
    expected = size**2 * (1 - n / size) * y.var(ddof=1) / n
    plain = describe_survey(n, population=[size] * n)
    simple = estimate_total(sum_domain(plain, y).totals, design=plain.design)
    assert simple.se is not None
    assert simple.se**2 == pytest.approx(expected)
    methods: tuple[UnequalMethod, ...] = ("yates-grundy", "ht", "brewer")
    for method in methods:
        survey = survey_of(pi, method, joint)
        found = estimate_total(sum_domain(survey, y).totals, design=survey.design)
        assert (found.value, found.se, found.low) == pytest.approx((simple.value, simple.se, simple.low), rel=1e-9)


def test_units_of_probability_one_add_nothing_to_brewer() -> None:
    pi = np.array([1.0, 1.0, 1.0])
    survey = survey_of(pi, "brewer", joint_of(np.full(3, 0.5)))
    found = estimate_total(sum_domain(survey, np.array([1.0, 5.0, 9.0])).totals, design=survey.design)
    assert (found.value, found.se) == (15.0, 0.0)
    share = estimate_proportion(sum_domain(survey, np.array([1.0, 0.0, 0.0])).totals, design=survey.design)
    assert share.method == "counted in full"
    assert (share.low, share.high) == pytest.approx((1 / 3, 1 / 3))


def test_a_stratum_with_one_unit() -> None:
    pi, stratum, y = np.array([0.5, 0.4, 0.2]), [0, 0, 1], np.array([2.0, 3.0, 1.0])
    z = y / pi
    two = brute_force.brewer(z[:2], pi[:2])

    def found(rule: Any) -> Estimate:
        survey = describe_survey(3, probability=pi, variance="brewer", strata=stratum, lonely=rule)
        return estimate_total(sum_domain(survey, y).totals, design=survey.design)

    assert found("fail").undefined == "1 of 2 strata hold one cluster, so the variance cannot be estimated"
    squares = [e.se**2 for rule in ("certainty", "average", "adjust") if (e := found(rule)).se is not None]
    assert squares == pytest.approx([two, 2 * two, two + 0.8 * (z[2] - z.mean()) ** 2])
    # with one unit of probability 1, nothing is missing
    sure = describe_survey(3, probability=[0.5, 0.4, 1.0], variance="brewer", strata=stratum)
    assert estimate_total(sum_domain(sure, y).totals, design=sure.design).se == pytest.approx(np.sqrt(two))


def test_a_joint_matrix_that_makes_the_variance_negative_is_said_so() -> None:
    pi = np.array([0.5, 0.5, 0.5])
    joint = np.full((3, 3), 0.01)
    np.fill_diagonal(joint, 0.5)
    survey = survey_of(pi, "ht", joint)
    found = estimate_total(sum_domain(survey, np.array([1.0, 1.1, 0.9])).totals, design=survey.design)
    assert found.value is None
    assert "negative" in (found.undefined or "")


GOOD = [[0.5, 0.2, 0.2], [0.2, 0.5, 0.2], [0.2, 0.2, 0.5]]


@pytest.mark.parametrize(
    ("joint", "said"),
    [
        ([[0.5, 0.2], [0.2, 0.5]], "2 rows and columns for a sample of 3 rows"),
        ([[0.5, 0.2, 0.2], [0.2, 0.5, 0.2]], "is square"),
        ([[0.5, 0.2, 0.2], [0.3, 0.5, 0.2], [0.2, 0.2, 0.5]], "not symmetric"),
        ([[0.4, 0.2, 0.2], [0.2, 0.5, 0.2], [0.2, 0.2, 0.5]], "diagonal differs"),
        ([[0.5, 0.0, 0.2], [0.0, 0.5, 0.2], [0.2, 0.2, 0.5]], "never be drawn together"),
        ([[0.5, 0.6, 0.2], [0.6, 0.5, 0.2], [0.2, 0.2, 0.5]], "likelier than its rarer"),
        ([[0.5, np.nan, 0.2], [np.nan, 0.5, 0.2], [0.2, 0.2, 0.5]], "not symmetric"),
    ],
)
def test_joint_probabilities_that_cannot_be(joint: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        survey_of(np.full(3, 0.5), "ht", np.array(joint))


def test_joint_probabilities_of_rows_must_agree_within_clusters() -> None:
    pi = np.full(3, 0.5)
    joint = np.array([[0.5, 0.5, 0.2], [0.5, 0.5, 0.3], [0.2, 0.3, 0.5]])
    with pytest.raises(InvalidInput, match="differ within a pair of clusters"):
        survey_of(pi, "ht", joint, clusters=[1, 1, 2])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"probability": [0.5, 0.0, 0.5]}, "above 0 and at most 1"),
        ({"probability": [0.5, 1.2, 0.5]}, "above 0 and at most 1"),
        ({"probability": [0.5, np.nan, 0.5]}, "above 0 and at most 1"),
        ({"probability": [0.5, 0.4, 0.5], "clusters": [1, 1, 2]}, "differ within a cluster"),
        ({"probability": None}, "needs inclusion probabilities"),
        ({"probability": [0.5] * 3, "weights": [2.0, 2.0, 3.0]}, "differs from one over"),
    ],
)
def test_probabilities_that_cannot_be(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        describe_survey(3, variance="brewer", **arguments)


def test_joint_probabilities_are_needed_where_they_are_used() -> None:
    with pytest.raises(InvalidInput, match="needs joint inclusion probabilities"):
        describe_survey(2, probability=[0.5, 0.5], variance="ht")


def test_a_share_under_unequal_probabilities_takes_the_usual_choice() -> None:
    rng = np.random.default_rng(6)
    pi = rng.uniform(0.01, 0.3, 400)
    survey = describe_survey(400, probability=pi, variance="brewer")
    many, few = (rng.random(400) < 0.2).astype(float), np.zeros(400)
    few[:3] = 1
    found = [
        estimate_proportion(sum_domain(survey, y).totals, design=survey.design) for y in (many, few, np.zeros(400))
    ]
    assert [e.method for e in found] == ["korn-graubard", "test inversion", "design bound"]
    assert all(e.low is not None and e.high is not None and e.low <= (e.value or 0) <= e.high for e in found)
