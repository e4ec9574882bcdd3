"""What the listener lets in, what it keeps, and what it says to Slack."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.slack.conftest import BEN, MIA
from tests.slack.in_process import InProcess
from tests.slack.local_slack import BOT, BOT_USER, SECRET, TEAM, LocalSlack, post_raw

ROOT = Path(__file__).parents[2]
JSON = {"Content-Type": "application/json"}


def kept(desk: InProcess) -> list[tuple[str, str, str]]:
    return [(row["kind"], row["channel"], row["text"]) for row in desk.rows("slack_inbox")]


def test_a_mention_and_its_message_event_are_one_thing(desk: InProcess, slack: LocalSlack) -> None:
    slack.say(MIA, "C0DESK", f"<@{BOT_USER}> how many messages?")
    assert kept(desk) == [("message", "C0DESK", f"<@{BOT_USER}> how many messages?")]


def test_what_slack_delivers_again_is_acknowledged_and_not_kept_again(desk: InProcess, slack: LocalSlack) -> None:
    message = slack.write(MIA, "C0DESK", f"<@{BOT_USER}> how many messages?")
    for envelope in slack.events_of("C0DESK", message):
        for retry in (0, 1, 2, 3):
            assert slack.deliver(envelope, retry=retry) == 200
    assert len(kept(desk)) == 1


def test_a_signature_that_is_not_slacks_is_refused(desk: InProcess, slack: LocalSlack) -> None:
    envelope = json.dumps(slack.events_of("D0MIA", slack.write(MIA, "D0MIA", "how many messages?"))[0])
    stamp = {"X-Slack-Request-Timestamp": str(int(time.time()))}
    for signature in ({}, {"X-Slack-Signature": "v0=" + "0" * 64}, {"X-Slack-Signature": ""}):
        assert post_raw(slack.app_url, envelope.encode(), {**JSON, **stamp, **signature}) == 401
    assert post_raw(slack.app_url, envelope.encode(), JSON) == 401
    assert kept(desk) == []


@pytest.mark.parametrize("seconds", [-360, 360])
def test_a_signature_of_another_time_is_refused(desk: InProcess, slack: LocalSlack, seconds: int) -> None:
    envelope = json.dumps(slack.events_of("D0MIA", slack.write(MIA, "D0MIA", "how many messages?"))[0])
    assert slack.send(envelope, JSON, at=time.time() + seconds) == 401
    assert kept(desk) == []


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "1e9", "٣"])
def test_a_time_that_is_none_is_refused(desk: InProcess, slack: LocalSlack, stamp: str) -> None:
    headers = {**JSON, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=0"}
    assert post_raw(slack.app_url, b"{}", {k: v.encode() for k, v in headers.items()}) == 401  # type: ignore[misc]


def test_the_address_is_verified_only_with_a_signature(desk: InProcess, slack: LocalSlack) -> None:
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "3eZbrw1aB"})
    assert post_raw(slack.app_url, body.encode(), JSON) == 401
    request = urllib.request.Request(slack.app_url, data=body.encode(), headers=signed(body), method="POST")
    with urllib.request.urlopen(request, timeout=5) as response:
        assert json.loads(response.read()) == {"challenge": "3eZbrw1aB"}


def signed(body: str) -> dict[str, str]:
    import hashlib
    import hmac

    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {**JSON, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '"x"', "payload=", "payload=%7B", '{"type": "event_callback"}', '{"event": 3}', "a" * 5],
)
def test_what_cannot_be_read_ends_in_an_answer(desk: InProcess, slack: LocalSlack, body: str) -> None:
    for headers in (JSON, {"Content-Type": "application/x-www-form-urlencoded"}):
        status = slack.send(body, headers)
        assert status is not None
        assert status < 600
    assert kept(desk) == []
    slack.say(MIA, "D0MIA", "how many messages?")
    assert len(kept(desk)) == 1


def test_requests_are_bounded(desk: InProcess, slack: LocalSlack) -> None:
    assert slack.send("x" * 1_000_001, JSON) == 413
    assert post_raw(slack.app_url + "/elsewhere", b"{}", JSON) == 404
    with urllib.request.urlopen(slack.app_url.replace("/slack/events", "/healthz"), timeout=5) as response:
        assert response.status == 200


IGNORED: dict[str, dict[str, Any]] = {
    "an edit": {"subtype": "message_changed", "hidden": True, "message": {"user": MIA, "text": f"<@{BOT_USER}> x"}},
    "a deletion": {"subtype": "message_deleted", "hidden": True},
    "a join": {"subtype": "channel_join", "user": MIA, "text": f"<@{BOT_USER}> has joined"},
    "another app": {"subtype": "bot_message", "bot_id": "B0OTHER", "text": f"<@{BOT_USER}> how many messages?"},
    "an app that posts as a user": {"user": "U0APP", "bot_id": "B0OTHER", "text": f"<@{BOT_USER}> how many messages?"},
    "our own message": {"user": BOT_USER, "bot_id": BOT, "text": f"<@{BOT_USER}> 3"},
    "our own message without its bot id": {"user": BOT_USER, "text": f"<@{BOT_USER}> 3"},
    "a mention that came with an edit": {"user": MIA, "text": f"<@{BOT_USER}> x", "edited": {"user": MIA, "ts": "1.1"}},
    "nobody": {"text": f"<@{BOT_USER}> how many messages?"},
    "a message that does not call the bot": {"user": MIA, "text": "how many messages?"},
    "a message that calls somebody else": {"user": MIA, "text": f"<@{BEN}> how many messages?"},
}


@pytest.mark.parametrize("what", IGNORED)
def test_what_is_not_for_the_bot_is_acknowledged_and_left(desk: InProcess, slack: LocalSlack, what: str) -> None:
    event = {
        "type": "message",
        "channel": "C0DESK",
        "channel_type": "channel",
        "ts": "1700000000.000100",
        **IGNORED[what],
    }
    assert slack.deliver(slack.envelope(event)) == 200
    assert kept(desk) == []


@pytest.mark.parametrize(
    "kind", ["reaction_added", "member_joined_channel", "app_home_opened", "assistant_thread_started"]
)
def test_events_of_other_kinds_are_acknowledged(desk: InProcess, slack: LocalSlack, kind: str) -> None:
    assert slack.deliver(slack.envelope({"type": kind, "user": MIA, "channel": "C0DESK"})) == 200
    assert kept(desk) == []


def test_a_reply_in_a_thread_that_the_person_began_with_the_bot_is_kept(desk: InProcess, slack: LocalSlack) -> None:
    root = slack.say(MIA, "C0DESK", f"<@{BOT_USER}> how many messages?")
    slack.say(MIA, "C0DESK", "and by surface?", thread_ts=root)
    slack.say(BEN, "C0DESK", "I wonder about that as well", thread_ts=root)
    slack.say(MIA, "C0DESK", f"<@{BEN}> what do you think?", thread_ts=root)
    slack.say(MIA, "C0DESK", "an answer to nobody in particular")
    assert [text for _, _, text in kept(desk)] == [f"<@{BOT_USER}> how many messages?", "and by surface?"]


def test_a_direct_message_needs_no_mention(desk: InProcess, slack: LocalSlack) -> None:
    slack.say(MIA, "D0MIA", "how many messages?")
    row = desk.rows("slack_inbox")[0]
    assert (row["place"], row["thread_ts"], row["key"]) == ("im", "", f"{TEAM}:D0MIA:{row['ts']}")


def test_nothing_is_acknowledged_that_could_not_be_kept(desk: InProcess, slack: LocalSlack) -> None:
    """The store is held by somebody else: Slack is not told that the message was received, and delivers it again."""
    envelope = slack.events_of("D0MIA", slack.write(MIA, "D0MIA", "how many messages?"))[0]
    with desk.state.transaction():
        assert slack.deliver(envelope, timeout=0.5) is None
    slack.wait_for(lambda: slack.deliver(envelope, retry=1) == 200)
    assert len(kept(desk)) == 1


LISTENED = """
import sys, threading
from pathlib import Path
from slackbot.serve import listen
from tools.workspace import load_workspace

def report(where):
    print(*sys.modules, flush=True)
    stop.set()

stop = threading.Event()
listen(load_workspace(Path(sys.argv[1])), stop=stop, ready=report)
"""


def test_the_listener_loads_neither_data_nor_planner(place: Path, slack: LocalSlack) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTENED, str(place)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    heavy = {
        "duckdb",
        "sqlglot",
        "numpy",
        "scipy",
        "langgraph",
        "openai",
        "altair",
        "vl_convert",
        "agent.graph",
        "agent.turn",
    }
    assert loaded & heavy == set()
    assert "slack_bolt" in loaded
