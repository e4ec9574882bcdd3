"""`transect slack check` and `slack post`, as a person or a job runs them."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Transect, transect
from tests.slack.block_rules import words_of
from tests.slack.conftest import BEN, MIA
from tests.slack.local_slack import LocalSlack, hang_up, rate_limit, refuse

__all__ = ["transect"]

QUESTION = "how many messages last week?"


def checks(document: Any) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for each in document["checks"]:
        found.setdefault(each["name"], []).append((each["status"], each["message"]))
    return found


def test_check_finds_everything_in_place(place: Path, slack: LocalSlack, transect: Transect) -> None:
    done = transect("-w", place, "slack", "check", "--json")
    assert done.code == 0
    assert done.document["status"] == "ok"
    found = checks(done.document)
    assert found["token"][0][0] == "ok"
    assert found["scopes"] == [("ok", "the token has the 14 scopes of the manifest and no other")]
    assert found["members"] == [("ok", "the members of a channel can be read")]
    assert "xoxb" not in done.out
    assert "xapp" not in done.out


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "secrets", "SLACK_BOT_TOKEN"),
        ({"SLACK_SIGNING_SECRET": ""}, "secrets", "SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": "xoxb-other"}, "token", "invalid_auth"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "token", "cannot be reached"),
    ],
)
def test_check_says_what_is_wrong_with_the_way_to_slack(
    place: Path,
    slack: LocalSlack,
    transect: Transect,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    name: str,
    words: str,
) -> None:
    for variable, value in change.items():
        monkeypatch.setenv(variable, value)
    done = transect("-w", place, "slack", "check", "--json")
    assert done.code == 1
    failed = [each for each in done.document["checks"] if each["status"] == "fail"]
    assert [each["name"] for each in failed] == [name]
    assert words in failed[0]["message"]
    assert failed[0]["fix"]
    assert "xoxb-other" not in done.out


def test_check_compares_the_scopes_with_the_manifest(place: Path, slack: LocalSlack, transect: Transect) -> None:
    slack.scopes = slack.scopes - {"groups:read", "users:read"} | {"chat:write.public"}
    found = checks(transect("-w", place, "slack", "check", "--json").document)
    assert found["scopes"] == [("fail", "missing: groups:read, users:read")]
    slack.scopes = slack.scopes | {"groups:read", "users:read"}
    found = checks(transect("-w", place, "slack", "check", "--json").document)
    assert found["scopes"] == [("warn", "not needed: chat:write.public")]


def test_check_finds_groups_and_people_that_do_not_exist(place: Path, slack: LocalSlack, transect: Transect) -> None:
    with (place / "transect.toml").open("a") as file:
        file.write('[slack.groups.S0GONE]\nroles = ["viewer"]\n[slack.people.U0GONE]\nroles = ["viewer"]\n')
    done = transect("-w", place, "slack", "check")
    assert done.code == 1
    assert "S0GONE cannot be read" in done.out
    assert "unknown to Slack, or closed: U0GONE" in done.out.replace("\n              ", " ")


def test_a_slip_in_a_role_is_found_before_anything_runs(place: Path, slack: LocalSlack, transect: Transect) -> None:
    with (place / "transect.toml").open("a") as file:
        file.write('[slack.groups.S0TEAM]\nroles = ["analist"]\n')
    done = transect("-w", place, "slack", "check")
    assert done.code == 2
    assert "'analist' is not a role (did you mean 'analyst'?)" in done.err


def test_a_post_is_made_once_a_key(place: Path, slack: LocalSlack, transect: Transect) -> None:
    for _ in range(3):
        done = transect("-w", place, "slack", "post", "#c0mia", QUESTION, "--key", "week-13", "--json")
        assert done.code == 0
    assert done.document["replayed"] is True
    (post,) = slack.posts("C0MIA")
    assert post["text"] == "Messages sent: 11,466, 23-29 March 2026."
    assert done.document["ts"] == post["ts"]
    transect("-w", place, "slack", "post", "C0MIA", QUESTION, "--key", "week-14")
    transect("-w", place, "slack", "post", "C0MIA", QUESTION)
    assert len(slack.posts("C0MIA")) == 3


@pytest.mark.parametrize("after", [True, False])
def test_a_post_whose_outcome_is_unknown_is_looked_for(
    place: Path, slack: LocalSlack, transect: Transect, after: bool
) -> None:
    slack.faults["chat.postMessage"] = deque([hang_up(after=after)])
    done = transect("-w", place, "slack", "post", "C0MIA", QUESTION, "--key", "week-13")
    assert done.code == 0
    assert len(slack.posts("C0MIA")) == 1


def test_a_post_waits_for_the_rate_limit(place: Path, slack: LocalSlack, transect: Transect) -> None:
    slack.faults["chat.postMessage"] = deque([rate_limit(0), rate_limit(0)])
    assert transect("-w", place, "slack", "post", "C0MIA", QUESTION).code == 0
    assert len(slack.posts("C0MIA")) == 1


def test_what_some_reader_may_not_see_is_not_posted(place: Path, slack: LocalSlack, transect: Transect) -> None:
    done = transect("-w", place, "slack", "post", "C0DESK", "serving cost last month", "--json")
    assert done.code == 3
    assert done.document["ts"] is None
    assert done.document["answer"]["reason"] == "not_permitted"
    assert slack.posts() == []
    slack.channels["C0DESK"].members.remove(BEN)
    assert transect("-w", place, "slack", "post", "C0DESK", "serving cost last month").code == 0
    slack.channels["C0DESK"].members.append("U0NOBODY")
    slack.users["U0NOBODY"] = slack.users[MIA]
    done = transect("-w", place, "slack", "post", "C0DESK", QUESTION)
    assert done.code == 3
    assert "holds no role" in done.out


def test_a_question_with_several_readings_is_not_posted(place: Path, slack: LocalSlack, transect: Transect) -> None:
    done = transect("-w", place, "slack", "post", "C0MIA", "latency")
    assert done.code == 4
    assert "median_latency_seconds" in done.out
    assert slack.posts() == []


def test_a_post_that_slack_refuses_fails_with_its_word(place: Path, slack: LocalSlack, transect: Transect) -> None:
    slack.faults["chat.postMessage"] = deque([refuse("is_archived")])
    done = transect("-w", place, "slack", "post", "C0MIA", QUESTION, "--json")
    assert done.code == 1
    assert done.document["error"]["value"] == "is_archived"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("#nowhere", QUESTION), "sees no channel"),
        (("C0MIA", " "), "question is empty"),
        (("C0MIA", QUESTION, "--role", "analist"), "no role 'analist'"),
    ],
)
def test_wrong_usage_of_post(
    place: Path, slack: LocalSlack, transect: Transect, arguments: tuple[str, ...], words: str
) -> None:
    done = transect("-w", place, "slack", "post", *arguments)
    assert done.code == 2
    assert words in done.err


def test_run_takes_one_of_its_options(place: Path, transect: Transect) -> None:
    done = transect("-w", place, "slack", "run", "--listen", "--work")
    assert done.code == 2


def test_the_posted_answer_can_be_judged(place: Path, slack: LocalSlack, transect: Transect) -> None:
    transect("-w", place, "slack", "post", "C0MIA", QUESTION, "--person", "cron")
    (post,) = slack.posts("C0MIA")
    assert "Right" in words_of(post)
    assert post["metadata"]["event_payload"]["kind"] == "answer"
    assert json.dumps(post["metadata"]).isascii()
