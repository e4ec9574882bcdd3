"""Jackknife and bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.estimation.survey_data import column, numbers, reference
from tools.estimation import (
    Lonely,
    estimate_difference,
    estimate_mean,
    estimate_proportion,
    estimate_quantile,
    estimate_ratio,
    estimate_total,
)
from tools.estimation.calibration import Calibration
from tools.estimation.domain import distribute_domain, sum_domain
from tools.estimation.replicates import Replicates, bootstrap_factors, count_replicates
from tools.estimation.survey import Survey, describe_survey

JACKKNIFE = Replicates(kind="jackknife")


@pytest.mark.parametrize(
    ("design", "key", "replicates"),
    [("dclus1", "dclus1_nofpc_JK1_mse", 15), ("dstrat", "dstrat_nofpc_JKn_mse", 200)],
)
def test_the_jackknife_of_r(design: str, key: str, replicates: int) -> None:
    """R's rows centred on the full-sample estimate and without fpc, which replicates leave out here."""
    expected = reference("survey_r.json")["values"]["jackknife"][key]
    survey = describe_survey(
        len(numbers(design, "pw")),
        weights=numbers(design, "pw"),
        strata=column(design, "stype") if design == "dstrat" else None,
        clusters=column(design, "dnum") if design == "dclus1" else None,
        population=numbers(design, "fpc"),
        replicates=JACKKNIFE,
    )
    awards = (column(design, "awards") == "Yes").astype(float)
    enroll = numbers(design, "enroll")
    found = {
        "mean_api00": estimate_mean(sum_domain(survey, numbers(design, "api00")).totals, design=survey.design),
        "total_enroll": estimate_total(sum_domain(survey, enroll).totals, design=survey.design),
        "ratio_api.stu_enroll": estimate_ratio(
            sum_domain(survey, numbers(design, "api.stu"), x=enroll).totals, design=survey.design
        ),
        "prop_awards_Yes": estimate_proportion(sum_domain(survey, awards).totals, design=survey.design),
    }
    for name, e in found.items():
        assert (e.value, e.se) == pytest.approx((expected[name]["est"], expected[name]["se"]), rel=1e-8)
        assert e.df == expected["degf"]
        assert any("no population correction" in note for note in e.notes)
    assert count_replicates(JACKKNIFE, survey.first.clusters) == replicates == expected["n_replicates"]


