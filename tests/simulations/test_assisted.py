"""Assisted and corrected shares and actors, a few cells at a printed fraction of the full scale, by the same code."""

from __future__ import annotations

import pytest

from tests.simulations.actors import run_cell as run_actors
from tests.simulations.assisted import run_cell as run_assisted
from tests.simulations.corrected import run_cell as run_corrected
from tests.simulations.run_study import FULL

REPLICATES = 60


@pytest.fixture(autouse=True)
def scale() -> None:
    print(f"{REPLICATES} of {FULL:,} replicates = {REPLICATES / FULL:.1%} of the full scale")


@pytest.mark.parametrize(("design", "prevalence"), [("simple", 0.1), ("steered", 0.01), ("simple", 0.001)])
def test_assisted_shares(design: str, prevalence: float) -> None:
    found = run_assisted(design, prevalence, 2_000, 0.95, REPLICATES)
    assert found.replicates == REPLICATES
    assert not found.failed
    assert found.ratio is not None
    assert found.ratio <= 1.05


def test_corrected_shares() -> None:
    assert not run_corrected("simple", 0.1, 2_000, (0.999, 20_000), REPLICATES).failed
    rare = run_corrected("simple", 0.0001, 2_000, (0.99, 2_000), REPLICATES)
    assert rare.mostly_declined
    assert not rare.failed


def test_actors() -> None:
    found = run_actors(200, 200, 1, 0.2, 20)
    assert not found.failed
    assert found.other["counting flags is wrong"] == 20
