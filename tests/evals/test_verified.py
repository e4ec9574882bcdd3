"""Verified queries asked again, as signed and otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.cli.main import run as transect
from evals.verified import failures, replay_to_json, replay_verified
from tests.agent.shop import build_shop
from tools.access import Asker
from tools.workspace import default_asker, load_workspace

MORE = """
  - {question: "Why did tickets go up?", query: {metrics: [tickets_opened]}, by: ben, on: 2026-03-02}
  - {question: "Is it calm?", query: {metrics: [tickets_opened], period: {from: 2031-01-01, to: 2031-02-01}}, by: ben, on: 2026-03-02}
  - {question: "Are we fine?", query: {metrics: [tickets_opened], by: [channel]}, by: ben, on: 2026-03-02}
  - {question: "tickets_opened by country", query: {metrics: [tickets_opened], by: [channel]}, by: ben, on: 2026-03-02}
"""  # noqa: E501


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    place = build_shop(tmp_path / "desk")
    file = place / "metrics" / "desk.yml"
    file.write_text(file.read_text(encoding="utf-8").rstrip() + MORE, encoding="utf-8")
    return place


def test_each_outcome(desk: Path) -> None:
    workspace = load_workspace(desk)
    replayed = replay_verified(workspace, asker=default_asker(workspace))
    assert [(r.verified.question, r.outcome) for r in replayed] == [
        ("How is Norway doing?", "as signed"),
        ("Why did tickets go up?", "not answered"),
        ("Is it calm?", "cannot be run"),
        ("Are we fine?", "as signed"),
        ("tickets_opened by country", "other reading"),
    ]
    assert [r.verified.by for r in failures(replayed)] == ["ben", "ben", "ben"]
    assert replay_to_json(replayed)["as_signed"] == 2


def test_what_a_role_may_not_see_is_neither_asked_nor_named(desk: Path) -> None:
    replayed = replay_verified(load_workspace(desk), asker=Asker(person="cy", roles=("clerk",)))
    assert "Are we fine?" not in {r.verified.question for r in replayed}
    assert "How is Norway doing?" in {r.verified.question for r in replayed}


def test_a_definition_that_changes_under_a_signed_query_is_seen(tmp_path: Path) -> None:
    place = build_shop(tmp_path / "desk")
    assert transect(["-w", str(place), "eval", "verified"]) == 0
    file = place / "metrics" / "desk.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('in: ["NO"]', 'in: ["SE"]'), encoding="utf-8")
    assert transect(["-w", str(place), "eval", "verified", "--json"]) == 1
    file.write_text(text[: text.index("verified_queries")], encoding="utf-8")
    assert transect(["-w", str(place), "eval", "verified"]) == 2