def sample(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    n = 300
    cluster = rng.integers(0, 50, n)
    return {
        "strata": cluster % 3,
        "clusters": cluster,
        "weights": rng.uniform(1, 4, n),
        "y": rng.normal(10, 3, n) + rng.normal(0, 1, 50)[cluster],
        "x": rng.uniform(1, 2, n),
        "v": (rng.random(n) < 0.3).astype(float),
        "half": rng.random(n) < 0.5,
    }


def described(s: dict[str, Any], **more: Any) -> Survey:
    names = ("strata", "clusters", "weights")
    return describe_survey(len(s["y"]), **{**{name: s[name] for name in names}, **more})


def test_leaving_clusters_out_by_hand() -> None:
    s = sample(1)
    survey = described(s, replicates=JACKKNIFE)
    rows = np.flatnonzero(s["half"])
    found = estimate_ratio(sum_domain(survey, s["y"], x=s["x"], rows=rows).totals, design=survey.design)
    clusters, where = np.unique(s["clusters"], return_inverse=True)
    inside = s["half"].astype(float)
    full = (inside * s["weights"] * s["y"]).sum() / (inside * s["weights"] * s["x"]).sum()
    variance = 0.0
    for c in range(len(clusters)):
        h = clusters[c] % 3
        m = sum(1 for k in clusters if k % 3 == h)
        w = s["weights"] * inside * np.where(s["strata"] == h, m / (m - 1), 1.0)
        w = np.where(where == c, 0.0, w)
        variance += (m - 1) / m * ((w * s["y"]).sum() / (w * s["x"]).sum() - full) ** 2
    assert found.se is not None
    assert found.se**2 == pytest.approx(variance, rel=1e-10)


def test_the_jackknife_of_a_total_is_linear() -> None:
    s = sample(2)
    a, b = described(s, replicates=JACKKNIFE), described(s)
    left, right = (estimate_total(sum_domain(t, s["y"]).totals, design=t.design) for t in (a, b))
    assert (left.value, left.se, left.df) == pytest.approx((right.value, right.se, right.df), rel=1e-10)


def test_a_seed_gives_the_same_bootstrap() -> None:
    s = sample(3)
    found = []
    for seed in (7, 7, 8):
        survey = described(s, replicates=Replicates(kind="bootstrap", replications=200, seed=seed))
        found.append(estimate_mean(sum_domain(survey, s["y"]).totals, design=survey.design).se)
    assert found[0] == found[1] != found[2]


def test_the_bootstrap_nears_the_linearised_variance() -> None:
    """Of a total the bootstrap variance has the linearised one as its expectation; 1 in 4,000 replicates' noise."""
    s = sample(4)
    a = described(s, replicates=Replicates(kind="bootstrap", replications=4000, seed=1))
    b = described(s)
    for estimate, y in ((estimate_total, "y"), (estimate_mean, "y"), (estimate_proportion, "v")):
        left, right = (estimate(sum_domain(t, s[y]).totals, design=t.design) for t in (a, b))
        assert left.se == pytest.approx(right.se, rel=0.05)
        assert left.df == right.df


def test_factors_average_to_one_and_keep_the_stratum() -> None:
    stratum = np.array([0, 0, 0, 1, 1, 2])
    blocks = np.concatenate(list(bootstrap_factors(stratum, replications=20_000, seed=3)))
    assert blocks.shape == (20_000, 6)
    assert (blocks[:, 5] == 1).all()
    assert blocks[:, :3].sum(axis=1) == pytest.approx(3.0)
    assert blocks.mean(axis=0) == pytest.approx(1.0, abs=0.02)
    # m/(m-1)·Binomial(m-1, 1/m) has variance 1/(m-1)·... : (m/(m-1))²·(m-1)·(1/m)(1-1/m) = 1
    assert blocks[:, 0].var() == pytest.approx(1.0, rel=0.05)


def test_weights_are_calibrated_anew_in_each_replicate() -> None:
    """A total that is known does not vary, whatever the replicate."""
    s = sample(5)
    group = (np.arange(300) % 4).astype(np.int64)
    calibration = Calibration(
        method="post-stratification",
        base=np.zeros(0),
        totals=np.array([200.0, 250.0, 300.0, 350.0]),
        names=("a", "b", "c", "d"),
        cell=group,
    )
    for replicates in (JACKKNIFE, Replicates(kind="bootstrap", replications=50, seed=2)):
        survey = described(s, replicates=replicates, calibration=calibration)
        known = estimate_total(sum_domain(survey, (group == 2).astype(float)).totals, design=survey.design)
        assert (known.value, known.se) == pytest.approx((300.0, 0.0), abs=1e-9)
        mean = estimate_mean(sum_domain(survey, s["y"]).totals, design=survey.design)
        linear = described(s, calibration=calibration)
        expected = estimate_mean(sum_domain(linear, s["y"]).totals, design=linear.design)
        assert mean.value == pytest.approx(expected.value, rel=1e-12)
        assert mean.se == pytest.approx(expected.se, rel=0.3)


def test_quantiles_and_differences_take_replicates_too() -> None:
    s = sample(6)
    a, b = described(s, replicates=JACKKNIFE), described(s)
    quantiles = [estimate_quantile(distribute_domain(t, s["y"]), 0.5, design=t.design) for t in (a, b)]
    assert quantiles[0].value == quantiles[1].value
    assert quantiles[0].se == pytest.approx(quantiles[1].se, rel=0.15)
    halves = [np.flatnonzero(s["half"] == side) for side in (True, False)]
    found = []
    for survey in (a, b):
        new, old = (sum_domain(survey, s["y"], rows=rows).totals for rows in halves)
        found.append(estimate_difference(new, old, of="mean", design=survey.design))
    assert found[0].value == found[1].value
    assert found[0].se == pytest.approx(found[1].se, rel=0.05)


@pytest.mark.parametrize("rule", ["fail", "certainty"])
def test_a_stratum_with_one_cluster(rule: Lonely) -> None:
    survey = describe_survey(5, strata=[0, 0, 1, 1, 2], clusters=[1, 2, 3, 4, 5], lonely=rule, replicates=JACKKNIFE)
    found = estimate_total(sum_domain(survey, np.array([1.0, 2.0, 3.0, 5.0, 9.0])).totals, design=survey.design)
    if rule == "fail":
        assert found.undefined == "1 of 3 strata hold one cluster, which replicates cannot leave out"
    else:  # two strata of two: ½(a - b)²·2 each
        assert found.se == pytest.approx(np.sqrt(1 + 4))


def test_replicates_without_a_row_of_the_domain_are_counted() -> None:
    s = sample(7)
    survey = described(s, strata=None, replicates=Replicates(kind="bootstrap", replications=400, seed=5))
    rows = np.flatnonzero(s["clusters"] < 2)
    found = estimate_mean(sum_domain(survey, s["y"], rows=rows).totals, design=survey.design)
    assert found.se is not None
    assert any("had nothing to estimate from" in note for note in found.notes)
    jack = described(s, strata=None, replicates=JACKKNIFE)
    one = np.flatnonzero(s["clusters"] == 1)
    alone = estimate_mean(sum_domain(jack, s["y"], rows=one).totals, design=jack.design)
    assert alone.undefined == "leaving out one cluster leaves nothing to estimate from"
