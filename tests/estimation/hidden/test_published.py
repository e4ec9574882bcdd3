"""Snowshoe hares, hepatitis A in Taiwan, Seber's two lists: what Rcapture and CARE1 give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.estimation.hidden.published import hares, hepatitis, histories_of, published
from tools.estimation.hidden import (
    SizeFigure,
    count_histories,
    estimate_chao_bound,
    estimate_chapman,
    estimate_from_frequencies,
    estimate_hidden,
    estimate_petersen,
    estimate_sample_coverage,
    fit_behaviour_model,
    fit_capture_model,
    fit_frequency_model,
    fit_hierarchical,
)
from tools.estimation.hidden.chapman import chapman_pairs
from tools.estimation.hidden.loglinear import LoglinearFit

MODELS = ("M0", "Mt", *(f"{m} {h}" for m in ("Mh", "Mth") for h in ("Chao", "Poisson2", "Darroch", "Gamma3.5")))


def by_method(figures: tuple[SizeFigure, ...]) -> dict[str, SizeFigure]:
    return {figure.method: figure for figure in figures}


def agrees(found: LoglinearFit, expected: dict[str, Any]) -> None:
    loose = 1 if expected["infoFit"] == 0 else 1e4
    assert found.estimate.value == pytest.approx(expected["abundance"], rel=1e-6 * loose)
    assert found.estimate.se == pytest.approx(expected["stderr"], rel=1e-4 * loose)
    for ours, theirs in ((found.deviance, "deviance"), (found.aic, "AIC"), (found.bic, "BIC")):
        assert ours == pytest.approx(expected[theirs], rel=1e-8, abs=1e-8)
    assert found.df == expected["df"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("data", "key"), [("snowshoe_hare", "closedp_t"), ("taiwan_hav", "loglinear_Rcapture")])
def test_models_of_occasions(data: str, key: str, model: str) -> None:
    histories = hares() if data == "snowshoe_hare" else hepatitis()
    expected = published(data)[key][model.replace("Chao", "Chao (LB)")]
    agrees(fit_capture_model(histories, model), expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", ["M0", "Mh Chao", "Mh Poisson2", "Mh Darroch", "Mh Gamma3.5"])
def test_models_of_frequencies(model: str) -> None:
    expected = published("snowshoe_hare")["closedp_0"][model.replace("Chao", "Chao (LB)")]
    found = fit_frequency_model(hares().frequencies, model, occasions=6)  # type: ignore[arg-type]
    agrees(found, expected)


@pytest.mark.parametrize(("data", "key"), [("snowshoe_hare", "closedp_t"), ("taiwan_hav", "loglinear_Rcapture")])
def test_models_of_learning(data: str, key: str) -> None:
    """R's standard error of Mbh leaves a factor out of one derivative, so that only its size is compared."""
    histories, expected = (hares() if data == "snowshoe_hare" else hepatitis()), published(data)[key]
    found = fit_behaviour_model(histories, "Mb")
    assert found.value == pytest.approx(expected["Mb"]["abundance"], rel=1e-6)
    assert found.se == pytest.approx(expected["Mb"]["stderr"], rel=1e-4)
    assert fit_behaviour_model(histories, "Mbh").value == pytest.approx(expected["Mbh"]["abundance"], rel=1e-6)


def test_a_shape_with_its_profile() -> None:
    expected = published("snowshoe_hare")
    for found, interval in (
        (fit_capture_model(hares(), "Mth Poisson2"), expected["profile_ci_Mth_Poisson2"]["CI"]["Mth Poisson2"]),
        (
            fit_capture_model(hares(), "Mt", leave_out="111111"),
            expected["Mt_without_111111"]["CI"]["Mt without 111111"],
        ),
    ):
        assert found.multinomial == pytest.approx(interval["abundance"], rel=1e-3)
        assert found.estimate.low == pytest.approx(interval["infCL"], rel=1e-3)
        assert found.estimate.high == pytest.approx(interval["supCL"], rel=1e-3)
    agrees(
        fit_capture_model(hares(), "Mt", leave_out="111111"),
        expected["Mt_without_111111"]["results"]["Mt without 111111"],
    )


def test_every_hierarchical_model_with_profile_limits() -> None:
    found = {fit.estimate.method: fit for fit in fit_hierarchical(hepatitis()).fits}
    expected = published("taiwan_hav")["loglinear_by_interactions"]
    assert len(found) == len(expected) == 8
    for formula, values in expected.items():
        name = "loglinear A+B+C" + formula[2:].replace("c1", "A").replace("c2", "B").replace("c3", "C")
        agrees(found[name], values["results"])
        interval = values["profile_ci"]
        assert found[name].multinomial == pytest.approx(interval["abundance"], rel=1e-3)
        assert found[name].estimate.low == pytest.approx(interval["infCL"], rel=1e-3)
        assert found[name].estimate.high == pytest.approx(interval["supCL"], rel=1e-3)


