"""First-order probabilities, at a printed fraction of `python -m tests.sampling.draws --full`."""

from __future__ import annotations

import pytest

from tests.sampling.draws import ALPHA, FULL, SHORT, draw_often, judge, trials
from tests.sampling.frames import REFERENCE

pytestmark = pytest.mark.skipif(not REFERENCE.is_file(), reason=f"{REFERENCE} is not on this machine")


@pytest.mark.parametrize("index", range(10))
def test_units_are_drawn_as_often_as_stated(index: int) -> None:
    trial = trials()[index]
    verdict = judge(draw_often(trial, draws=SHORT), trial.expected)
    print(f"{trial.name}: {SHORT:,} draws, {SHORT / FULL:.0%} of the full scale, p = {verdict.p_value:.4f}")
    assert verdict.p_value > ALPHA


def test_the_test_has_power() -> None:
    """Pareto's targets are not its probabilities: two units with targets 0.7 and 0.3 are drawn as 0.76 and 0.24."""
    trial = next(t for t in trials() if t.name == "pareto, two units")
    assert judge(draw_often(trial, draws=SHORT), (0.7, 0.3)).p_value < ALPHA


def test_no_trial_is_left_out() -> None:
    assert len(trials()) == 10
