"""Working: take one thing that was said, do it, and go on; whatever dies, the next worker finds it undone or done."""

from __future__ import annotations

import os
import threading
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from slackbot.answer_message import answer_message
from slackbot.connect import LOG
from slackbot.desk import Desk, open_desk
from slackbot.failures import SlackRateLimited, SlackRefused, SlackUnreachable
from slackbot.inbox import Taken, finish, give_up, postpone, renew, take
from slackbot.post import NotPosted
from slackbot.press import press_choice, press_verdict
from slackbot.reply import reply, say
from slackbot.study_approval import press_approval
from tools.errors import TransectError
from tools.state import EffectBusy, NothingSent
from tools.workspace import Workspace, default_asker

__all__ = ["answer_message", "do", "work"]

MOST_ATTEMPTS = 8
MOST_WAITS = 100  # for Slack's rate limit
_POLL_SECONDS = 0.1
_LONGEST_PAUSE = 300.0
_TRIES_BEFORE_SAYING = 2
_LATER = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"}


def work(workspace: Workspace, *, stop: threading.Event, until_empty: bool = False) -> int:
    """Take and do what is in the inbox until told to stop; the thing in hand is finished first.

    Args:
        workspace: whose inbox.
        stop: set from outside.
        until_empty: return as soon as nothing is due.

    Returns:
        How many things were taken.

    Raises:
        TransectError: as `open_desk`, at the start only.
    """
    desk = open_desk(workspace)
    if not until_empty:
        _warm_up(desk)
    holder = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
    count = 0
    while not stop.is_set():
        taken = take(desk.state, holder=holder, lease_seconds=desk.lease_seconds)
        if taken is None:
            if until_empty:
                break
            stop.wait(_POLL_SECONDS)
            continue
        count += 1
        with _signs_of_life(desk, taken):
            _survive(desk, taken)
    return count


def _warm_up(desk: Desk) -> None:
    """Load what the first question would have to wait for; a fault shows when there is a question."""
    from agent.understand import planner_context  # start-up

    try:
        planner_context(desk.workspace, default_asker(desk.workspace, surface="slack"))
    except TransectError as error:
        LOG.warning("the workspace has a fault: %s", error.code)


def _survive(desk: Desk, taken: Taken) -> None:
    """Do it; what cannot even be put back (the store is locked, say) is taken again when its lease has run out."""
    try:
        do(desk, taken)
    except Exception as error:
        LOG.error("a fault, %s, left %s to be taken again", type(error).__name__, taken.said.key)


def do(desk: Desk, taken: Taken) -> None:
    """Do one thing to its end: done, again later, or given up with the reason. Never raises for what can go wrong."""
    said, begun = taken.said, time.monotonic()
    try:
        desk.reload()
        if said.kind == "message":
            desk.status.show(said)
            if (posted := reply(desk, said).posted) is not None and posted.replayed:
                finish(desk.state, said, outcome="already posted")
        elif said.kind == "choice":
            press_choice(desk, said)
        elif said.kind == "feedback":
            press_verdict(desk, said)
        else:
            press_approval(desk, said)
    except NotPosted as error:
        _not_posted(desk, taken, error.cause)
    except EffectBusy:
        postpone(desk.state, taken, seconds=1.0, why="busy")
    except (TransectError, NothingSent) as error:
        _failed(desk, taken, error)
    except Exception as error:  # a fault of ours must end neither the worker nor the question in silence
        frames = "".join(traceback.format_tb(error.__traceback__))  # without its message, which may hold data
        LOG.error("a fault, %s, while answering %s\n%s", type(error).__name__, said.key, frames)
        _failed(desk, taken, error)
    else:
        LOG.info("%s %s done in %.1f s", said.kind, said.key, time.monotonic() - begun)


@contextmanager
def _signs_of_life(desk: Desk, taken: Taken) -> Iterator[None]:
    """Renew the lease while something is in hand."""
    over = threading.Event()

    def keep_alive() -> None:
        while not over.wait(desk.lease_seconds / 3):
            try:
                renew(desk.state, taken, lease_seconds=desk.lease_seconds)
            except TransectError:
                continue

    thread = threading.Thread(target=keep_alive, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _not_posted(desk: Desk, taken: Taken, cause: TransectError) -> None:
    """Slack said no: for good, or for now."""
    if isinstance(cause, SlackRateLimited):
        _again(desk, taken, cause.code, seconds=cause.retry_after)
    elif isinstance(cause, SlackUnreachable) or (isinstance(cause, SlackRefused) and cause.reason in _LATER):
        _again(desk, taken, getattr(cause, "reason", cause.code))
    else:
        reason = getattr(cause, "reason", cause.code)
        LOG.warning("%s cannot be answered: Slack says %s", taken.said.key, reason)
        give_up(desk.state, taken, why=reason)


def _failed(desk: Desk, taken: Taken, error: Exception) -> None:
    """Try again; where it is our side that cannot answer, say so after a few tries."""
    code = error.code if isinstance(error, TransectError) else "internal"
    if isinstance(error, SlackRateLimited):
        _again(desk, taken, code, seconds=error.retry_after)
        return
    ours = not code.startswith(("slack_", "outcome_", "effect_", "restless_"))
    if ours and taken.attempt >= _TRIES_BEFORE_SAYING and taken.said.kind in ("message", "choice"):
        try:
            say(desk, taken.said, _apology(code))
            LOG.warning("%s could not be answered: %s", taken.said.key, code)
            return
        except (TransectError, NothingSent):
            pass
    _again(desk, taken, code)


def _apology(code: str) -> str:
    """What people hear of a fault: that there is one, and its code for whoever mends it."""
    if code in ("internal", "query_failed"):
        return f"This could not be answered because of a fault in the bot. It is in its log, with the code {code}."
    return f"This cannot be answered at the moment. Whoever runs the bot finds why with transect doctor; code {code}."


def _again(desk: Desk, taken: Taken, why: str, *, seconds: float | None = None) -> None:
    """Later, with growing pauses; in the end the reason stays in the inbox."""
    if taken.attempt >= (MOST_ATTEMPTS if seconds is None else MOST_WAITS):
        LOG.warning("%s is given up after %d tries: %s", taken.said.key, taken.attempt, why)
        give_up(desk.state, taken, why=why)
        return
    pause = min(2.0 ** (taken.attempt - 1), _LONGEST_PAUSE) if seconds is None else seconds
    postpone(desk.state, taken, seconds=pause, why=why)
