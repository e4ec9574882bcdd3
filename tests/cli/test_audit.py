"""`transect audit verify` as its user meets it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Transect


@pytest.fixture
def place(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "w", ignore=shutil.ignore_patterns("state.db*", "roles")))


def test_the_chain_of_what_was_asked(place: Path, transect: Transect, tmp_path: Path) -> None:
    assert transect("-w", place, "sql", "select 1 as x").code == 0
    assert transect("-w", place, "sql", "drop table messages").code == 3
    done = transect("-w", place, "audit", "verify", "--json")
    assert (done.code, done.document["lines"], done.document["faults"]) == (0, 2, [])
    (tmp_path / "head.json").write_text(done.out)
    assert transect("-w", place, "sql", "select 2 as x").code == 0
    assert transect("-w", place, "audit", "verify", "--head", tmp_path / "head.json").code == 0
    with sqlite3.connect(place / ".transect" / "state.db") as connection:
        connection.execute("drop trigger audit_no_delete")
        connection.execute("delete from audit where seq = 2")
    connection.close()
    changed = transect("-w", place, "audit", "verify", "--head", tmp_path / "head.json")
    assert changed.code == 1
    assert "fault: line 2 is missing" in changed.out
    assert "The chain was changed." in changed.out


def test_without_a_key_it_says_what_it_cannot_show(place: Path, transect: Transect) -> None:
    assert "no audit key is set: accidents show, forgery does not" in transect("-w", place, "audit", "verify").out


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"seq": "x", "hash": 1}', "\x00"])
def test_a_file_without_a_head(content: str, place: Path, transect: Transect, tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text(content)
    done = transect("-w", place, "audit", "verify", "--head", tmp_path / "head.json", "--json")
    assert done.code == 2
    assert "no head" in json.loads(done.out)["error"]["message"]
    assert transect("-w", place, "audit", "verify", "--head", tmp_path / "missing.json").code == 2
