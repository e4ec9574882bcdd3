"""What people said to the bot, each thing once, kept until it is answered.

put       waiting   a listener, before it answers Slack
take      working   a worker, for as long as it shows signs of life
finish    done      together with the record of what was posted
postpone  waiting   again later
give_up   failed    with the reason
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tools.state import State

if TYPE_CHECKING:
    from sqlalchemy import Connection

Kind = Literal["message", "choice", "feedback", "approval"]


@dataclass(frozen=True)
class Said:
    """One thing that a person said or pressed.

    Attributes:
        key: the same for every event and retry that brings it.
        kind: a message, or the button that was pressed.
        place: `im`, `mpim`, `channel` or `group` as the event has it; empty when it does not say.
        ts: of the message; for a button, of the message it is on.
        thread_ts: the thread that the answer goes to; empty in a direct message without one.
        person: who, by Slack's id.
        text: of the message as Slack has it, or the button's value.
        files: how many were attached.
        called: the bot was addressed; false for a reply in a thread that may be meant for people.
    """

    key: str
    kind: Kind
    team: str
    channel: str
    place: str
    ts: str
    thread_ts: str
    person: str
    text: str
    files: int = 0
    called: bool = True


@dataclass(frozen=True)
class Taken:
    """A thing that a worker has taken: which try at it this is, from 1, and who holds it."""

    said: Said
    attempt: int
    holder: str


def put(state: State, said: Iterable[Said]) -> None:
    """Keep what was not kept before, in one transaction. All of it is on disk when this returns."""
    from sqlalchemy.dialects import postgresql, sqlite  # start-up

    from tools.state.tables import slack_inbox

    waiting = {"status": "waiting", "holder": "", "attempts": 0, "lease_until": 0.0, "outcome": ""}
    rows = [{name: getattr(each, name) for name in _SAID} | waiting for each in said]
    with state.urgent_transaction() as connection:
        now = state.now(connection)
        timed = [{**row, "called": int(row["called"]), "received_at": now, "due_at": now} for row in rows]
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(slack_inbox).on_conflict_do_nothing(), timed)


def was_asked_in(state: State, *, channel: str, thread_ts: str, person: str) -> bool:
    """Whether this person has asked the bot something in this thread."""
    from tools.state.tables import slack_inbox as inbox  # start-up

    ours = (inbox.c.channel == channel) & (inbox.c.thread_ts == thread_ts) & (inbox.c.person == person)
    with state.snapshot() as connection:
        found = connection.execute(inbox.select().where(ours & (inbox.c.kind == "message")).limit(1))
        return found.one_or_none() is not None


def take(state: State, *, holder: str, lease_seconds: float) -> Taken | None:
    """The oldest thing that is due and that nobody is at; None when there is none.

    Of one thread only the oldest open thing is taken, so that a follow-up is read after what it follows.
    """
    from tools.state.tables import slack_inbox as inbox  # start-up

    with state.snapshot() as connection:
        if connection.execute(_due(state.now(connection))).one_or_none() is None:
            return None
    with state.transaction() as connection:
        now = state.now(connection)
        row = connection.execute(_due(now).with_for_update(skip_locked=True, of=inbox)).one_or_none()
        if row is None:
            return None
        held = {"status": "working", "holder": holder, "attempts": row.attempts + 1, "lease_until": now + lease_seconds}
        connection.execute(inbox.update().where(inbox.c.key == row.key).values(**held))
    said = {name: getattr(row, name) for name in _SAID}
    return Taken(Said(**{**said, "called": bool(row.called)}), row.attempts + 1, holder)


def renew(state: State, taken: Taken, *, lease_seconds: float) -> None:
    """A sign of life."""
    from tools.state.tables import slack_inbox as inbox  # start-up

    with state.transaction() as connection:
        until = state.now(connection) + lease_seconds
        connection.execute(inbox.update().where(_ours(taken)).values(lease_until=until))


def finish_in(connection: Connection, state: State, said: Said, *, outcome: str) -> None:
    """It is done, in a transaction of the caller: with the record of the post, or not at all."""
    from tools.state.tables import slack_inbox as inbox  # start-up

    ended = {"status": "done", "text": "", "outcome": outcome, "ended_at": state.now(connection)}
    connection.execute(inbox.update().where(inbox.c.key == said.key).values(**ended))


def finish(state: State, said: Said, *, outcome: str) -> None:
    """It is done."""
    with state.transaction() as connection:
        finish_in(connection, state, said, outcome=outcome)


def postpone(state: State, taken: Taken, *, seconds: float, why: str) -> None:
    """Let it be taken again after so many seconds."""
    from tools.state.tables import slack_inbox as inbox  # start-up

    with state.transaction() as connection:
        later = {"status": "waiting", "holder": "", "due_at": state.now(connection) + seconds, "outcome": why}
        connection.execute(inbox.update().where(_ours(taken)).values(**later))


def give_up(state: State, taken: Taken, *, why: str) -> None:
    """It cannot be done, and is not tried again."""
    from tools.state.tables import slack_inbox as inbox  # start-up

    with state.transaction() as connection:
        failed = {"status": "failed", "text": "", "outcome": why, "ended_at": state.now(connection)}
        connection.execute(inbox.update().where(_ours(taken)).values(**failed))


def count_by_status(state: State) -> dict[str, int]:
    """How many things are waiting, worked at, done and failed."""
    from sqlalchemy import func, select  # start-up

    from tools.state.tables import slack_inbox as inbox

    with state.snapshot() as connection:
        rows = connection.execute(select(inbox.c.status, func.count()).group_by(inbox.c.status)).all()
    return {str(status): int(count) for status, count in rows}


_SAID = ("key", "kind", "team", "channel", "place", "ts", "thread_ts", "person", "text", "files", "called")


def _due(now: float) -> Any:
    """Selects what may be taken next."""
    from sqlalchemy import exists, select  # start-up

    from tools.state.tables import slack_inbox as inbox

    before = inbox.alias("before")
    open_ = before.c.status.in_(("waiting", "working"))
    earlier = (before.c.received_at < inbox.c.received_at) | (
        (before.c.received_at == inbox.c.received_at) & (before.c.key < inbox.c.key)
    )
    same = (before.c.channel == inbox.c.channel) & (before.c.thread_ts == inbox.c.thread_ts)
    waits = (inbox.c.kind.in_(("message", "choice"))) & exists().where(
        same & open_ & earlier & before.c.kind.in_(("message", "choice"))
    )
    waiting = (inbox.c.status == "waiting") & (inbox.c.due_at <= now)
    abandoned = (inbox.c.status == "working") & (inbox.c.lease_until <= now)
    return select(inbox).where((waiting | abandoned) & ~waits).order_by(inbox.c.received_at, inbox.c.key).limit(1)


def _ours(taken: Taken) -> Any:
    """The row while this worker still holds it."""
    from tools.state.tables import slack_inbox as inbox  # start-up

    return (inbox.c.key == taken.said.key) & (inbox.c.holder == taken.holder) & (inbox.c.status == "working")
