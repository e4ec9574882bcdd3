"""Means, totals, ratios, shares, domains, differences and design effects that R's survey package computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.estimation.survey_data import DESIGNS, column, numbers, reference, sample
from tools.estimation import (
    Estimate,
    WeightedValues,
    estimate_difference,
    estimate_mean,
    estimate_proportion,
    estimate_quantile,
    estimate_ratio,
    estimate_total,
)

TOLERANCE = 1e-8


def r(design: str) -> dict[str, Any]:
    return dict(reference("survey_r.json")["values"][design])


def agrees(found: Estimate, expected: dict[str, Any]) -> None:
    assert found.undefined is None
    assert found.value == pytest.approx(expected["est"], rel=TOLERANCE)
    assert found.se == pytest.approx(expected["se"], rel=TOLERANCE, abs=1e-10)
    for key in ("ci95_t_degf", "ci95"):
        if key in expected:
            assert [found.low, found.high] == pytest.approx(expected[key], rel=TOLERANCE)


def with_replacement(deff: float, found: Estimate, weight: float) -> float:
    """R's `deff` compares with simple random sampling without replacement: times 1 - n/N of the domain."""
    return deff * (1 - found.n / weight)


@pytest.mark.parametrize("design", DESIGNS)
def test_mean(design: str) -> None:
    s = sample(design, numbers(design, "api00"))
    expected = r(design)["mean_api00"]
    found = estimate_mean(s.totals, design=s.design)
    agrees(found, expected)
    assert found.df == r(design)["degf"]
    assert found.deff == pytest.approx(expected["deff_replace"], rel=TOLERANCE)
    assert found.n_eff == pytest.approx(r(design)["n_rows"] / expected["deff_replace"], rel=TOLERANCE)


@pytest.mark.parametrize("design", DESIGNS)
def test_total(design: str) -> None:
    s = sample(design, numbers(design, "enroll"))
    expected = r(design)["total_enroll"]
    found = estimate_total(s.totals, design=s.design)
    agrees(found, expected)
    deff = with_replacement(expected["deff"], found, float(s.totals.sum_w.sum()))
    assert found.deff == pytest.approx(deff, rel=TOLERANCE)


@pytest.mark.parametrize("design", DESIGNS)
def test_ratio(design: str) -> None:
    s = sample(design, numbers(design, "api.stu"), numbers(design, "enroll"))
    expected = r(design)["ratio_api.stu_enroll"]
    found = estimate_ratio(s.totals, design=s.design)
    agrees(found, expected)
    deff = with_replacement(expected["deff"], found, float(s.totals.sum_w.sum()))
    assert found.deff == pytest.approx(deff, rel=TOLERANCE)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("level", ["E", "H", "M"])
def test_share_of_a_category(design: str, level: str) -> None:
    expected = r(design)["mean_stype"][f"stype{level}"]
    s = sample(design, (column(design, "stype") == level).astype(float))
    found = estimate_proportion(s.totals, design=s.design, interval="wald")
    agrees(found, expected)
    if expected["se"] > 1e-9:
        assert found.deff == pytest.approx(expected["deff_replace"], rel=TOLERANCE)


METHODS = {
    "mean": "wald",
    "beta": "korn-graubard",
    "xlogit": "logit",
    "logit": "logit",
    "likelihood": "likelihood",
    "asin": "asin",
    "wilson_survey_4.5": "wilson",
}


# `logit` and `likelihood` come from an iterated glm, whose estimate differs by about 1e-9
LIMITS = {"logit": 1e-7, "likelihood": 1e-5}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("variable", ["prop_awards_Yes", "prop_ell_eq_0"])
@pytest.mark.parametrize("method", METHODS)
def test_intervals_of_a_share(design: str, variable: str, method: str) -> None:
    expected = r(design)[variable][method]
    y = column(design, "awards") == "Yes" if variable == "prop_awards_Yes" else numbers(design, "ell") == 0
    s = sample(design, y.astype(float))
    found = estimate_proportion(s.totals, design=s.design, interval=METHODS[method])  # type: ignore[arg-type]
    assert found.value == pytest.approx(expected["est"], rel=TOLERANCE)
    if "se" in expected:
        assert found.se == pytest.approx(expected["se"], rel=TOLERANCE)
    assert [found.low, found.high] == pytest.approx(expected["ci95"], rel=LIMITS.get(method, TOLERANCE))


