"""Krippendorff's alpha and agreeing pairs against irr and irrCAC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.estimation.survey_data import reference
from tools.errors import InvalidInput
from tools.estimation import LabelCounts, estimate_agreement, krippendorff_alpha


def from_ratings(units: Sequence[Sequence[Any]]) -> LabelCounts:
    found: dict[tuple[int, Any], int] = {}
    for item, labels in enumerate(units):
        for label in labels:
            if label is not None:
                found[item, label] = found.get((item, label), 0) + 1
    return LabelCounts(
        item=np.array([k[0] for k in found]), label=np.array([k[1] for k in found]), n=np.array(list(found.values()))
    )


def from_table(table: Sequence[Sequence[int]]) -> LabelCounts:
    return from_ratings([[label for label, n in enumerate(row) for _ in range(n)] for row in table])


def values(name: str) -> dict[str, Any]:
    return dict(reference("agreement.json")["values"][name])


def coincidences(units: Sequence[Sequence[Any]]) -> list[list[float]]:
    """Written from the definition: each ordered pair within a unit counts 1/(m - 1)."""
    labels = sorted({v for unit in units for v in unit if v is not None})
    table = [[0.0] * len(labels) for _ in labels]
    for unit in units:
        seen = [labels.index(v) for v in unit if v is not None]
        for i, a in enumerate(seen):
            for j, b in enumerate(seen):
                if i != j:
                    table[a][b] += 1 / (len(seen) - 1)
    return table


def test_krippendorff_four_observers() -> None:
    by_observer = values("krippendorff_4x12")["ratings_by_observer"]
    units = list(zip(*by_observer, strict=True))
    expected = values("krippendorff_4x12")["alpha"]["nominal"]
    assert estimate_agreement(from_ratings(units)).value == pytest.approx(expected, rel=1e-9)
    assert krippendorff_alpha(coincidences(units)) == pytest.approx(expected, rel=1e-9)


def test_gwet_four_raters() -> None:
    raw = values("gwet_raw_4_raters")
    counts = from_ratings(raw["ratings_by_unit"])
    assert estimate_agreement(counts).value == pytest.approx(raw["krippendorff_alpha"]["coeff"], abs=1e-5)
    percent = estimate_agreement(counts, statistic="percent")
    assert percent.value == pytest.approx(raw["gwet_ac1"]["pa"], rel=1e-9)
    assert percent.n == 11


@pytest.mark.parametrize("name", ["fleiss_14x10", "fleiss_1971_30x6"])
def test_fleiss_tables(name: str) -> None:
    expected = values(name)
    counts = from_table(expected["table"])
    alpha = estimate_agreement(counts)
    if "krippendorff_alpha" in expected:
        assert alpha.value == pytest.approx(expected["krippendorff_alpha"]["coeff"], rel=1e-9)
        # irrCAC linearises a slightly different form; the two standard errors are alike, not equal
        assert alpha.se == pytest.approx(expected["krippendorff_alpha"]["se"], rel=0.1)
    kappa = expected["fleiss_kappa"]
    table = np.array(expected["table"], dtype=float)
    chance = float(((table.sum(axis=0) / table.sum()) ** 2).sum())
    percent = kappa["pa"] if isinstance(kappa, dict) else kappa * (1 - chance) + chance
    assert estimate_agreement(counts, statistic="percent").value == pytest.approx(percent, rel=1e-9)


def test_the_standard_error_is_that_of_the_jackknife() -> None:
    rng = np.random.default_rng(5)
    units = [list(rng.choice(3, size=rng.integers(2, 5), p=[0.6, 0.3, 0.1])) for _ in range(150)]
    found = estimate_agreement(from_ratings(units))
    without = [estimate_agreement(from_ratings(units[:i] + units[i + 1 :])).value for i in range(len(units))]
    left_out = np.array(without, dtype=float)
    jackknife = np.sqrt(149 / 150 * ((left_out - left_out.mean()) ** 2).sum())
    assert found.se == pytest.approx(jackknife, rel=0.02)


def test_nothing_to_agree_on() -> None:
    assert estimate_agreement(from_ratings([[1], [2]])).undefined == "no item has two labels"
    assert "only one label" in (estimate_agreement(from_ratings([[1, 1], [1, 1]])).undefined or "")
    assert estimate_agreement(from_ratings([[1, 2]])).undefined is not None
    assert krippendorff_alpha([[0.0, 0.0], [0.0, 0.0]]) is None
    assert krippendorff_alpha([[4.0]]) is None
    with pytest.raises(InvalidInput, match="square"):
        krippendorff_alpha([[1.0, 2.0]])
