"""A message is posted exactly once, whatever Slack or the network do."""

from __future__ import annotations

import threading
from collections import deque

import pytest

from slackbot.work import MOST_ATTEMPTS, work
from tests.slack.block_rules import words_of
from tests.slack.conftest import MIA
from tests.slack.in_process import InProcess
from tests.slack.local_slack import Answer, Fault, LocalSlack, hang_up, rate_limit, refuse

QUESTION = "how many messages last week?"


def row(desk: InProcess) -> tuple[str, str]:
    found = desk.rows("slack_inbox")[-1]
    return found["status"], found["outcome"]


@pytest.mark.parametrize("after", [True, False])
def test_a_connection_that_breaks_is_looked_up_before_anything_is_sent_again(
    desk: InProcess, slack: LocalSlack, after: bool
) -> None:
    slack.faults["chat.postMessage"] = deque([hang_up(after=after)])
    desk.ask(MIA, "C0MIA", QUESTION)
    assert len(slack.called("chat.postMessage")) == 1, "the client must not send a second time by itself"
    assert row(desk) == ("waiting", "slack_unclear")
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("C0MIA")) == 1
    assert len(slack.called("conversations.replies")) == 1
    assert len(slack.called("chat.postMessage")) == (1 if after else 2)
    assert row(desk)[0] == "done"


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "service_unavailable"])
def test_an_error_inside_slack_is_an_unknown_outcome(desk: InProcess, slack: LocalSlack, error: str) -> None:
    """Slack says that something of it may have happened; here it had."""
    told = Fault(lambda: Answer({"ok": False, "error": error}), after=True)
    slack.faults["chat.postMessage"] = deque([told])
    desk.ask(MIA, "C0MIA", QUESTION)
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("C0MIA")) == 1
    assert len(slack.called("chat.postMessage")) == 1


def test_a_direct_message_is_looked_up_in_its_history(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["chat.postMessage"] = deque([hang_up(after=True)])
    desk.ask(MIA, "D0MIA", QUESTION)
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("D0MIA")) == 1
    assert len(slack.called("conversations.history")) == 1


def test_a_look_that_fails_sends_nothing(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["chat.postMessage"] = deque([hang_up(after=True)])
    slack.faults["conversations.replies"] = deque([refuse("missing_scope"), hang_up(after=False)])
    desk.ask(MIA, "C0MIA", QUESTION)
    for _ in range(3):
        desk.let_time_pass()
        desk.work()
    assert len(slack.posts("C0MIA")) == 1
    assert len(slack.called("chat.postMessage")) == 1
    assert row(desk)[0] == "done"


def test_a_look_goes_through_all_pages_of_a_thread(desk: InProcess, slack: LocalSlack) -> None:
    slack.page = 3
    slack.faults["chat.postMessage"] = deque([hang_up(after=True)])
    root = slack.say(MIA, "C0MIA", "<@U0BOT> " + QUESTION)
    for _ in range(10):
        slack.write(MIA, "C0MIA", "still waiting", thread_ts=root)
    desk.work()
    for _ in range(10):
        slack.write(MIA, "C0MIA", "no, there it is", thread_ts=root)
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("C0MIA")) == 1


def test_a_copy_of_the_mark_by_somebody_else_is_not_taken_for_the_post(desk: InProcess, slack: LocalSlack) -> None:
    """Metadata can be read by other apps, and copied."""
    slack.faults["chat.postMessage"] = deque([hang_up(after=True)])
    root = slack.say(MIA, "C0MIA", "<@U0BOT> " + QUESTION)
    desk.work()
    (post,) = slack.posts("C0MIA")
    slack.channels["C0MIA"].messages.remove(slack.find("C0MIA", post["ts"]))
    slack.write("U0OTHER", "C0MIA", "forged", thread_ts=root, metadata=post["metadata"])
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("C0MIA")) == 1


def test_a_rate_limit_is_waited_for(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["chat.postMessage"] = deque([rate_limit(30)])
    desk.ask(MIA, "C0MIA", QUESTION)
    assert row(desk) == ("waiting", "slack_rate_limited")
    found = desk.rows("slack_inbox")[0]
    assert 25 < found["due_at"] - found["received_at"] < 60
    assert desk.work() == 0
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("C0MIA")) == 1
    assert slack.called("conversations.replies") == [], "a refusal is certain: there is nothing to look up"


