"""Alpha and agreeing pairs from counts per item: irr and irrCAC, the interval of `transect agreement`, and its time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytest

from tests.estimation.survey_data import reference
from tools.errors import InvalidInput
from tools.estimation import LabelCounts, estimate_agreement
from tools.labeling import measure_agreement


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


def test_krippendorff_four_observers() -> None:
    by_observer = values("krippendorff_4x12")["ratings_by_observer"]
    units = list(zip(*by_observer, strict=True))
    expected = values("krippendorff_4x12")["alpha"]["nominal"]
    assert estimate_agreement(from_ratings(units)).value == pytest.approx(expected, rel=1e-9)


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


def rows_of(units: Sequence[Sequence[Any]]) -> list[tuple[str, str, str]]:
    return [(f"{i:05}", str(r), str(label)) for i, unit in enumerate(units) for r, label in enumerate(unit)]


def pairs(*, items: int, wrong: int) -> list[tuple[str, str]]:
    """Two labellers who differ on the first few items."""
    return [("a", "b") if i < wrong else ("a", "a") if i % 4 else ("b", "b") for i in range(items)]


@pytest.mark.parametrize("wrong", [0, 1, 3, 40])
def test_alpha_has_the_interval_of_the_command(wrong: int) -> None:
    units = pairs(items=400, wrong=wrong)
    found, command = estimate_agreement(from_ratings(units)), measure_agreement(rows_of(units)).alpha
    assert (found.low, found.high) == pytest.approx((command.low, command.high), rel=1e-12)
    assert found.value == pytest.approx(command.value, rel=1e-12)
    assert found.method == command.method
    assert found.one_sided == (wrong == 0)
    assert (found.se is None) == (wrong == 0)


def test_the_order_of_the_rows_changes_no_digit() -> None:
    counts = from_ratings(pairs(items=300, wrong=12))
    mixed = np.random.default_rng(2).permutation(len(counts.item))
    again = LabelCounts(item=counts.item[mixed], label=counts.label[mixed], n=counts.n[mixed])
    assert estimate_agreement(again) == estimate_agreement(counts)


@pytest.mark.parametrize("statistic", ["alpha", "percent"])
def test_rare_disagreement_is_covered(statistic: Literal["alpha", "percent"]) -> None:
    """Two labellers who differ on 1 item in 100: estimate ± t·SE of 100 items would hold the truth in some 63 %."""
    share, items, replicates = 0.01, 100, 200
    a, b = 0.75 - share / 2, 0.25 - share / 2  # of ("a", "a") and ("b", "b")
    truth = 1 - share if statistic == "percent" else 1 - share / (2 * (a + share / 2) * (b + share / 2))
    held = 0
    for seed in range(replicates):
        same, other, unlike = np.random.default_rng(seed).multinomial(items, (a, b, share))
        units = [("a", "a")] * same + [("b", "b")] * other + [("a", "b")] * unlike
        found = estimate_agreement(from_ratings(units), statistic=statistic)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert held >= 0.93 * replicates  # 95 % less two and a half Monte Carlo standard errors, rounded


def test_ten_thousand_items_cost_little() -> None:
    rng = np.random.default_rng(8)
    units = [list(rng.choice(4, size=rng.integers(2, 6), p=[0.6, 0.2, 0.1, 0.1])) for _ in range(10_000)]
    counts = from_ratings(units)
    estimate_agreement(counts)  # scipy is loaded
    begun = time.process_time()
    estimate_agreement(counts)
    assert time.process_time() - begun < 0.5


def test_nothing_to_agree_on() -> None:
    assert estimate_agreement(from_ratings([[1], [2]])).undefined == "no item has two labels"
    assert estimate_agreement(LabelCounts(item=np.array([]), label=np.array([]), n=np.array([], np.int64))).n == 0
    assert "only one label" in (estimate_agreement(from_ratings([[1, 1], [1, 1]])).undefined or "")
    assert estimate_agreement(from_ratings([[1, 2]])).undefined is not None
    with pytest.raises(InvalidInput, match="level"):
        estimate_agreement(from_ratings([[1, 2]]), level=95)


def test_agreeing_pairs_of_one_label_are_all_of_them() -> None:
    found = estimate_agreement(from_ratings([[1, 1]] * 50), statistic="percent")
    assert (found.value, found.high, found.one_sided) == (1.0, 1.0, True)
    assert found.low == pytest.approx(0.05 ** (1 / 50), rel=1e-12)
