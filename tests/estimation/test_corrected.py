"""Correction for a labeller's errors, against Lang and Reiczigel, epiR and the published melded interval."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.errors import Declined, InvalidInput
from tools.estimation.corrected import correct_bands, correct_design, correct_known, correct_simple, rogan_gladen
from tools.estimation.file.correct_report import correct_gold
from tools.estimation.intervals import Limits, clopper_pearson, wilson
from tools.estimation.melded import melded_limits
from tools.estimation.validation import Rate, read_rate

FILE = Path(__file__).parents[2] / "../shared/reference/misclassification.json"


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    if not FILE.is_file():
        pytest.skip("the reference values are absent: misclassification.json")
    values: dict[str, Any] = json.loads(FILE.read_text())["values"]
    return values


def test_lang_and_reiczigel(reference: dict[str, Any]) -> None:
    cases = reference["lang_reiczigel"] + reference["lang_reiczigel_other_levels"]
    assert len(cases) == 8
    for case in cases:
        i = case["inputs"]
        found = correct_simple(
            i["AP"] * i["nP"],
            i["nP"],
            sensitivity=Rate(i["Se"] * i["nSe"], i["nSe"]),
            specificity=Rate(i["Sp"] * i["nSp"], i["nSp"]),
            level=i["conf_level"],
        )
        assert found.value == pytest.approx(case["estimate"], rel=1e-9)
        assert (found.low, found.high) == pytest.approx(case["ci"], rel=1e-9, abs=1e-12)
        for ours, printed in zip((found.low, found.high), case.get("published_ci", ()), strict=False):
            assert round(ours, len(f"{printed}".partition(".")[2])) == printed


def test_known_rates_carry_limits_over(reference: dict[str, Any]) -> None:
    assert len(reference["epi_prev"]) == 8
    for case in reference["epi_prev"].values():
        i, level = case["inputs"], case["inputs"]["conf_level"]
        share = i["pos"] / i["tested"]
        limits = Limits(*case["apparent"]["ci"])
        if i["method"] == "c-p":
            limits = clopper_pearson(i["pos"], i["tested"], level=level)
            assert (limits.low, limits.high) == pytest.approx(case["apparent"]["ci"], rel=1e-9)
        if i["method"] == "wilson":
            limits = wilson(share, i["tested"], level=level)
            assert (limits.low, limits.high) == pytest.approx(case["apparent"]["ci"], rel=1e-9)
        rates: dict[str, Any] = {"sensitivity": Rate(i["se"], math.inf), "specificity": Rate(i["sp"], math.inf)}
        found = correct_known(share, limits, **rates, method=i["method"])
        assert found.raw == pytest.approx(case["true"]["est"], rel=1e-9)
        assert (found.raw_limits.low, found.raw_limits.high) == pytest.approx(case["true"]["ci"], rel=1e-9)
        printed = case.get("published_per_100") or case.get("published")
        if printed is not None:  # the help page cuts -3.7 and -6.5 to -4 and -6
            numbers = [float(n) for n in re.findall(r"-?\d+", printed.replace("95%", ""))][:3]
            shares = (found.raw, found.raw_limits.low, found.raw_limits.high)
            assert [abs(100 * s - n) <= 0.6 for s, n in zip(shares, numbers, strict=False)] == [True] * 3


def test_the_melded_interval(reference: dict[str, Any]) -> None:
    i, results = reference["melded_WprevSeSp"]["inputs"], reference["melded_WprevSeSp"]["results"]
    x, n, w = (np.array(i[key], dtype=float) for key in ("x", "n", "w"))
    share = float((w * x / n).sum())
    n_eff = share * (1 - share) / float((w * w * x / n / n).sum())
    rates: dict[str, Any] = {"sensitivity": Rate(i["cp"], i["mp"]), "specificity": Rate(i["mn"] - i["cn"], i["mn"])}
    limits = melded_limits(share, n_eff, **rates, level=0.95)
    assert limits.low < 0  # which asht clips to 0
    with pytest.raises(Declined, match="Specificity is known to"):
        correct_design(share, n_eff, **rates)  # the default declines it; the figures are those it would have had
    for expected in (results["binomial"], results["poisson"]):
        found = rogan_gladen(share, rates["sensitivity"].value, rates["specificity"].value)
        assert found == pytest.approx(expected["est"], rel=1e-9)
        within = 4 * expected["mc_sd_of_one_run"][1]
        assert limits.high == pytest.approx(expected["ci95_mean_of_5_seeds"][1], abs=within)


def test_melding_exact_rates_is_clopper_pearson() -> None:
    known: dict[str, Any] = {"sensitivity": Rate(1, math.inf), "specificity": Rate(1, math.inf)}
    found = melded_limits(0.02, 500, **known, level=0.95)
    exact = clopper_pearson(10, 500, level=0.95)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), rel=1e-6)


def test_specificity_known_too_poorly_is_declined() -> None:
    with pytest.raises(Declined) as found:
        correct_simple(30, 10_000, sensitivity=Rate(90, 100), specificity=Rate(1998, 2000))
    assert (found.value.reason, found.value.rule) == ("uncorrectable", "specificity_unknown")
    # 16 Sp(1-Sp)/P² with P = (0.003 + 0.999 - 1)/(0.9 + 0.999 - 1)
    needed = math.ceil(16 * 0.999 * 0.001 / (0.002 / 0.899) ** 2)
    assert f"{needed:,} gold negatives" in found.value.hint


def test_as_many_gold_negatives_as_named_are_enough() -> None:
    found = correct_simple(30, 10_000, sensitivity=Rate(90, 100), specificity=Rate(0.999 * 3300, 3300))
    assert found.value == pytest.approx(0.002 / 0.899)


@pytest.mark.parametrize(("sensitivity", "specificity"), [("50/100", "50/100"), ("10/100", "60/100")])
def test_no_better_than_chance(sensitivity: str, specificity: str) -> None:
    rates: dict[str, Any] = {
        "sensitivity": read_rate(sensitivity, name="s"),
        "specificity": read_rate(specificity, name="s"),
    }
    with pytest.raises(Declined, match="no better than chance"):
        correct_simple(30, 100, **rates)


def test_both_limits_below_0_are_declined() -> None:
    known: dict[str, Any] = {"sensitivity": Rate(0.9, math.inf), "specificity": Rate(0.9, math.inf)}
    with pytest.raises(Declined, match="below 0"):
        correct_simple(10, 1_000, **known)


def test_a_value_below_0_is_clipped_with_a_note() -> None:
    known: dict[str, Any] = {"sensitivity": Rate(0.964, math.inf), "specificity": Rate(0.927, math.inf)}
    found = correct_known(6 / 151, clopper_pearson(6, 151, level=0.95), **known, method="clopper-pearson")
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(0.0128821776207282)
    assert "set to 0" in found.notes[0]


@pytest.mark.parametrize("text", ["92", "a/b", "101/100", "-1/10", "1.2/inf", "nan/10", "inf/inf", "/"])
def test_rates_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_rate(text, name="sensitivity")


def test_an_empty_validation() -> None:
    with pytest.raises(InvalidInput) as found:
        read_rate("0/0", name="sensitivity")
    assert found.value.code == "empty_validation"


def test_decimals_and_known_rates() -> None:
    assert read_rate("91.5/100", name="sensitivity").value == pytest.approx(0.915)
    assert read_rate("0.92/inf", name="sensitivity").se == 0


def test_bands_with_their_own_rates() -> None:
    known: dict[str, Any] = {"sensitivity": Rate(1, math.inf), "specificity": Rate(1, math.inf)}
    bands = [correct_design(0.1, 1_000, **known), correct_design(0.5, 400, **known)]
    found = correct_bands(bands, [3, 1])
    assert found.value == pytest.approx(0.75 * 0.1 + 0.25 * 0.5)
    arms = [(b.high - b.raw) * w for b, w in zip(bands, (0.75, 0.25), strict=True)]
    assert found.high == pytest.approx(found.value + math.hypot(*arms))


def test_error_of_gold() -> None:
    """Truth .9 and .99 seen through gold of which 2 % of each class is of the other."""
    seen = (0.98 * 0.9 + 0.02 * 0.01, 0.98 * 0.99 + 0.02 * 0.1)
    assert correct_gold(*seen, error=0.02) == pytest.approx((0.9, 0.99))
