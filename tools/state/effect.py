"""Effects on the world, each recorded exactly once: reserve, send, record; look up after an unknown outcome."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import TransectError
from tools.state.store import State

if TYPE_CHECKING:
    from sqlalchemy import Connection

Json = Any  # whatever json.dumps takes


@dataclass(frozen=True)
class Attempt:
    """One try at an effect, handed to `send` and `look_up`.

    Attributes:
        key: the effect's key; give it to the other side as its idempotency key where it takes one.
        token: 1 for the first try, one more for each that follows; a receiver that remembers the highest token it saw
            can refuse a sender that was overtaken.
        request: what `reserve` returned, the same for every try.
        lease_until: seconds since 1970; `send` must have given up by then.
    """

    key: str
    token: int
    request: Json
    lease_until: float


@dataclass(frozen=True)
class Sent:
    """`look_up` found that it happened, with this result."""

    result: Json


@dataclass(frozen=True)
class NotSent:
    """`look_up` found that it did not happen."""


@dataclass(frozen=True)
class Unknown:
    """`look_up` could not tell."""

    why: str


@dataclass(frozen=True)
class Recorded:
    """The effect happened and is recorded; `replayed` when an earlier call had done it."""

    key: str
    result: Json
    token: int
    replayed: bool


class NothingSent(Exception):
    """Raised by `send` when it is certain that nothing left: the next try sends without a look-up."""


class OutcomeUnknown(TransectError):
    """Nobody can tell whether the effect happened; it is not sent again until `look_up` can."""

    code = "outcome_unknown"


class EffectBusy(TransectError):
    """Another caller is at it and did not finish while we waited."""

    code = "effect_busy"


def effect(
    state: State,
    key: str,
    *,
    send: Callable[[Attempt], Json],
    look_up: Callable[[Attempt], Sent | NotSent | Unknown],
    reserve: Callable[[Connection], Json] | None = None,
    hold: Callable[[Connection, int], None] | None = None,
    record: Callable[[Connection, Json], None] | None = None,
    lease_seconds: float = 120.0,
    wait_seconds: float = 150.0,
) -> Recorded:
    """Do something to the world once, and know what came of it, whatever dies on the way.

    1. A row with the unique `key` is committed before anything is sent. `reserve` runs in that transaction: it may
       raise to refuse, and returns what every try will send. `hold` runs in the transaction of each try, the first and
       all that follow, with its token: it may hold a budget for this try, and raise to refuse it.
    2. `send` does it and returns the result. It must give up before `attempt.lease_until`.
    3. `record` runs in the transaction that marks the effect recorded, so both or neither are kept.

    A caller that finds the key recorded gets the stored result. One that finds another caller at work waits. When that
    one's lease has run out, or its `send` raised anything but NothingSent, the outcome is unknown: `look_up` is asked
    first, and only its NotSent leads to another `send`. A sender that was overtaken meanwhile cannot record; what it
    got is kept in its attempt as `late`.

    Args:
        state: the store.
        key: names the effect for ever, such as `label:run7:item42`.
        send, look_up, reserve, hold, record: as above; results and requests must be JSON.
        lease_seconds: longer than `send` can take.
        wait_seconds: how long to wait for another caller.

    Raises:
        OutcomeUnknown: `look_up` could not tell.
        EffectBusy: another caller did not finish in time, or overtook this one and has not finished.
        Exception: whatever `reserve`, `hold`, `send`, `look_up` or `record` raised.
    """
    until = time.monotonic() + wait_seconds
    pause = 0.002
    while True:
        claim = _claim(state, key, reserve, hold, lease_seconds)
        if isinstance(claim, Recorded):
            return claim
        if claim is not None:
            return _carry_out(state, claim[0], claim[1], send, look_up, record, lease_seconds)
        if time.monotonic() > until:
            raise EffectBusy(f"Another process is still at {key!r}.", value=key, hint="Try again later.")
        time.sleep(pause)
        pause = min(pause * 2, 0.1)


def _claim(
    state: State,
    key: str,
    reserve: Callable[[Connection], Json] | None,
    hold: Callable[[Connection, int], None] | None,
    lease_seconds: float,
) -> Recorded | tuple[Attempt, bool] | None:
    """The recorded result; or our attempt and whether its outcome so far is certain; or None while another works."""
    from tools.state.tables import attempts, effects  # start-up

    with state.transaction() as connection:
        lock_key(connection, key)
        row = connection.execute(effects.select().where(effects.c.key == key)).one_or_none()
        now = state.now(connection)
        if row is not None and row.status == "recorded":
            return Recorded(key, json.loads(row.result), row.token, replayed=True)
        if row is not None and row.lease_until > now:
            return None
        lease_until = now + lease_seconds
        if row is None:
            request = json.dumps(reserve(connection) if reserve else None)
            token, certain = 1, True
            connection.execute(
                effects.insert().values(
                    key=key,
                    status="reserved",
                    token=1,
                    lease_until=lease_until,
                    sure_unsent=0,
                    request=request,
                    created_at=now,
                )
            )
        else:
            request, token, certain = row.request, row.token + 1, bool(row.sure_unsent)
            change = effects.update().where(effects.c.key == key)
            connection.execute(change.values(token=token, lease_until=lease_until, sure_unsent=0))
        connection.execute(attempts.insert().values(key=key, token=token, started_at=now, detail="null"))
        if hold is not None:
            hold(connection, token)
    return Attempt(key, token, json.loads(request), lease_until), certain


def _carry_out(
    state: State,
    attempt: Attempt,
    certain: bool,
    send: Callable[[Attempt], Json],
    look_up: Callable[[Attempt], Sent | NotSent | Unknown],
    record: Callable[[Connection, Json], None] | None,
    lease_seconds: float,
) -> Recorded:
    """Look up where the outcome is uncertain, send where nothing was sent, record."""
    sent = False
    try:
        found = NotSent() if certain else look_up(attempt)
        if isinstance(found, Unknown):
            raise OutcomeUnknown(
                f"It cannot be told whether {attempt.key!r} happened: {found.why}",
                value=attempt.key,
                hint="Nothing was sent again. Look on the other side, then try again.",
            )
        if isinstance(found, Sent):
            return _record(state, attempt, found.result, "found", record)
        if not certain:  # looking up took its time; a claim made a moment ago needs no second transaction
            attempt = _renew(state, attempt, lease_seconds)
        certain, sent = False, True
        result = send(attempt)
        return _record(state, attempt, result, "sent", record)
    except NothingSent as error:
        _release(state, attempt, sure_unsent=True, why=error)
        raise
    except BaseException as error:
        _release(state, attempt, sure_unsent=certain and not sent, why=error)
        raise


def _renew(state: State, attempt: Attempt, lease_seconds: float) -> Attempt:
    """A full lease just before sending; raises EffectBusy when another caller has taken over."""
    from tools.state.tables import effects  # start-up

    with state.transaction() as connection:
        lease_until = state.now(connection) + lease_seconds
        ours = (effects.c.key == attempt.key) & (effects.c.token == attempt.token) & (effects.c.status == "reserved")
        if connection.execute(effects.update().where(ours).values(lease_until=lease_until)).rowcount != 1:
            raise EffectBusy(f"Another process has taken over {attempt.key!r}.", value=attempt.key)
    return Attempt(attempt.key, attempt.token, attempt.request, lease_until)


def _record(
    state: State,
    attempt: Attempt,
    result: Json,
    outcome: Literal["sent", "found"],
    record: Callable[[Connection, Json], None] | None,
) -> Recorded:
    """Mark the effect recorded if the attempt still holds it; else keep the result as late."""
    from tools.state.tables import effects  # start-up

    stored = json.dumps(result)
    with state.transaction() as connection:
        lock_key(connection, attempt.key)
        row = connection.execute(effects.select().where(effects.c.key == attempt.key)).one()
        if row.token == attempt.token and row.status == "reserved":
            if record is not None:
                record(connection, result)
            change = effects.update().where(effects.c.key == attempt.key)
            connection.execute(change.values(status="recorded", result=stored, recorded_at=state.now(connection)))
            _close_attempt(state, connection, attempt, outcome, stored)
            return Recorded(attempt.key, result, attempt.token, replayed=False)
        _close_attempt(state, connection, attempt, "late", stored)
    if row.status == "recorded":
        return Recorded(attempt.key, json.loads(row.result), row.token, replayed=True)
    raise EffectBusy(f"Another process has taken over {attempt.key!r}; the late result is kept.", value=attempt.key)


def _release(state: State, attempt: Attempt, *, sure_unsent: bool, why: BaseException) -> None:
    """End our lease so that the next caller need not wait for it."""
    from tools.state.tables import effects  # start-up

    with state.transaction() as connection:
        ours = (effects.c.key == attempt.key) & (effects.c.token == attempt.token) & (effects.c.status == "reserved")
        change = effects.update().where(ours).values(lease_until=0.0, sure_unsent=int(sure_unsent))
        if connection.execute(change).rowcount:
            outcome = "not_sent" if sure_unsent else "unknown"
            _close_attempt(state, connection, attempt, outcome, json.dumps(_name_of(why)))


def _name_of(why: BaseException) -> str:
    """Our code of an error, or its class: never its words, which may hold what was sent."""
    cause = why.__cause__ if isinstance(why, NothingSent) and why.__cause__ is not None else why
    return cause.code if isinstance(cause, TransectError) else type(cause).__name__


def _close_attempt(state: State, connection: Connection, attempt: Attempt, outcome: str, detail: str) -> None:
    from tools.state.tables import attempts  # start-up

    ours = (attempts.c.key == attempt.key) & (attempts.c.token == attempt.token)
    connection.execute(
        attempts.update().where(ours).values(ended_at=state.now(connection), outcome=outcome, detail=detail)
    )


def lock_key(connection: Connection, key: str) -> None:
    """One transaction at a time for a key. SQLite's write lock does that already."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy import text  # start-up

        connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
