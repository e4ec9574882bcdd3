"""SQL text under fire: right answers or an honest word, none stuck, no process and no audit line lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.fire import SEED, Outcome, fire

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find its children")


def test_four_threads_of_fifteen_with_random_kills(tmp_path: Path) -> None:
    check(fire(tmp_path, threads=4, queries=15, seed=SEED))


@pytest.mark.soak
def test_eight_threads_of_two_hundred_with_random_kills(tmp_path: Path) -> None:
    check(fire(tmp_path, threads=8, queries=200, seed=SEED))


def check(outcome: Outcome) -> None:
    assert outcome.wrong == []
    assert outcome.stuck == 0
    assert outcome.left == []
    assert outcome.audit is not None
    assert outcome.audit.faults == ()
    assert outcome.audit.lines == outcome.asked
    assert outcome.killed
    assert outcome.ends["answered"] + outcome.ends["declined"] > len(outcome.seconds) / 2
    assert outcome.ends["declined"] > 0
    assert max(outcome.seconds) < 60
    assert outcome.good
