"""Effects on the world, each recorded exactly once: reserve, send, record; look up after an unknown outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from tools.state.attempt import (
    Attempt,
    EffectBusy,
    Json,
    NothingSent,
    NotSent,
    OutcomeUnknown,
    Recorded,
    Sent,
    Unknown,
)
from tools.state.claims import Claim, Release, Result, claim_in, record_in, release_in
from tools.state.store import State

if TYPE_CHECKING:
    from sqlalchemy import Connection


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
            return _carry_out(state, claim, send, look_up, record, lease_seconds)
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
) -> Recorded | Claim | None:
    """The recorded result; or our claim; or None while another works."""
    with state.transaction() as connection:
        (found,) = claim_in(
            connection,
            state,
            [key],
            reserve=lambda _: reserve(connection) if reserve else None,
            lease_seconds=lease_seconds,
        )
        if isinstance(found, Claim) and hold is not None:
            hold(connection, found.attempt.token)
        return found


def _carry_out(
    state: State,
    claim: Claim,
    send: Callable[[Attempt], Json],
    look_up: Callable[[Attempt], Sent | NotSent | Unknown],
    record: Callable[[Connection, Json], None] | None,
    lease_seconds: float,
) -> Recorded:
    """Look up where the outcome is uncertain, send where nothing was sent, record."""
    attempt, certain, sent = claim.attempt, claim.certain, False
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
    with state.transaction() as connection:
        (found,) = record_in(
            connection,
            state,
            [Result(attempt, result, outcome)],
            record=None if record is None else lambda _: record(connection, result),
        )
    if found is None:
        raise EffectBusy(f"Another process has taken over {attempt.key!r}; the late result is kept.", value=attempt.key)
    return found


def _release(state: State, attempt: Attempt, *, sure_unsent: bool, why: BaseException) -> None:
    """End our lease so that the next caller need not wait for it."""
    with state.transaction() as connection:
        release_in(connection, state, [Release(attempt, sure_unsent, why)])
