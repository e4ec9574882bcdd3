"""A study that a model planned is approved by a button: by whom it may be, for exactly the plan that was shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.model.server import Use, serve
from tests.slack.block_rules import words_of
from tests.slack.conftest import BEN, EVE, MIA, PEOPLE, copy_workspace
from tests.slack.in_process import InProcess
from tests.slack.local_slack import LocalSlack
from tools.model import ToolCall

LOST = "how zesty are our flumps"  # nothing that the embedded planner could read
PLAN = {"dataset": "messages", "policy": "fraud", "title": "Fraud among messages"}


@pytest.fixture
def planned(demo: Path, tmp_path: Path, slack: LocalSlack) -> Iterator[tuple[InProcess, dict[str, Any]]]:
    """The bot, and its message about a study that waits for approval."""
    place = copy_workspace(demo, tmp_path / "place", '\n[study]\napprovers = ["ben"]\nusd_per_label = 0.5\n' + PEOPLE)
    call = Use((ToolCall("call-1", "plan_study", json.dumps(PLAN)),))
    with serve([call, call]) as server:
        text = (place / "transect.toml").read_text("utf-8")
        model = f'name = "scripted"\nbase_url = "{server.url}"\napi_key_env = ""\n'
        (place / "transect.toml").write_text(text.replace('name = "embedded"', model, 1), "utf-8")
        with InProcess(place, slack) as bot:
            (post,) = bot.ask(MIA, "C0MIA", LOST)
            slack.channels["C0MIA"].members += [BEN, EVE]
            yield bot, post


def told(slack: LocalSlack) -> str:
    return str(slack.called("chat.postEphemeral")[-1]["text"])


def test_only_who_may_approves_and_only_once(planned: tuple[InProcess, dict[str, Any]], slack: LocalSlack) -> None:
    bot, post = planned
    assert post["metadata"]["event_payload"]["kind"] == "study"
    assert "Approve up to $" in words_of(post)
    (folder,) = (bot.root / "studies").iterdir()
    for person, words in ((MIA, "not one of study.approvers"), (EVE, "You hold no role")):
        slack.press(person, "C0MIA", post["ts"], "study:approve")
        bot.work()
        assert words in told(slack)
        assert not (folder / "approval.json").exists()
    slack.press(BEN, "C0MIA", post["ts"], "study:approve")
    bot.work()
    approval = json.loads((folder / "approval.json").read_text("utf-8"))
    assert (approval["by"], approval["study"]) == ("ben", folder.name)
    assert approval["budget_usd"] == approval["cost_usd"] > 0
    assert told(slack) == f"Approved up to ${approval['budget_usd']:,.2f} in the name of ben."
    assert [row["outcome"] for row in bot.rows("slack_inbox")][1:] == ["refused", "refused", "approved"]
    assert [row["person"] for row in bot.rows("audit") if row["action"] == "study_approve"] == ["ben"]


def test_a_plan_that_changed_since_is_not_approved(
    planned: tuple[InProcess, dict[str, Any]], slack: LocalSlack
) -> None:
    bot, post = planned
    (folder,) = (bot.root / "studies").iterdir()
    spec = (folder / "study.yml").read_text("utf-8")
    (folder / "study.yml").write_text(spec.replace("seed:", "# seed before:", 1) + "\nseed: 987654\n", "utf-8")
    slack.press(BEN, "C0MIA", post["ts"], "study:approve")
    bot.work()
    assert told(slack) == "The plan has changed since, or does not wait for approval any more."
    assert not (folder / "approval.json").exists()
