"""Socket Mode: the same listener behind a connection that the bot opens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from slackbot.serve import listen
from slackbot.work import work
from tests.slack.conftest import MIA, PEOPLE, copy_workspace
from tests.slack.local_slack import BOT_USER, LocalSlack, refuse
from tools.errors import InvalidInput
from tools.workspace import Workspace, load_workspace


@pytest.fixture
def socket_place(demo: Path, tmp_path: Path) -> Workspace:
    return load_workspace(copy_workspace(demo, tmp_path / "place", PEOPLE.replace('mode = "http"', 'mode = "socket"')))


@pytest.fixture
def connected(socket_place: Workspace, slack: LocalSlack) -> Iterator[LocalSlack]:
    stop = threading.Event()
    thread = threading.Thread(target=listen, args=(socket_place,), kwargs={"stop": stop})
    thread.start()
    slack.socket.wait_until_connected()
    yield slack
    stop.set()
    thread.join(20)


def test_a_mention_is_kept_acknowledged_and_answered_once(connected: LocalSlack, socket_place: Workspace) -> None:
    message = connected.write(MIA, "C0MIA", f"<@{BOT_USER}> how many messages last week?")
    for number, event in enumerate(connected.events_of("C0MIA", message)):
        for retry in (0, 1):
            envelope = connected.socket.send_envelope(number, "events_api", event, retry=retry)
            connected.socket.wait_for_ack(envelope)
    assert work(socket_place, stop=threading.Event(), until_empty=True) == 1
    (post,) = connected.posts("C0MIA")
    assert post["text"] == "Messages sent: 11,466, 23-29 March 2026."


def test_a_press_comes_the_same_way(connected: LocalSlack, socket_place: Workspace) -> None:
    message = connected.write(MIA, "D0MIA", "latency")
    (event,) = connected.events_of("D0MIA", message)
    connected.socket.wait_for_ack(connected.socket.send_envelope(1, "events_api", event))
    work(socket_place, stop=threading.Event(), until_empty=True)
    (post,) = connected.posts("D0MIA")
    button = next(b for block in post["blocks"] if block["type"] == "actions" for b in block["elements"])
    payload = connected.press_payload(MIA, "D0MIA", post, button)
    connected.socket.wait_for_ack(connected.socket.send_envelope(2, "interactive", payload))
    work(socket_place, stop=threading.Event(), until_empty=True)
    assert connected.posts("D0MIA")[1]["text"].startswith("Average latency seconds")


def test_a_refused_connection_says_what_to_do(socket_place: Workspace, slack: LocalSlack) -> None:
    from collections import deque

    slack.faults["apps.connections.open"] = deque([refuse("invalid_auth")])
    with pytest.raises(InvalidInput) as raised:
        listen(socket_place, stop=threading.Event())
    assert "connections:write" in raised.value.hint
