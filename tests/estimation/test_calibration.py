"""Post-stratification, raking and calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.estimation.survey_data import column, numbers, reference
from tools.errors import InvalidInput
from tools.estimation import Estimate, estimate_mean, estimate_proportion, estimate_total
from tools.estimation.calibration import Calibration, CalibrationMethod
from tools.estimation.domain import sum_domain
from tools.estimation.survey import Survey, describe_survey

Floats = NDArray[np.float64]
UNSET = np.zeros(0)


def known(method: CalibrationMethod, totals: Any, *, x: Any = None, cell: Any = None) -> Calibration:
    names = tuple(f"t{i}" for i in range(len(totals)))
    return Calibration(
        method=method,
        base=UNSET,
        totals=np.array(totals, dtype=float),
        names=names,
        cell=None if cell is None else np.asarray(cell),
        auxiliary=None if x is None else np.asarray(x, dtype=float),
    )


def clus1(calibration: Calibration) -> Survey:
    d = "dclus1"
    return describe_survey(
        183,
        weights=numbers(d, "pw"),
        clusters=column(d, "dnum"),
        population=numbers(d, "fpc"),
        calibration=calibration,
    )


def check(survey: Survey, expected: dict[str, Any], *, estimate: float, se: float) -> None:
    """R's estimates and standard errors, to these relative tolerances."""
    d = "dclus1"
    found = {
        "mean_api00": estimate_mean(sum_domain(survey, numbers(d, "api00")).totals, design=survey.design),
        "total_enroll": estimate_total(sum_domain(survey, numbers(d, "enroll")).totals, design=survey.design),
        "prop_awards_Yes": estimate_proportion(
            sum_domain(survey, (column(d, "awards") == "Yes").astype(float)).totals, design=survey.design
        ),
    }
    for key, e in found.items():
        if key in expected:
            assert e.value == pytest.approx(expected[key]["est"], rel=estimate)
            assert e.se == pytest.approx(expected[key]["se"], rel=se)


def test_post_stratification_in_r() -> None:
    expected = reference("survey_r.json")["values"]["poststratify_dclus1"]
    kinds = ["E", "H", "M"]
    kind = column("dclus1", "stype")
    cell = np.array([kinds.index(k) for k in kind])
    survey = clus1(known("post-stratification", [expected["population_counts"][k] for k in kinds], cell=cell))
    check(survey, expected, estimate=1e-8, se=1e-8)
    for k in kinds:
        assert survey.weight[kind == k] == pytest.approx(expected["weights_by_stype"][k], rel=1e-8)
        total = estimate_total(sum_domain(survey, (kind == k).astype(float)).totals, design=survey.design)
        assert total.value == pytest.approx(expected["population_counts"][k])
        assert total.se == pytest.approx(0, abs=1e-9)


def auxiliaries() -> Floats:
    kind = column("dclus1", "stype")
    return np.column_stack([np.ones(183), kind == "H", kind == "M", numbers("dclus1", "api99")]).astype(float)


@pytest.mark.parametrize(
    ("method", "key", "tolerance"),
    [("linear", "calibrate_linear_dclus1", 1e-8), ("raking", "calibrate_raking_dclus1", 1e-6)],
)
def test_calibration_in_r(method: CalibrationMethod, key: str, tolerance: float) -> None:
    expected = reference("survey_r.json")["values"][key]
    survey = clus1(known(method, list(expected["population_totals"].values()), x=auxiliaries()))
    check(survey, expected, estimate=tolerance, se=tolerance)
    assert [survey.weight.min(), survey.weight.max()] == pytest.approx(expected["weight_range"], rel=tolerance)
    assert survey.weight[:5] == pytest.approx(expected["first_5_weights"], rel=tolerance)


def test_raking_of_margins_in_r() -> None:
    expected = reference("survey_r.json")["values"]["rake_dclus1"]
    parts, totals = [], []
    for name, counts in expected["margins"].items():
        for value, total in counts.items():
            parts.append(column("dclus1", name) == value)
            totals.append(total)
    survey = clus1(known("raking", totals, x=np.column_stack(parts)))
    check(survey, expected, estimate=1e-7, se=1e-3)