def test_svyciprop_help_page_at_another_level() -> None:
    expected = reference("survey_r.json")["values"]["help_page_svyciprop_ell_eq_0"]["beta_level_0.90"]
    s = sample("dclus1", (numbers("dclus1", "ell") == 0).astype(float))
    found = estimate_proportion(s.totals, design=s.design, level=0.9, interval="korn-graubard")
    assert [found.low, found.high] == pytest.approx(expected["ci90"], rel=TOLERANCE)


def test_svyciprop_help_page_logit_at_another_level() -> None:
    expected = reference("survey_r.json")["values"]["help_page_svyciprop_ell_eq_0"]["logit_level_0.90"]
    s = sample("dclus1", (numbers("dclus1", "ell") == 0).astype(float))
    found = estimate_proportion(s.totals, design=s.design, level=0.9, interval="logit")
    assert [found.low, found.high] == pytest.approx(expected["ci90"], rel=1e-7)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("level", ["E", "H", "M"])
@pytest.mark.parametrize("key", ["domain_mean_api00", "domain_total_enroll", "domain_mean_awards_Yes", "domain_ratio"])
def test_domains(design: str, level: str, key: str) -> None:
    expected = r(design)["domain_ratio_by_stype" if key == "domain_ratio" else f"{key}_by_stype"][level]
    domain = column(design, "stype") == level
    if key == "domain_mean_api00":
        s = sample(design, numbers(design, "api00"), domain=domain)
        found = estimate_mean(s.totals, design=s.design)
    elif key == "domain_total_enroll":
        s = sample(design, numbers(design, "enroll"), domain=domain)
        found = estimate_total(s.totals, design=s.design)
    elif key == "domain_mean_awards_Yes":
        s = sample(design, (column(design, "awards") == "Yes").astype(float), domain=domain)
        found = estimate_proportion(s.totals, design=s.design)
    else:
        s = sample(design, numbers(design, "api.stu"), numbers(design, "enroll"), domain=domain)
        found = estimate_ratio(s.totals, design=s.design)
    agrees(found, expected)
    if "deff" in expected:
        deff = with_replacement(expected["deff"], found, float(s.totals.sum_w.sum()))
        assert found.deff == pytest.approx(deff, rel=TOLERANCE)


@pytest.mark.parametrize("design", DESIGNS)
def test_difference_of_two_domains_keeps_the_covariance(design: str) -> None:
    expected = r(design)["difference_mean_api00_E_minus_H"]
    kind, y = column(design, "stype"), numbers(design, "api00")
    e, h = (sample(design, y, domain=kind == level) for level in ("E", "H"))
    found = estimate_difference(e.totals, h.totals, of="mean", design=e.design)
    assert found.value == pytest.approx(expected["est"], rel=TOLERANCE)
    assert found.se == pytest.approx(expected["se"], rel=TOLERANCE)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("q", [0.25, 0.5, 0.75])
def test_quantiles(design: str, q: float) -> None:
    expected = r(design)["quantile_api00"][f"q{round(q * 100)}"]
    y = numbers(design, "api00")
    s = sample(design, y)
    spec = r(design)["design"]
    strata = np.unique(column(design, spec["strata"]), return_inverse=True)[1] if spec["strata"] else None
    found = estimate_quantile(
        WeightedValues(
            value=y,
            sum_w=numbers(design, "pw"),
            n=np.ones(len(y), dtype=np.int64),
            stratum=strata,
            cluster=column(design, spec["cluster"]) if spec["cluster"] else None,
        ),
        q,
        design=s.design,
    )
    assert [found.value, found.low, found.high, found.se] == pytest.approx(expected, rel=1e-6)
