"""The bot beside a Slack that nobody here wrote: npm's emulator, with its own signatures, scopes and Web API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slack.block_rules import faults_of
from tests.slack.bot import Bot
from tests.slack.conftest import copy_workspace
from tests.slack.emulator_slack import BOT_USER, EmulatedSlack, install_emulator

POINTS = (
    ("reactions.add", False, 1),
    ("reactions.add", True, 1),
    ("conversations.info", False, 1),
    ("conversations.members", False, 1),
    ("conversations.members", True, 1),
    ("files.getUploadURLExternal", False, 1),
    ("files.getUploadURLExternal", True, 1),
    ("files.completeUploadExternal", False, 1),
    ("files.completeUploadExternal", True, 1),
    ("reactions.remove", False, 1),
    ("reactions.remove", True, 1),
    ("conversations.info", True, 2),
    ("conversations.members", False, 2),
    ("conversations.members", True, 2),
    ("chat.postMessage", False, 1),
    ("chat.postMessage", True, 1),
    ("chat.postMessage", True, 1),
    ("chat.postMessage", False, 1),
    ("reactions.add", True, 1),
    ("conversations.info", True, 1),
)
FEW = (("chat.postMessage", True, 1),)


def people(slack: EmulatedSlack) -> str:
    """`[slack]` for the emulator's people, whose ids are new in every run."""
    mapped = "".join(
        f'[slack.people.{slack.users[who]}]\nperson = "{who}"\nroles = ["{role}"]\n'
        for who, role in (("mia", "analyst"), ("ben", "viewer"))
    )
    return f'[slack]\nmode = "http"\nport = 0\nlease_seconds = 4\n{mapped}'


@pytest.fixture(scope="module")
def slack(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedSlack]:
    kept = pytestconfig.pluginmanager.hasplugin("cacheprovider")
    cache = (
        Path(pytestconfig.cache.mkdir("slack")) if kept else tmp_path_factory.getbasetemp().parent / "slack-emulator"
    )
    with EmulatedSlack(install_emulator(cache), tmp_path_factory.mktemp("emulator")) as served:
        yield served


@pytest.fixture(scope="module")
def bot(slack: EmulatedSlack, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    place = copy_workspace(demo, tmp_path_factory.mktemp("emulated") / "place", people(slack))
    running = Bot(place, slack.environment)
    assert slack.drive("subscribe", url=running.url)["ok"]
    yield running
    running.end()


def test_a_question_and_a_follow_up_in_a_thread(slack: EmulatedSlack, bot: Bot) -> None:
    channel = slack.open_channel("two-questions", "mia")
    root = slack.say("mia", channel, f"<@{BOT_USER}> violating message prevalence by surface")
    slack.wait_for(lambda: len(slack.replies(channel, root)) == 1, seconds=120)
    slack.say("mia", channel, "and for mobile only?", thread_ts=root)
    slack.wait_for(lambda: len(slack.replies(channel, root)) == 2)
    first, second = slack.replies(channel, root)
    assert first["text"].startswith("Violating message prevalence by surface: highest for surface api at 0.97%")
    assert second["text"].startswith("Violating message prevalence, surface mobile: 0.86% (95% interval 0.70% to 1.05%")
    assert (first["unfurl_links"], first["unfurl_media"], first["mrkdwn"]) == (False, False, False)
    for message in (first, second):
        assert faults_of(message) == []
        assert message["metadata"]["event_type"] == "transect_answer"
    picture = next(block["slack_file"]["id"] for block in first["blocks"] if block["type"] == "image")
    file = slack.call("files.info", file=picture)["file"]
    assert file["size"] > 1000
    assert file["channels"] == file["groups"] == [], "the picture is shown in the message alone"


def test_the_mention_and_the_message_event_are_answered_once(slack: EmulatedSlack, bot: Bot) -> None:
    channel = slack.open_channel("once", "mia", "ben")
    root = slack.say("mia", channel, f"<@{BOT_USER}> how many messages last week?")
    kinds = [
        (d["event"], d["status_code"])
        for d in slack.drive("calls")["deliveries"]
        if d["payload"]["event"].get("ts") == root
    ]
    assert kinds == [("app_mention", 200), ("message", 200)]
    slack.wait_for(lambda: slack.replies(channel, root) != [], seconds=120)
    slack.drive("again")
    marker = slack.say("ben", channel, f"<@{BOT_USER}> how many messages last week by surface?")
    slack.wait_for(lambda: slack.replies(channel, marker) != [])
    assert len(slack.replies(channel, root)) == 1


def test_a_direct_message(slack: EmulatedSlack, bot: Bot) -> None:
    direct = slack.call("conversations.open", token="xoxp-mia", users=BOT_USER)["channel"]["id"]
    slack.say("mia", direct, "how many messages last week?")

    def answers() -> list[str]:
        found = slack.call("conversations.history", channel=direct)["messages"]
        return [message["text"] for message in found if message["user"] == BOT_USER]

    slack.wait_for(lambda: answers() != [], seconds=120)
    assert answers() == ["Messages sent: 11,466, 23-29 March 2026."]


def test_somebody_without_a_role_among_the_readers(slack: EmulatedSlack, bot: Bot) -> None:
    channel = slack.open_channel("with-eve", "mia", "eve")
    root = slack.say("mia", channel, f"<@{BOT_USER}> how many messages last week?")
    slack.wait_for(lambda: slack.replies(channel, root) != [], seconds=120)
    (reply,) = slack.replies(channel, root)
    assert reply["text"].startswith("Somebody who reads this channel holds no role")
    assert "11,466" not in str(reply)


def check_kills(slack: EmulatedSlack, bot: Bot, name: str, points: tuple[tuple[str, bool, int], ...]) -> None:
    channel = slack.open_channel(name, "mia")
    warm = slack.say("mia", channel, f"<@{BOT_USER}> how many messages last week?")
    slack.wait_for(lambda: slack.replies(channel, warm) != [], seconds=120)
    asked = []
    for method, after, nth in points:
        worker = bot.workers[-1]
        slack.drive("die", method=method, after=after, nth=nth, pid=worker.pid)
        asked.append(slack.say("mia", channel, f"<@{BOT_USER}> violating message prevalence by surface"))
        slack.drive("again")
        assert worker.process.wait(90) == -9, f"nobody died at {method}"
        bot.start_worker()
        slack.drive("again")
    slack.wait_for(lambda: all(slack.replies(channel, ts) for ts in asked), seconds=240)
    slack.drive("again")
    last = slack.say("mia", channel, f"<@{BOT_USER}> how many messages last week?")
    slack.wait_for(lambda: slack.replies(channel, last) != [], seconds=120)
    assert [len(slack.replies(channel, ts)) for ts in asked] == [1] * len(points)
    print(f"\n{len(points)} kills, {len(asked)} messages, each answered once, read back from the emulator")


def test_a_kill_leaves_one_answer(slack: EmulatedSlack, bot: Bot, capsys: pytest.CaptureFixture[str]) -> None:
    check_kills(slack, bot, "kill-one", FEW)
    with capsys.disabled():
        print(f"\n[{len(FEW)} of {len(POINTS)} kills against the emulator; make soak plays all]", end="")


@pytest.mark.soak
def test_a_kill_at_twenty_points_leaves_twenty_answers(slack: EmulatedSlack, bot: Bot) -> None:
    check_kills(slack, bot, "kill-twenty", POINTS)
