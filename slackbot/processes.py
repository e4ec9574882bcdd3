"""`transect slack run`: one process that listens, some that work, each started again when it dies."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Literal

from slackbot.connect import LOG, open_client, who_am_i
from tools.errors import TransectError
from tools.workspace import Workspace, load_workspace

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

Role = Literal["listen", "work"]

_LOOK_SECONDS = 0.2
_NICER = 10  # workers let the listener go first: Slack waits three seconds for it
_LONGEST_PAUSE = 30.0
_HEALTHY_SECONDS = 30.0


def run_one(workspace: Workspace, role: Role) -> None:
    """Listen or work in this process until SIGTERM or Ctrl-C.

    Raises:
        TransectError: as `listen` and `work`.
        KeyboardInterrupt: after Ctrl-C, when what was in hand is finished.
    """
    stop = _Stop()
    log_to_stderr()
    if role == "listen":
        from slackbot.serve import listen  # start-up

        listen(workspace, stop=stop.event, ready=lambda where: LOG.info("listening at %s", where))
    else:
        from slackbot.work import work  # start-up

        os.nice(_NICER)
        LOG.info("working")
        work(workspace, stop=stop.event)
    stop.raise_if_interrupted()


def run_all(workspace: Workspace) -> None:
    """Listen and work in processes of their own until SIGTERM or Ctrl-C; a dead one is started again.

    Raises:
        TransectError: a secret is missing, or Slack does not know the token.
        KeyboardInterrupt: after Ctrl-C, when all have ended.
    """
    who_am_i(open_client(workspace))
    stop = _Stop()
    log_to_stderr()
    roles: list[Role] = ["listen", *["work"] * workspace.settings.slack.workers]  # type: ignore[list-item]
    keepers = [_Keeper(workspace.root, role) for role in roles]
    try:
        while not stop.event.wait(_LOOK_SECONDS):
            for keeper in keepers:
                keeper.look()
    finally:
        for keeper in keepers:
            keeper.end()
    stop.raise_if_interrupted()


def log_to_stderr() -> None:
    """What the bot does, a line each, without what people write."""
    if not LOG.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
        LOG.addHandler(handler)
        LOG.setLevel(logging.INFO)
        LOG.propagate = False


@dataclass
class _Keeper:
    """Keeps one process alive, with growing pauses while it dies at once."""

    root: Path
    role: Role
    process: SpawnProcess | None = None
    started_at: float = 0.0
    not_before: float = 0.0
    pause: float = 1.0

    def look(self) -> None:
        now = time.monotonic()
        if self.process is not None and self.process.is_alive():
            return
        if self.process is not None:
            LOG.warning("%s ended with code %s", self.role, self.process.exitcode)
            healthy = now - self.started_at > _HEALTHY_SECONDS
            self.pause = 1.0 if healthy else min(self.pause * 2, _LONGEST_PAUSE)
            self.not_before, self.process = now + (0.0 if healthy else self.pause), None
        if now >= self.not_before:
            self.process = multiprocessing.get_context("spawn").Process(target=_child, args=(self.root, self.role))
            self.process.start()
            self.started_at = now

    def end(self) -> None:
        """Let it finish what it has in hand, then insist."""
        if self.process is None or not self.process.is_alive():
            return
        self.process.terminate()
        self.process.join(_LONGEST_PAUSE)
        if self.process.is_alive():
            self.process.kill()


def _child(root: Path, role: Role) -> None:
    """What a started process runs; it ends when its parent is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    try:
        run_one(load_workspace(root), role)
    except TransectError as error:
        log_to_stderr()
        LOG.error("%s: %s", role, error.message)
        sys.exit(error.exit_code)


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


class _Stop:
    """Set by SIGTERM and by Ctrl-C, so that what is in hand is finished first; Ctrl-C is told afterwards."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.interrupted = False
        signal.signal(signal.SIGTERM, self._set)
        signal.signal(signal.SIGINT, self._set)

    def raise_if_interrupted(self) -> None:
        if self.interrupted:
            raise KeyboardInterrupt

    def _set(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = self.interrupted or number == signal.SIGINT
        self.event.set()
