"""The interval of a prevalence answer, worked out once more: stratified bundles, ultimate clusters, Korn-Graubard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta, t  # type: ignore[import-untyped]

from evals.ask import Asking, ask_product
from evals.recipes import Prepared, open_truth, prepare, read_recipes

ROWS = """
select stratum, bundle_id, weight, (label = 'violating')::int, ({domain})::int, bundles_in_stratum
from labelled_messages
"""


@pytest.fixture(scope="module")
def demo(kept: Path) -> Prepared:
    return prepare(read_recipes()["demo"], cache=kept)


def korn_graubard(rows: list[tuple[str, str, float, int, int, int]]) -> tuple[float, float, float]:
    """Estimate and 95 % limits of the domain's share (Korn and Graubard 1998, with df of clusters minus strata)."""
    weight = sum(w * d for _, _, w, _, d, _ in rows)
    share = sum(w * y * d for _, _, w, y, d, _ in rows) / weight
    strata: dict[tuple[str, int], dict[str, float]] = {}
    for stratum, bundle, w, y, d, size in rows:
        sums = strata.setdefault((stratum, size), {})
        sums[bundle] = sums.get(bundle, 0.0) + w * d * (y - share) / weight
    variance = 0.0
    for (_, size), sums in strata.items():
        z, m = np.array(list(sums.values())), len(sums)
        variance += (1 - m / size) * m / (m - 1) * float(((z - z.mean()) ** 2).sum())
    present = {(stratum, bundle) for stratum, bundle, _, _, d, _ in rows if d}
    df = len(present) - len({stratum for stratum, _ in present})
    effective = share * (1 - share) / variance * (t.ppf(0.975, len(rows) - 1) / t.ppf(0.975, df)) ** 2
    x = share * effective
    return share, float(beta.ppf(0.025, x, effective - x + 1)), float(beta.ppf(0.975, x + 1, effective - x))


@pytest.mark.parametrize(
    ("question", "domain"),
    [
        ("violating message prevalence", "true"),
        ("violating message prevalence on api", "surface = 'api'"),
        (
            "violating message prevalence in February 2026",
            "created_at >= '2026-02-01' and created_at < '2026-03-01'",
        ),
    ],
)
def test_value_and_limits_agree(demo: Prepared, question: str, domain: str) -> None:
    with open_truth(demo.truth) as connection:
        expected = korn_graubard(connection.execute(ROWS.format(domain=domain)).fetchall())
    figure = ask_product(Asking(question, demo)).answer.figures[0]
    assert (figure.value, figure.low, figure.high) == pytest.approx(expected, rel=1e-9)
