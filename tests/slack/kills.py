"""Twenty messages, and at each a process of the bot that dies by SIGKILL: where, and what must have come of it."""

from __future__ import annotations

import random
import socket
import threading
import urllib.parse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.slack.bot import Bot, Process
from tests.slack.conftest import MIA
from tests.slack.local_slack import BOT_USER, Answer, Fault, LocalSlack

ONE, MANY = "how many messages last week?", "violating message prevalence by surface"


@dataclass(frozen=True)
class Point:
    """Where to die.

    Attributes:
        name: for people.
        method: of Slack's API, during whose n-th call for this message the worker dies; `listener` for the other one.
        after: once Slack has carried the call out (its answer is lost), not before.
        nth: which of the calls.
        delay: seconds after Slack's answer was sent instead; what the worker was at by then is left to chance.
        lost: a call whose answer is lost before, so that the worker has to look it up.
        question: one number, or several with a chart.
    """

    name: str
    method: str
    after: bool = False
    nth: int = 1
    delay: float | None = None
    lost: bool = False
    question: str = ONE


POINTS = (
    Point("the question is taken, nothing is shown", "assistant.threads.setStatus"),
    Point("the status is shown", "assistant.threads.setStatus", after=True),
    Point("before the channel is known", "conversations.info"),
    Point("the readers are asked for", "conversations.members"),
    Point("the readers are known, the answer begins", "conversations.members", after=True),
    Point("a chart is to be uploaded", "files.getUploadURLExternal", question=MANY),
    Point("a chart has an address", "files.getUploadURLExternal", after=True, question=MANY),
    Point("a chart is on its way", "upload", question=MANY),
    Point("a chart has arrived", "upload", after=True, question=MANY),
    Point("a chart is complete, its id is lost", "files.completeUploadExternal", after=True, question=MANY),
    Point("the post is reserved, the readers are asked again", "conversations.members", nth=2),
    Point("the readers are known again, nothing is sent", "conversations.members", nth=2, after=True),
    Point("the post is sent and not taken", "chat.postMessage"),
    Point("the post is taken, its answer is lost", "chat.postMessage", after=True),
    Point("a post with a chart is taken, its answer is lost", "chat.postMessage", after=True, question=MANY),
    Point("the post is being recorded", "chat.postMessage", delay=0.002),
    Point("a little later", "chat.postMessage", delay=0.02),
    Point("a lost post is being looked for", "conversations.replies", lost=True),
    Point("a lost post is found, and not recorded", "conversations.replies", lost=True, after=True),
    Point("the listener, before it says that it has the message", "listener"),
    Point("the listener, after the mention and before the message event", "listener", after=True),
)


class Killer:
    """Plays messages and deaths on a bot of one listener and one worker, each started again after its death."""

    def __init__(self, start: Callable[..., Bot], slack: LocalSlack) -> None:
        self.slack = slack
        self.bot = start()
        self.asked: dict[str, str] = {}
        self.deaths = 0

    @property
    def worker(self) -> Process:
        return self.bot.workers[-1]

    def play(self, point: Point) -> None:
        """One message and one death; returns when somebody new is at work."""
        message = self.slack.write(MIA, "C0MIA", f"<@{BOT_USER}> {point.question}")
        self.asked[str(message["ts"])] = point.question
        events = self.slack.events_of("C0MIA", message)
        if point.method == "listener":
            self._kill_listener(events, after=point.after)
            return
        died = self._prepare(point)
        for event in events:
            for retry in (0, 1):
                assert self.slack.deliver(event, retry=retry) == 200
        assert died.wait(60), f"nobody died at {point.name}: " + self.bot.log()
        self.worker.process.wait(10)
        self.deaths += 1
        self.bot.start_worker()
        for event in events:
            assert self.slack.deliver(event, retry=2) == 200

    def _prepare(self, point: Point) -> threading.Event:
        died, victim = threading.Event(), self.worker

        def kill() -> Answer | None:
            if point.delay is not None:
                threading.Timer(point.delay, die).start()
                return None
            die()
            return Answer(hang_up=True)

        def die() -> None:
            victim.kill()
            died.set()

        harmless = Fault(lambda: None)
        if point.lost:
            self.slack.faults["chat.postMessage"] = deque([Fault(lambda: Answer(hang_up=True), after=True)])
        late = point.after or point.delay is not None
        self.slack.faults[point.method] = deque([harmless] * (point.nth - 1) + [Fault(kill, after=late)])
        return died

    def _kill_listener(self, events: list[dict[str, object]], *, after: bool) -> None:
        listener = self.bot.listener
        assert listener is not None
        if after:
            assert self.slack.deliver(events[0]) == 200
        else:
            parts = urllib.parse.urlsplit(self.slack.app_url)
            with socket.create_connection((parts.hostname, parts.port or 0)):
                thread = threading.Thread(target=self.slack.deliver, args=(events[0],))
                thread.start()
                threading.Event().wait(random.Random(7).uniform(0, 0.003))
                listener.kill()
                thread.join()
        listener.kill()
        self.deaths += 1
        self.bot.start_listener()
        self.slack.app_url = self.bot.url
        for event in events:
            for retry in (1, 2):
                assert self.slack.deliver(event, retry=retry, timeout=10.0) == 200