def test_pairs() -> None:
    histories, expected = hepatitis(), published("taiwan_hav")["pairs"]
    sizes = histories.sizes
    for found, values, (a, b) in zip(
        chapman_pairs(histories), (expected[f"pa{k}"] for k in (12, 13, 23)), histories.pairs, strict=True
    ):
        assert found.value == pytest.approx(values["Chapman"], rel=1e-6)
        assert found.se == pytest.approx(values["se"], rel=1e-6)
        assert found.low == pytest.approx(values["cil"], rel=1e-6)
        assert found.high == pytest.approx(values["ciu"], rel=1e-6)
        petersen = estimate_petersen(float(sizes[a]), float(sizes[b]), histories.overlap(a, b))
        assert petersen == pytest.approx(values["Petersen"], rel=1e-6)


def test_hares_as_printed() -> None:
    """The help page: N = 81.1 (5.7, which R 4.2 computes as 5.6), and 76.8 (3.9) without the two seen every day."""
    best, without = (fit_capture_model(hares(), "Mth Poisson2"), fit_capture_model(hares(), "Mt", leave_out="111111"))
    assert (round(best.estimate.value or 0, 1), round(best.estimate.se or 0, 1), round(best.aic)) == (81.1, 5.6, 146)
    assert (round(without.estimate.value or 0, 1), round(without.estimate.se or 0, 1), round(without.aic)) == (
        76.8,
        3.9,
        146,
    )


def test_hepatitis_as_printed() -> None:
    """Chao, Tsay, Lin, Shau and Chao 2001, Statistics in Medicine 20:3123-3157, to the digits printed."""
    histories, printed = hepatitis(), published("taiwan_hav")["published_rounded"]
    pairs = chapman_pairs(histories)
    assert [round(each.value or 0) for each in pairs] == printed["Chapman"]
    assert [round(each.se or 0) for each in pairs] == printed["se"]
    assert [[round(each.low or 0), round(each.high or 0)] for each in pairs] == printed["ci95"]
    sizes = histories.sizes
    petersen = [estimate_petersen(sizes[a], sizes[b], histories.overlap(a, b)) for a, b in histories.pairs]
    assert [round(each) for each in petersen] == printed["Petersen"]
    found = estimate_sample_coverage(histories)
    sizes_found = [round(each.value or 0) for each in (found.independent, found.high, found.low)]
    assert sizes_found == [printed["Nhat0"], printed["Nhat"], printed["Nhat1"]]
    assert round(found.coverage, 3) == printed["C"]
    assert histories.counts.sum() == printed["M"]
    assert found.independent.value is not None
    assert found.independent.value * found.coverage == pytest.approx(printed["D"], abs=5e-4)


def test_cottontails() -> None:
    """Edwards and Eberhardt 1967: 135 penned cottontails, of which 76 were caught on 18 nights.

    Chao 1987, Biometrics 43:783-791: 76 + 43²/(2·16) = 133.8, with the variance f2·(r⁴/4 + r³ + r²/2), r = f1/f2.
    """
    caught = np.array([43, 16, 8, 6, 0, 2, 1], dtype=np.float64)
    assert caught.sum() == 76
    found = estimate_chao_bound(43, 16, seen=76)
    assert found.value == pytest.approx(133.78125, rel=1e-12)
    r = 43 / 16
    assert found.se == pytest.approx((16 * (r**4 / 4 + r**3 + r**2 / 2)) ** 0.5, rel=1e-12)
    assert by_method(estimate_from_frequencies(caught).estimates)["chao_lower"].value == pytest.approx(133.78125)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 135 < found.high