def random_sample(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    n = 200
    return {
        "weights": rng.uniform(1, 5, n),
        "clusters": rng.integers(0, 40, n),
        "group": rng.integers(0, 3, n),
        "sex": rng.integers(0, 2, n),
        "x": rng.uniform(1, 9, n),
        "y": rng.normal(10, 3, n),
        "v": (rng.random(n) < 0.3).astype(float),
    }


def margins(s: dict[str, Any]) -> Floats:
    return np.column_stack([*(s["group"] == g for g in range(3)), *(s["sex"] == g for g in range(2))]).astype(float)


def described(s: dict[str, Any], calibration: Calibration | None) -> Survey:
    return describe_survey(len(s["y"]), weights=s["weights"], clusters=s["clusters"], calibration=calibration)


@pytest.mark.parametrize("method", ["raking", "linear"])
def test_weights_meet_the_totals(method: CalibrationMethod) -> None:
    s = random_sample(1)
    x = np.column_stack([margins(s), s["x"]])
    now = x.T @ s["weights"]
    shift = np.array([1.1, 0.9, 1.0, 1.05, 0.95, 1.02])
    totals = now * shift
    totals[:3] *= 600 / totals[:3].sum()
    totals[3:5] *= 600 / totals[3:5].sum()
    survey = described(s, known(method, totals, x=x))
    assert x.T @ survey.weight == pytest.approx(totals, rel=1e-8)
    if method == "raking":
        assert (survey.weight > 0).all()


def same(a: Estimate, b: Estimate) -> None:
    assert (a.value, a.low, a.high, a.df) == pytest.approx((b.value, b.low, b.high, b.df), rel=1e-7)


@pytest.mark.parametrize("method", ["post-stratification", "raking", "linear"])
def test_own_totals_leave_values_unchanged(method: CalibrationMethod) -> None:
    """The weights already meet them; what changes is that the totals are now known."""
    s = random_sample(2)
    x = margins(s)
    if method == "post-stratification":
        calibration = known(method, np.bincount(s["group"], s["weights"]), cell=s["group"])
    else:
        calibration = known(method, x.T @ s["weights"], x=x)
    survey, plain = described(s, calibration), described(s, None)
    assert survey.weight == pytest.approx(plain.weight, rel=1e-9)
    for estimate, y in ((estimate_mean, "y"), (estimate_proportion, "v"), (estimate_total, "y")):
        a, b = (estimate(sum_domain(t, s[y]).totals, design=t.design) for t in (survey, plain))
        assert a.value == pytest.approx(b.value, rel=1e-9)
        assert a.df == b.df


def test_a_single_post_stratum_is_a_ratio_to_its_size() -> None:
    """Its total is N times the mean: the error of the total is N times that of the mean."""
    s = random_sample(3)
    survey = described(s, known("post-stratification", [1000.0], cell=np.zeros(200, dtype=int)))
    total = estimate_total(sum_domain(survey, s["y"]).totals, design=survey.design)
    mean = estimate_mean(sum_domain(survey, s["y"]).totals, design=survey.design)
    plain = estimate_mean(sum_domain(described(s, None), s["y"]).totals, design=described(s, None).design)
    assert total.value is not None
    assert mean.se is not None
    assert (total.value, total.se) == pytest.approx((1000 * (mean.value or 0), 1000 * mean.se), rel=1e-10)
    same(mean, plain)


def test_linear_calibration_on_categories_is_post_stratification() -> None:
    s = random_sample(4)
    totals = [300.0, 200.0, 250.0]
    cells = described(s, known("post-stratification", totals, cell=s["group"]))
    linear = described(s, known("linear", totals, x=margins(s)[:, :3]))
    raked = described(s, known("raking", totals, x=margins(s)[:, :3]))
    rows = np.flatnonzero(s["sex"] == 1)
    for other in (linear, raked):
        a, b = (estimate_mean(sum_domain(t, s["y"], rows=rows).totals, design=t.design) for t in (cells, other))
        same(a, b)
        assert a.deff == pytest.approx(b.deff, rel=1e-8)


def test_the_variance_is_that_of_the_g_weighted_residuals() -> None:
    """Written out: e = y - x'B with base weights, v = m/(m-1) Σ_c (Σ_i w g e - mean)²."""
    s = random_sample(5)
    x = np.column_stack([np.ones(200), s["x"]])
    totals = np.array([700.0, 3600.0])
    survey = described(s, known("linear", totals, x=x))
    d = s["weights"]
    b = np.linalg.solve((x.T * d) @ x, (x.T * d) @ s["y"])
    z = np.bincount(s["clusters"], survey.weight * (s["y"] - x @ b))
    z = z[np.bincount(s["clusters"]) > 0]
    expected = len(z) / (len(z) - 1) * ((z - z.mean()) ** 2).sum()
    found = estimate_total(sum_domain(survey, s["y"]).totals, design=survey.design)
    assert found.value == pytest.approx(float(survey.weight @ s["y"]))
    assert found.se is not None
    assert found.se**2 == pytest.approx(expected, rel=1e-9)


def test_unequal_probabilities_take_residuals_too() -> None:
    s = random_sample(6)
    pi = 1 / s["weights"]
    survey = describe_survey(
        200,
        probability=pi,
        variance="brewer",
        calibration=known("post-stratification", [300.0, 200.0, 250.0], cell=s["group"]),
    )
    d = s["weights"]
    mean = np.bincount(s["group"], d * s["y"]) / np.bincount(s["group"], d)
    z = survey.weight * (s["y"] - mean[s["group"]])
    expected = 200 / 199 * ((1 - pi) * (z - z.mean()) ** 2).sum()
    found = estimate_total(sum_domain(survey, s["y"]).totals, design=survey.design)
    assert found.se is not None
    assert found.se**2 == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("calibration", "said"),
    [
        (known("post-stratification", [300.0, 200.0, 250.0, 5.0], cell=random_sample(7)["group"]), "t3 holds no row"),
        (known("linear", [600.0, 100.0, 100.0, 900.0, 5.0], x=margins(random_sample(7))), "No weights meet the totals"),
        (known("raking", [600.0, 100.0, 100.0, 900.0, 5.0], x=margins(random_sample(7))), "No weights meet the totals"),
        (known("raking", [200.0, 4e6], x=np.column_stack([np.ones(200), random_sample(7)["x"]])), "No weights meet"),
    ],
)
def test_totals_that_cannot_be_met(calibration: Calibration, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        described(random_sample(7), calibration)
