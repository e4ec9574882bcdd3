"""Published cases beyond the reference file, typed in from the sources named, and the digits that the file prints."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from tests.labeling.ratings import Row, reference, rows_by_unit, rows_of_counts, rows_of_pairs
from tools.estimation import Estimate
from tools.estimation.agreement import (
    Chance,
    Resampling,
    Scale,
    collapse_votes,
    estimate_cohen_kappa,
    estimate_pair_agreement,
)
from tools.labeling import AgreementReport, measure_agreement

FEW = Resampling(replications=100)


def measured(rows: list[Row], scale: Scale = "nominal") -> AgreementReport:
    return measure_agreement(rows, scale=scale, replications=100)


def of_two_labels(both: int, one: int, neither: int, chance: Chance) -> Estimate:
    """Two raters who both say yes, of whom one says yes, who both say no."""
    votes = np.repeat([[2.0, 0.0], [1.0, 1.0], [0.0, 2.0]], [both, one, neither], axis=0)
    return estimate_pair_agreement(collapse_votes(csr_array(votes)), chance=chance, how=FEW)


# Cohen 1960, Educational and Psychological Measurement 20:37-46: 200 psychiatric diagnoses by two judges.
DIAGNOSES = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]


def test_cohen_1960() -> None:
    """Agreement .70, expected .41, kappa .492."""
    report = measured(rows_of_pairs(DIAGNOSES))
    assert report.kappa.metric == "cohen_kappa"
    assert report.kappa.value == pytest.approx(0.492, abs=5e-4)


def test_cohen_1968() -> None:
    """Cohen 1968, Psychological Bulletin 70:213-220: disagreement counts 1, 3 and 6; weighted kappa .348."""
    disagreement = np.array([[0.0, 1, 3], [1, 0, 6], [3, 6, 0]])
    first, second = (np.repeat(codes.ravel(), np.ravel(DIAGNOSES)) for codes in np.indices((3, 3)))
    found = estimate_cohen_kappa(first, second, weights=1 - disagreement / 6, how=FEW)
    assert found.value == pytest.approx(0.348, abs=5e-4)


@pytest.mark.parametrize(("table", "kappa"), [([[40, 9], [6, 45]], 0.70), ([[80, 10], [5, 5]], 0.32)])
def test_feinstein_and_cicchetti_1990(table: list[list[int]], kappa: float) -> None:
    """J. Clin. Epidemiol. 43:543-549, the first paradox: 85 of 100 agree in both tables, and kappa is .70 and .32.

    Adjusted for prevalence and bias both have 2·0.85 - 1 (Byrt, Bishop and Carlin 1993, ibid. 46:423-429).
    """
    assert measured(rows_of_pairs(table)).kappa.value == pytest.approx(kappa, abs=5e-3)
    (a, b), (c, d) = table
    assert of_two_labels(a, b + c, d, "uniform").value == pytest.approx(0.70, rel=1e-12)
    assert of_two_labels(a, b + c, d, "none").value == pytest.approx(0.85, rel=1e-12)


def test_gwet_2002() -> None:
    """Gwet 2002, "Kappa statistic is not satisfactory": of 125 both say yes to 118, one to 7, none says no twice.

    Agreement .944, kappa -.0234, Scott's pi -.0288, AC1 .9408.
    """
    report = measured(rows_of_pairs([[118, 5], [2, 0]]))
    assert report.kappa.value == pytest.approx(-0.0234, abs=5e-5)
    assert report.ac1.value == pytest.approx(0.9408, abs=5e-5)
    assert of_two_labels(118, 7, 0, "fleiss").value == pytest.approx(-0.0288, abs=5e-5)
    assert of_two_labels(118, 7, 0, "none").value == pytest.approx(0.944, rel=1e-12)


@pytest.mark.parametrize(
    ("first", "second", "alpha"),
    [("0100000010", "1110010000", 0.095), ("aabbdcccedda", "babbbccceddd", 0.692)],
)
def test_krippendorff_2011_two_observers(first: str, second: str, alpha: float) -> None:
    """In "Computing Krippendorff's alpha-reliability", sections A (two labels, ten units) and B (five, twelve)."""
    assert measured(rows_by_unit(zip(first, second, strict=True))).alpha.value == pytest.approx(alpha, abs=5e-4)


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff_2011_as_printed(scale: Scale) -> None:
    """Sections C and D: four observers, twelve units, labels missing, four scales."""
    expected = reference("krippendorff_4x12")
    report = measured(rows_by_unit(zip(*expected["ratings_by_observer"], strict=True)), scale)
    assert round(report.alpha.value or 0, 3) == expected["published"][scale]


def test_tables_as_printed() -> None:
    gwet = measured(rows_by_unit(reference("gwet_raw_4_raters")["ratings_by_unit"]))
    assert round(gwet.ac1.value or 0, 3) == reference("gwet_raw_4_raters")["published"]["gwet_ac1"]
    for name in ("fleiss_14x10", "fleiss_1971_30x6"):
        expected = reference(name)
        kappa = measured(rows_of_counts(expected["table"])).kappa.value
        assert round(kappa or 0, 2) == expected["published"]["fleiss_kappa"]
    for name, kappa, adjusted in (("salmon", 0.67, 0.89), ("cows", 0.89, 0.89)):
        (a, b), (c, d) = reference(f"cohen_epi_kappa_{name}")["table"]
        assert round(measured(rows_of_pairs([[a, b], [c, d]])).kappa.value or 0, 2) == kappa
        assert round(of_two_labels(a, b + c, d, "uniform").value or 0, 2) == adjusted


def test_agreement_and_chance_of_the_reference() -> None:
    """pa, and what is left of it: pe = (pa - coefficient)/(1 - coefficient)."""
    for name in ("gwet_raw_4_raters", "fleiss_14x10", "fleiss_1971_30x6"):
        expected = reference(name)
        rows = (
            rows_by_unit(expected["ratings_by_unit"]) if name.startswith("gwet") else rows_of_counts(expected["table"])
        )
        items = sorted({item for item, _, _ in rows})
        labels = sorted({label for _, _, label in rows})
        votes = np.zeros((len(items), len(labels)))
        for item, _, label in rows:
            votes[items.index(item), labels.index(label)] += 1
        patterns = collapse_votes(csr_array(votes))
        pa = estimate_pair_agreement(patterns, chance="none", how=FEW).value
        assert pa == pytest.approx(expected["gwet_ac1"]["pa"], rel=1e-9)
        for chance, key in (("gwet", "gwet_ac1"), ("fleiss", "fleiss_kappa"), ("uniform", "brennan_prediger")):
            known = expected.get(key)
            if isinstance(known, dict):
                found = estimate_pair_agreement(patterns, chance=chance, how=FEW)  # type: ignore[arg-type]
                assert found.value == pytest.approx(known["coeff"], abs=1e-5)
                assert found.se == pytest.approx(known["se"], abs=1e-5)
                assert found.value is not None
                assert pa is not None
                assert (pa - found.value) / (1 - found.value) == pytest.approx(known["pe"], rel=1e-9)
