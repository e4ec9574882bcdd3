"""`transect slack run`: a listener and workers as processes, each started again, none left behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.slack.bot import Process
from tests.slack.conftest import MIA
from tests.slack.local_slack import BOT_USER, LocalSlack


def children_of(pid: int) -> dict[int, str]:
    """Direct children of a process and their command lines, without Python's resource tracker."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if parent == pid and "spawn_main" in command:
                found[int(entry.name)] = command
    return found


def test_both_kinds_run_are_started_again_and_end_together(place: Path, slack: LocalSlack) -> None:
    text = (place / "transect.toml").read_text().replace("port = 0", "port = 0\nworkers = 1")
    (place / "transect.toml").write_text(text)
    bot = Process(place, slack.environment)
    slack.app_url = bot.wait_for_line(r"listening at (\S+)")[1]
    bot.wait_for_line("working")
    slack.say(MIA, "C0MIA", f"<@{BOT_USER}> how many messages last week?")
    slack.wait_for(lambda: len(slack.posts("C0MIA")) == 1, seconds=120)
    known = children_of(bot.pid)
    assert len(known) == 2
    for pid in known:
        os.kill(pid, signal.SIGKILL)
    bot.wait_for_line("listen ended with code -9")
    bot.wait_for_line("work ended with code -9")
    again = [line for line in bot.lines if "listening at" in line]
    while len(again) < 2:
        bot.wait_for_new_line()
        again = [line for line in bot.lines if "listening at" in line]
    slack.app_url = again[1].rpartition(" ")[2]
    slack.say(MIA, "D0MIA", "how many messages last week?")
    slack.wait_for(lambda: len(slack.posts("D0MIA")) == 1, seconds=120)
    known = children_of(bot.pid)
    assert bot.end() == 0
    assert not [pid for pid in known if Path(f"/proc/{pid}").exists()]


def test_children_end_when_their_parent_is_killed(place: Path, slack: LocalSlack) -> None:
    bot = Process(place, slack.environment)
    bot.wait_for_line("listening at")
    known = children_of(bot.pid)
    assert len(known) == 3
    bot.kill()
    for pid in known:
        wait_until_gone(pid)


def wait_until_gone(pid: int) -> None:
    """Until the process has ended; the test's own time limit is the limit."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    import select

    ready, _, _ = select.select([handle], [], [], 60)
    os.close(handle)
    assert ready, f"process {pid} goes on without its parent"


@pytest.mark.parametrize("option", ["--listen", "--work"])
def test_ctrl_c_ends_a_process_in_order(place: Path, slack: LocalSlack, option: str) -> None:
    process = Process(place, slack.environment, option)
    process.wait_for_line("listening at|working")
    process.process.send_signal(signal.SIGINT)
    assert process.process.wait(60) == 130
    assert not any("Traceback" in line for line in process.lines)


@pytest.mark.parametrize("option", [(), ("--listen",), ("--work",)])
def test_a_token_that_slack_does_not_know_ends_it_with_a_word(
    place: Path, slack: LocalSlack, option: tuple[str, ...]
) -> None:
    process = Process(place, {**slack.environment, "SLACK_BOT_TOKEN": "xoxb-other"}, *option)
    process.wait_for_line("Slack refused auth.test: invalid_auth")
    assert process.process.wait(60) == 1
    assert not any("xoxb-other" in line for line in process.lines)


def test_a_signing_secret_is_needed(place: Path, slack: LocalSlack) -> None:
    """Without one, anybody could sign."""
    environment = {**slack.environment, "SLACK_SIGNING_SECRET": ""}
    process = Process(place, environment, "--listen")
    process.wait_for_line("SLACK_SIGNING_SECRET")
    assert process.process.wait(60) == 2
