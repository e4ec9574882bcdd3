"""Buttons: a question asked back is answered once, and a verdict counts once a person."""

from __future__ import annotations

import json
import urllib.parse
from collections import deque

import pytest
from sqlalchemy import text

from slackbot.plain import for_notification
from tests.slack.block_rules import words_of
from tests.slack.conftest import BEN, EVE, MIA
from tests.slack.in_process import InProcess
from tests.slack.local_slack import FORM, LocalSlack, hang_up

ASKED_BACK = "latency"


@pytest.fixture
def asked_back(desk: InProcess, slack: LocalSlack) -> str:
    """The ts of a question that was asked back in C0MIA."""
    (post,) = desk.ask(MIA, "C0MIA", ASKED_BACK)
    assert post["metadata"]["event_payload"]["kind"] == "clarification"
    return str(post["ts"])


def told(slack: LocalSlack) -> list[str]:
    return [call["text"] for call in slack.called("chat.postEphemeral")]


def test_a_choice_is_answered_in_the_thread_and_its_buttons_go(
    desk: InProcess, slack: LocalSlack, asked_back: str
) -> None:
    query = next(b["value"] for b in buttons(slack, asked_back) if b["action_id"] == "choose:2")
    assert slack.press(MIA, "C0MIA", asked_back, "choose:2") == 200
    desk.work()
    first, second = slack.posts("C0MIA")
    assert second["metadata"]["event_payload"]["kind"] == "answer"
    assert second["thread_ts"] == first["thread_ts"]
    assert query == "median_latency_seconds"
    assert second["text"].startswith("Median latency seconds: ")
    assert buttons(slack, asked_back) == []
    assert "Answered below." in words_of(slack.find("C0MIA", asked_back))


def buttons(slack: LocalSlack, ts: str) -> list[dict[str, str]]:
    blocks = slack.find("C0MIA", ts)["blocks"]
    return [e for block in blocks if block["type"] == "actions" for e in block["elements"]]


def test_pressing_again_answers_once(desk: InProcess, slack: LocalSlack, asked_back: str) -> None:
    message = slack.find("C0MIA", asked_back)
    first, second = buttons(slack, asked_back)[:2]
    slack.channels["C0MIA"].members.append(BEN)
    for who, button in ((MIA, first), (MIA, first), (MIA, second), (BEN, second)):
        payload = slack.press_payload(who, "C0MIA", message, button)
        assert slack.send(urllib.parse.urlencode({"payload": json.dumps(payload)}), FORM) == 200
    desk.work()
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("C0MIA")) == 2
    assert told(slack) == ["This question is answered already, below."]


def test_a_press_after_a_kill_answers_once(desk: InProcess, slack: LocalSlack, asked_back: str) -> None:
    slack.press(MIA, "C0MIA", asked_back, "choose:1")
    slack.faults["chat.postMessage"] = deque([hang_up(after=True)])
    desk.work()
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("C0MIA")) == 2
    assert len(slack.called("chat.postMessage")) == 2


def test_choices_expire(desk: InProcess, slack: LocalSlack, asked_back: str) -> None:
    with desk.state.transaction() as connection:
        connection.execute(text("update slack_posts set posted_at = posted_at - 25 * 3600"))
    slack.press(MIA, "C0MIA", asked_back, "choose:1")
    desk.work()
    assert len(slack.posts("C0MIA")) == 1
    assert told(slack) == ["These choices have expired. Please ask again."]


def test_a_value_that_was_not_offered_is_not_answered(desk: InProcess, slack: LocalSlack, asked_back: str) -> None:
    message = slack.find("C0MIA", asked_back)
    for ts, value in ((asked_back, "messages_sent"), ("1700000000.000100", buttons(slack, asked_back)[0]["value"])):
        button = {"type": "button", "action_id": "choose:1", "value": value}
        payload = slack.press_payload(MIA, "C0MIA", {**message, "ts": ts}, button)
        assert slack.send(urllib.parse.urlencode({"payload": json.dumps(payload)}), FORM) == 200
    desk.work()
    assert len(slack.posts("C0MIA")) == 1
    assert told(slack) == ["These choices are not known any more. Please ask again."] * 2


def test_whoever_presses_is_the_one_who_asks(desk: InProcess, slack: LocalSlack, asked_back: str) -> None:
    """Somebody without a role presses first: they are told, and it takes nothing from those who may."""
    slack.channels["C0MIA"].members.append(EVE)
    slack.press(EVE, "C0MIA", asked_back, "choose:1")
    desk.work()
    assert "You hold no role" in slack.posts("C0MIA")[-1]["text"]


def test_a_verdict_is_recorded_once_a_person(desk: InProcess, slack: LocalSlack) -> None:
    (post,) = desk.ask(MIA, "C0DESK", "how many messages last week?")
    for who, action in ((MIA, "right"), (MIA, "right"), (MIA, "wrong"), (BEN, "wrong")):
        assert slack.press(who, "C0DESK", post["ts"], f"feedback:{action}") == 200
    desk.work()
    found = desk.rows("slack_feedback")
    assert [(row["person"], row["verdict"]) for row in found] == [(MIA, "right"), (BEN, "wrong")]
    assert {row["ts"] for row in found} == {post["ts"]}
    lines = [json.loads(row["detail"]) for row in desk.rows("audit") if row["action"] == "slack_feedback"]
    assert [line["verdict"] for line in lines] == ["right", "wrong"]
    assert told(slack) == ["Recorded as right. Thank you.", "Recorded as wrong. Thank you."]
    assert len(slack.posts("C0DESK")) == 1


def test_a_verdict_of_somebody_without_a_role_is_not_recorded(desk: InProcess, slack: LocalSlack) -> None:
    (post,) = desk.ask(MIA, "C0MIA", "how many messages last week?")
    slack.channels["C0MIA"].members.append(EVE)
    slack.press(EVE, "C0MIA", post["ts"], "feedback:wrong")
    desk.work()
    assert desk.rows("slack_feedback") == []
    assert told(slack)[0].startswith("This was not recorded")


def test_a_press_without_a_signature_is_refused(desk: InProcess, slack: LocalSlack, asked_back: str) -> None:
    from tests.slack.local_slack import post_raw

    payload = slack.press_payload(MIA, "C0MIA", slack.find("C0MIA", asked_back), buttons(slack, asked_back)[0])
    body = urllib.parse.urlencode({"payload": json.dumps(payload)}).encode()
    assert post_raw(slack.app_url, body, FORM) == 401
    assert desk.work() == 0


def test_a_press_on_something_else_is_acknowledged(desk: InProcess, slack: LocalSlack, asked_back: str) -> None:
    message = slack.find("C0MIA", asked_back)
    for button in ({"type": "button", "action_id": "other:1", "value": "x"}, {"type": "button", "action_id": ""}):
        payload = slack.press_payload(MIA, "C0MIA", message, button)
        assert slack.send(urllib.parse.urlencode({"payload": json.dumps(payload)}), FORM) == 200
    for kind in ("view_submission", "shortcut", "message_action"):
        payload = {
            "type": kind,
            "user": {"id": MIA},
            "team": {"id": "T0TEAM"},
            "callback_id": "x",
            "view": {"callback_id": "x", "type": "modal"},
        }
        assert slack.send(urllib.parse.urlencode({"payload": json.dumps(payload)}), FORM) in (200, 404)
    assert desk.work() == 0


def test_words_to_one_person_are_inert() -> None:
    assert for_notification("<!here> *x*") == "&lt;!here&gt;  x "
