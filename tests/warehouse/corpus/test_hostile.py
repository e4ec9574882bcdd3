"""SQL that wants to do harm: nothing hidden comes out, nothing changes, and the next statement works."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.corpus.ablation import (
    ANALYST,
    HEAVY,
    HOSTILE,
    LAYERS,
    QUICK,
    ablate,
    is_attack,
    run,
)
from tests.warehouse.corpus.place import Statement
from tests.warehouse.corpus.raw import Unguarded
from tools.warehouse import open_warehouse
from tools.workspace import load_workspace

SLOW = [each for each in HOSTILE if each.group.startswith(HEAVY)]


@pytest.fixture
def own(place: Path, tmp_path: Path) -> Path:
    """A copy of the place that a test may look at alone."""
    return Path(shutil.copytree(place, tmp_path / "w", ignore=shutil.ignore_patterns(".transect")))


def test_the_corpus_is_large() -> None:
    assert len(HOSTILE) >= 300
    assert len({each.group for each in HOSTILE}) >= 20


def test_each_statement_does_on_duckdb_what_its_class_says(tmp_path: Path) -> None:
    """A corpus of typing errors would prove nothing."""
    unguarded, wrong = Unguarded(tmp_path), []
    for each in QUICK:
        expected = each.group.rpartition(" | ")[2]
        found = unguarded.effect(each.sql) if expected != "parses" else "parses"
        if found != expected and (found, expected) != ("leaks", "runs"):
            wrong.append((expected, found, each.sql))
    assert wrong == []


def test_nothing_hidden_comes_out_and_nothing_changes(own: Path) -> None:
    found = ablate(own, LAYERS["nothing"], QUICK)
    assert found.leaks == []
    assert found.changed == []
    assert found.ends["ok"] < 100  # whole rows and stars run, and show what may be seen
    assert found.ends["declined"] > 500
    assert found.ends["failed"] == 0
    assert found.sound


@pytest.mark.parametrize("heavy", SLOW[::6], ids=lambda each: each.sql[:60])
def test_a_statement_that_would_take_everything_ends_soon(heavy: Statement, place: Path) -> None:
    ends_soon(heavy, place)


@pytest.mark.soak
@pytest.mark.parametrize("heavy", SLOW, ids=lambda each: each.sql[:60])
def test_every_statement_that_would_take_everything_ends_soon(heavy: Statement, place: Path) -> None:
    ends_soon(heavy, place)


def ends_soon(heavy: Statement, place: Path) -> None:
    """Within twice its deadline, and the next statement works."""
    import time

    warehouse = open_warehouse(load_workspace(place))
    warehouse.run_untrusted("select 1", asker=ANALYST)
    begun = time.monotonic()
    outcome, _ = run(warehouse, heavy, place)
    assert time.monotonic() - begun < 6.5  # limits.seconds is 3
    assert outcome in ("declined", "error", "ok")
    assert warehouse.run_untrusted("select count(*) from users", asker=ANALYST).rows == [(1200,)]


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "nothing"])
def test_without_any_one_layer_the_others_hold(name: str, own: Path) -> None:
    """A third of the attacks, another third for each layer; the whole corpus is in docs/evidence/ablation.md."""
    attacks = [each for each in QUICK if is_attack(each)]
    found = ablate(own, LAYERS[name], attacks[list(LAYERS).index(name) % 3 :: 3])
    assert found.attacks > 100
    assert found.leaks == []
    assert found.changed == []
    assert found.sound


@pytest.mark.soak
@pytest.mark.parametrize("name", LAYERS)
def test_without_any_one_layer_all_attacks_fail(name: str, own: Path) -> None:
    found = ablate(own, LAYERS[name], QUICK)
    assert found.attacks_out == []
    assert found.changed == []
    assert found.sound
    assert found.leaks == [] or name == "the projection"


def test_duckdb_is_the_one_that_was_measured() -> None:
    assert duckdb.__version__.startswith("2.")