def test_a_rate_limit_while_reading_who_is_there_is_waited_for(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["conversations.members"] = deque([rate_limit(20)])
    assert desk.ask(MIA, "C0MIA", QUESTION) == []
    assert row(desk) == ("waiting", "slack_rate_limited")
    desk.let_time_pass()
    desk.work()
    assert len(slack.posts("C0MIA")) == 1


@pytest.mark.parametrize("reason", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"])
def test_what_slack_refuses_for_good_is_recorded_and_not_tried_again(
    desk: InProcess, slack: LocalSlack, reason: str
) -> None:
    slack.faults["chat.postMessage"] = deque([refuse(reason)])
    desk.ask(MIA, "C0MIA", QUESTION)
    assert row(desk) == ("failed", reason)
    desk.let_time_pass()
    assert desk.work() == 0
    assert desk.rows("slack_inbox")[0]["text"] == ""


def test_a_bot_that_was_taken_out_of_the_channel_gives_up(desk: InProcess, slack: LocalSlack) -> None:
    slack.say(MIA, "C0MIA", "<@U0BOT> " + QUESTION)
    slack.channels["C0MIA"].members.remove("U0BOT")
    desk.work()
    assert row(desk) == ("failed", "channel_not_found")


def test_a_token_that_stopped_working_is_tried_for_a_while(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["chat.postMessage"] = deque([refuse("token_revoked")] * 99)
    desk.ask(MIA, "C0MIA", QUESTION)
    assert row(desk) == ("waiting", "token_revoked")
    for _ in range(MOST_ATTEMPTS):
        desk.let_time_pass()
        desk.work()
    assert row(desk) == ("failed", "token_revoked")
    assert len(slack.called("chat.postMessage")) == MOST_ATTEMPTS


def test_what_is_too_long_is_posted_shorter(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["chat.postMessage"] = deque([refuse("msg_blocks_too_long"), refuse("msg_too_long")])
    (post,) = desk.ask(MIA, "C0MIA", QUESTION)
    assert "select" not in words_of(post)
    assert post["text"] == "Messages sent: 11,466, 23-29 March 2026."
    assert len(slack.called("chat.postMessage")) == 3


def test_what_is_too_long_in_every_form_is_given_up(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["chat.postMessage"] = deque([refuse("msg_too_long")] * 9)
    assert desk.ask(MIA, "C0MIA", QUESTION) == []
    assert row(desk) == ("failed", "msg_too_long")


def test_a_picture_that_is_not_ready_yet_is_tried_once_more(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["chat.postMessage"] = deque([refuse("invalid_blocks")])
    (post,) = desk.ask(MIA, "C0MIA", "violating message prevalence by surface")
    assert "image" in {block["type"] for block in post["blocks"]}


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.getUploadURLExternal", refuse("missing_scope")),
        ("files.completeUploadExternal", hang_up(after=False)),
        ("files.getUploadURLExternal", rate_limit(30)),
    ],
)
def test_without_a_picture_the_table_says_the_same(
    desk: InProcess, slack: LocalSlack, method: str, fault: Fault
) -> None:
    slack.faults[method] = deque([fault])
    (post,) = desk.ask(MIA, "C0MIA", "violating message prevalence by surface")
    kinds = [block["type"] for block in post["blocks"]]
    assert "image" not in kinds
    assert "table" in kinds


def test_a_picture_is_uploaded_once_for_a_message_that_is_tried_twice(desk: InProcess, slack: LocalSlack) -> None:
    slack.faults["chat.postMessage"] = deque([hang_up(after=False)])
    desk.ask(MIA, "C0MIA", "violating message prevalence by surface")
    desk.let_time_pass()
    desk.work()
    assert len(slack.files) == 1
    assert len(slack.posts("C0MIA")) == 1


def test_workers_side_by_side_answer_each_message_once(desk: InProcess, slack: LocalSlack) -> None:
    for number in range(12):
        slack.add_channel(f"C0MANY{number}", "private", MIA)
        slack.say(MIA, f"C0MANY{number}", "<@U0BOT> " + QUESTION)
    threads = [
        threading.Thread(target=work, args=(desk.workspace,), kwargs={"stop": threading.Event(), "until_empty": True})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(slack.posts()) == len({post["channel"] for post in slack.posts()}) == 12
