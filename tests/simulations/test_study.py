"""Whole studies at a printed fraction of their full scale, by the same code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.shared_data import real_files
from tests.simulations.study import (
    COMPLETE,
    FULL,
    LEAST,
    SHORT,
    SHORT_COMPLETE,
    Messages,
    build_workspace,
    command_line,
    complete_run,
    estimate_seed,
    plan_once,
    read_messages,
    run_seeds,
)
from tools.estimation.intervals import wilson
from tools.sampling import Unit
from tools.workspace import Workspace


@pytest.fixture(scope="module")
def messages() -> Messages:
    real_files("sms_spam/messages.csv")
    return read_messages()


@pytest.fixture(scope="module")
def workspace(messages: Messages, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_workspace(tmp_path_factory.mktemp("sms") / "w", messages, command_line)


def test_the_interval_holds_the_truth(workspace: Workspace, messages: Messages) -> None:
    """The full scale is judged in docs/evidence/study.md; here a share that is far below would show."""
    print(f"{SHORT} of {FULL:,} seeds = {SHORT / FULL:.0%} of the full scale, seeds 0..{SHORT - 1}")
    found = run_seeds(plan_once(workspace), messages, range(SHORT))
    assert found.covered + found.too_low + found.too_high == SHORT
    assert wilson(found.share, SHORT, level=0.99).high >= LEAST
    assert round(messages.truth, 5) == 0.13402
    assert found.width < found.width_simple


def test_a_whole_study_through_the_command_line(workspace: Workspace, messages: Messages) -> None:
    print(f"{SHORT_COMPLETE} of {COMPLETE} complete runs")
    plan = plan_once(workspace, id="again")
    units = [Unit(id, stratum=band) for id, band in messages.band.items()]
    for seed in range(SHORT_COMPLETE):
        figure = complete_run(workspace, messages, seed, command_line)
        assert figure == estimate_seed(plan, messages, units, seed)


def test_the_frame_knows_no_truth(workspace: Workspace) -> None:
    for path in Path(workspace.root / "metrics").rglob("*.yml"):
        assert "spam" not in path.read_text()
