"""Inclusion probabilities, at a printed fraction of `python -m tests.sampling.draws --full`."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sampling.draws import ALPHA, FULL, SHORT, draw_often, judge, judge_pairs
from tests.sampling.frames import REFERENCE
from tests.sampling.trials import Trial, trials
from tools.sampling import Design

pytestmark = pytest.mark.skipif(not REFERENCE.is_file(), reason=f"{REFERENCE} is not on this machine")
TRIALS = 20


@pytest.mark.parametrize("index", range(TRIALS))
def test_units_and_pairs_are_drawn_as_often_as_stated(index: int) -> None:
    trial = trials()[index]
    drawn = draw_often(trial, draws=SHORT)
    verdict = judge(drawn, trial.expected)
    print(f"{trial.name}: {SHORT:,} draws, {SHORT / FULL:.0%} of the full scale, p = {verdict.p_value:.4f}")
    assert verdict.p_value > ALPHA
    if trial.joint is not None and len(trial.joint) > 2:
        assert judge_pairs(drawn, trial.joint).p_value > ALPHA


def named(name: str) -> Trial:
    return next(trial for trial in trials() if trial.name == name)


def test_the_test_has_power() -> None:
    """Pareto's targets are not its probabilities: two units with targets 0.7 and 0.3 are drawn as 0.76 and 0.24."""
    assert judge(draw_often(named("pareto, two units"), draws=SHORT), (0.7, 0.3)).p_value < ALPHA


def test_the_test_of_pairs_has_power() -> None:
    """Units of a fixed-size draw are not drawn independently."""
    trial = named("pareto")
    assert judge_pairs(draw_often(trial, draws=SHORT), np.outer(trial.expected, trial.expected)).p_value < ALPHA


def test_no_trial_is_left_out() -> None:
    assert len(trials()) == TRIALS
    designs = {model.model_fields["type"].default for model in Design.__origin__.__args__}  # type: ignore[attr-defined]
    assert designs == {"srs", "stratified", "pps", "poisson", "cluster", "panel", "daily"}
