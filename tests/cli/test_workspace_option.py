"""-w may stand before or after the command, or between a group and its command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Transect


def test_before_between_and_after(demo: Path, transect: Transect) -> None:
    found = [
        transect("-w", demo, "metrics", "list", "--json"),
        transect("metrics", "-w", demo, "list", "--json"),
        transect("metrics", "list", "-w", demo, "--json"),
        transect("metrics", "list", "--workspace", demo / "metrics", "--json"),  # upwards from a folder in it
    ]
    assert [done.code for done in found] == [0, 0, 0, 0]
    assert len({done.out for done in found}) == 1


def test_the_innermost_counts(demo: Path, transect: Transect, tmp_path: Path) -> None:
    assert transect("-w", tmp_path, "metrics", "list", "-w", demo).code == 0
    assert transect("-w", demo, "metrics", "list", "-w", tmp_path).code == 2


def test_the_nearest_upwards_is_the_default(demo: Path, transect: Transect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(demo / "data")
    assert transect("metrics", "list").code == 0
