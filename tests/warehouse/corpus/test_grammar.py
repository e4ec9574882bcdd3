"""Statements that nobody wrote: guard and engine never disagree in the dangerous direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.corpus.grammar import Grammar
from tests.warehouse.corpus.throw import ROLES, SEED, throw


@pytest.mark.parametrize("role", ROLES)
def test_guard_and_engine_agree_on_two_hundred_statements(role: str, tmp_path: Path) -> None:
    check(200, seed=11, role=role, folder=tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_guard_and_engine_agree_on_five_thousand_statements(role: str, tmp_path: Path) -> None:
    check(5_000, seed=SEED, role=role, folder=tmp_path)


def check(number: int, *, seed: int, role: str, folder: Path) -> None:
    found = throw(number, seed=seed, role=role, folder=folder)
    assert found.canaries == []
    assert found.disagree == []
    assert found.other == []
    assert not found.changed
    assert found.goes_on
    assert min(found.ends["ok"], found.ends["declined"]) > number / (20 if role == "analyst" else 200), found.ends


def test_the_same_seed_makes_the_same_statements() -> None:
    assert list(Grammar(3).statements(50)) == list(Grammar(3).statements(50))
    assert len(set(Grammar(3).statements(500))) > 400
