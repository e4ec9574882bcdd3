"""Against R: package sampling 2.9, numeric integrals in base R, Neyman's formulas on apipop."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sampling.frames import REFERENCE, reference
from tools.sampling import StratumFacts, allocate, inclusion_probabilities, pareto_probabilities, share_out

pytestmark = pytest.mark.skipif(not REFERENCE.is_file(), reason=f"{REFERENCE} is not on this machine")


@pytest.mark.parametrize("name", ["mild", "one_certainty", "cascade", "zeros", "heavy"])
def test_inclusion_probabilities(name: str) -> None:
    expected = reference()["inclusion_probabilities"][name]
    found = inclusion_probabilities(expected["size"], n=expected["n"])
    assert found == pytest.approx(expected["pik"], rel=1e-9, abs=1e-12)
    assert [i for i, pi in enumerate(found) if pi == 1] == expected["certainty_units_0based"]
    assert sum(found) == pytest.approx(expected["sum"], rel=1e-12)


@pytest.mark.parametrize("name", ["six_units", "five_units"])
def test_true_probabilities_of_pareto(name: str) -> None:
    expected = reference()["pareto_exact_first_order"][name]
    found = pareto_probabilities(expected["target"], n=expected["n"])
    assert found.tolist() == pytest.approx(expected["true"], abs=1e-6)


def facts(variable: str, cost: dict[str, float] | None = None) -> list[StratumFacts]:
    known = reference()["neyman_apipop"]
    return [StratumFacts(h, known["N"][h], known[f"S_{variable}"][h], (cost or {}).get(h, 1.0)) for h in known["N"]]


def times(n: int, shares: dict[str, float]) -> dict[str, Any]:
    return {stratum: pytest.approx(n * share, rel=1e-9) for stratum, share in shares.items()}


@pytest.mark.parametrize("variable", ["api00", "enroll"])
def test_neyman_and_proportional(variable: str) -> None:
    expected = reference()["neyman_apipop"][f"{variable}_n200"]
    strata = facts(variable)
    assert expected["neyman"]["unrounded"] == times(200, share_out(strata, allocation="neyman"))
    assert expected["proportional"] == times(200, share_out(strata, allocation="proportional"))
    assert allocate(strata, n=200, allocation="neyman") == expected["neyman"]["rounded"]


def test_cost_optimal() -> None:
    expected = reference()["neyman_apipop"]["cost_optimal_api00_n200"]
    shares = share_out(facts("api00", expected["cost"]), allocation="cost")
    assert expected["unrounded"] == times(200, shares)