def test_seber() -> None:
    expected = published("seber_p107")
    found = estimate_chapman(948, 421, 167)
    values = expected["care1_pair"]
    for ours, theirs in ((found.value, "Chapman"), (found.se, "se"), (found.low, "cil"), (found.high, "ciu")):
        assert ours == pytest.approx(values[theirs])
    histories = histories_of(expected["counts"])
    agrees(fit_capture_model(histories, "Mt"), expected["closedp_t"]["Mt"])
    agrees(fit_capture_model(histories, "M0"), expected["closedp_t"]["M0"])
    report = by_method(estimate_hidden(histories).estimates)
    assert report["chapman A,B"].role == "selected"
    assert report["loglinear A+B"].value == pytest.approx(values["Petersen"])
    learning = fit_behaviour_model(histories, "Mb")
    assert learning.value == pytest.approx(expected["closedp_t"]["Mb"]["abundance"], rel=1e-6)
    assert learning.se == pytest.approx(expected["closedp_t"]["Mb"]["stderr"], rel=1e-4)
    corrected = expected["closedp_bc_Mt_Chapman"]
    assert (found.value, found.se) == pytest.approx((corrected["abundance"], corrected["stderr"]), rel=1e-9)
    assert estimate_petersen(948, 421, 167) == pytest.approx(values["Petersen"], rel=1e-9)


def test_sample_coverage() -> None:
    found, expected = estimate_sample_coverage(hepatitis()), published("taiwan_hav")
    assert found.coverage == pytest.approx(expected["coverage"]["Chat"], rel=1e-9)
    values = expected["sample_coverage"]
    assert found.independent.value == pytest.approx(values["Nhat0_Indep"]["est"], rel=1e-6)
    assert found.high.value == pytest.approx(values["Nhat_HSC"]["est"], rel=1e-6)
    assert found.low.value == pytest.approx(values["Nhat1_LSC"]["est"], rel=1e-6)
    assert found.recommended.value == found.low.value
    for ours, name in ((found.independent, "Nhat0_Indep"), (found.low, "Nhat1_LSC")):
        assert ours.se == pytest.approx(values[name]["bootstrap"]["se"], rel=0.1)
        assert ours.low == pytest.approx(values[name]["bootstrap"]["ci95"][0], rel=0.03)


def test_bias_corrected_bound() -> None:
    expected = published("snowshoe_hare")["closedp_bc"]["Mh"]
    once, twice = hares().frequencies[:2]
    found = estimate_chao_bound(float(once), float(twice), seen=68, occasions=6, bias_corrected=True)
    assert found.value == pytest.approx(expected["abundance"], rel=1e-9)
    assert found.se == pytest.approx(expected["stderr"], rel=1e-9)


def test_the_report_of_hares() -> None:
    """Six lists: 32,768 models are not all fitted, and it says so. The bound is that of the frequencies."""
    report = estimate_hidden(hares())
    found = by_method(report.estimates)
    expected = published("snowshoe_hare")["closedp_t"]
    assert found["loglinear A+B+C+D+E+F"].value == pytest.approx(expected["Mt"]["abundance"], rel=1e-6)
    assert found["chao_lower"].value == pytest.approx(expected["Mh Chao (LB)"]["abundance"], rel=1e-6)
    assert found["chao_lower"].role == "bound"
    assert any("too many models" in warning for warning in report.warnings)
    frequencies = estimate_from_frequencies(hares().frequencies, occasions=6)
    assert by_method(frequencies.estimates)["chao_lower"].value == pytest.approx(found["chao_lower"].value)
    assert frequencies.estimates[0].method == "loglinear Mh Poisson2"


def test_selected_and_averaged() -> None:
    report = estimate_hidden(hepatitis())
    assert [figure.role for figure in report.estimates].count("selected") == 1
    assert report.estimates[0].method == "loglinear A+B+C+A:B+A:C+B:C"
    models = published("taiwan_hav")["loglinear_by_interactions"].values()
    aic = np.array([m["results"]["AIC"] for m in models])
    size = np.array([m["results"]["abundance"] for m in models])
    se = np.array([m["results"]["stderr"] for m in models])
    weight = np.exp(-(aic - aic.min()) / 2)
    weight /= weight.sum()
    mean = float(weight @ size)
    averaged = by_method(report.estimates)["averaged"]
    assert averaged.value == pytest.approx(mean, rel=1e-6)
    assert averaged.se == pytest.approx(float(weight @ np.hypot(se, size - mean)), rel=1e-4)
    assert any("selected" in warning for warning in report.warnings)
    assert any("fits every count exactly" in warning for warning in report.warnings)


def test_two_lists_in_one_line() -> None:
    """The lake of the textbooks: 200 marked, 150 caught, 30 of them marked. (201)(151)/31 - 1."""
    assert estimate_chapman(200, 150, 30).value == pytest.approx(201 * 151 / 31 - 1)
    rows = np.repeat([[1, 1], [1, 0], [0, 1]], [30, 170, 120], axis=0)
    report = estimate_hidden(count_histories(("a", "b"), rows))
    assert report.estimates[0].value == pytest.approx(201 * 151 / 31 - 1)
    assert report.estimates[1].value == pytest.approx(1000)
