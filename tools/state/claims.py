"""What effects are made of, for many keys in one open write transaction: claimed, recorded, released.

`tools.state.effect` does these steps for one key. A caller with many keys at once does them for all that begin or end
together, and still commits each claim before it sends and each result as soon as it has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import TransectError
from tools.state.attempt import Attempt, Json, NothingSent, Recorded
from tools.state.store import State

if TYPE_CHECKING:
    from sqlalchemy import Connection, Insert, Select, Update


@dataclass(frozen=True)
class Claim:
    """Our attempt at a key; `certain` when nothing was sent so far, so that it need not be looked up."""

    attempt: Attempt
    certain: bool


@dataclass(frozen=True)
class Result:
    """What an attempt came to: sent by it, or found by its look-up."""

    attempt: Attempt
    result: Json
    outcome: Literal["sent", "found"] = "sent"


@dataclass(frozen=True)
class Release:
    """An attempt that ended without a result, for the reason `why`."""

    attempt: Attempt
    sure_unsent: bool
    why: BaseException


def claim_in(
    connection: Connection, state: State, keys: Sequence[str], *, reserve: Callable[[str], Json], lease_seconds: float
) -> list[Recorded | Claim | None]:
    """For each key, in order: the recorded result; or our claim; or None while another caller's lease runs.

    Args:
        connection, state: an open write transaction of the store.
        keys: different ones.
        reserve: what every try at a new key will send.
        lease_seconds: longer than sending can take.
    """
    sql = _statements()
    lock_keys(connection, keys)
    rows = {row.key: row for row in connection.execute(sql.find, {"keys": list(keys)})}
    now = state.now(connection)
    found: list[Recorded | Claim | None] = []
    new: list[dict[str, Any]] = []
    taken: list[dict[str, Any]] = []
    for key in keys:
        row = rows.get(key)
        if row is None:
            request = json.dumps(reserve(key))
            new.append({"key": key, "request": request})
            found.append(Claim(Attempt(key, 1, json.loads(request), now + lease_seconds), True))
        elif row.status == "recorded":
            found.append(Recorded(key, json.loads(row.result), row.token, replayed=True))
        elif row.lease_until > now:
            found.append(None)
        else:
            taken.append({"this_key": key, "next_token": row.token + 1, "until": now + lease_seconds})
            attempt = Attempt(key, row.token + 1, json.loads(row.request), now + lease_seconds)
            found.append(Claim(attempt, bool(row.sure_unsent)))
    same = {"token": 1, "status": "reserved", "lease_until": now + lease_seconds, "sure_unsent": 0, "created_at": now}
    if new:
        connection.execute(sql.reserve, [{**row, **same} for row in new])
    if taken:
        connection.execute(sql.take, taken)
    begun = [
        {"key": each.attempt.key, "token": each.attempt.token, "started_at": now, "detail": "null"}
        for each in found
        if isinstance(each, Claim)
    ]
    if begun:
        connection.execute(sql.begin, begun)
    return found


def record_in(
    connection: Connection,
    state: State,
    results: Sequence[Result],
    *,
    record: Callable[[Sequence[Result]], None] | None = None,
) -> list[Recorded | None]:
    """Mark results recorded; one that this attempt recorded before is left as it is.

    One whose attempt was overtaken is kept as `late`; what is recorded instead, or None, is returned.

    Args:
        connection, state: an open write transaction of the store.
        results: of different keys.
        record: gets the results that still hold their keys, before they are marked.
    """
    sql = _statements()
    keys = [each.attempt.key for each in results]
    lock_keys(connection, keys)
    rows = {row.key: row for row in connection.execute(sql.find, {"keys": keys})}
    stored = {each.attempt.key: json.dumps(each.result) for each in results}
    ours = [
        each
        for each in results
        if rows[each.attempt.key].token == each.attempt.token and rows[each.attempt.key].status == "reserved"
    ]
    if ours:
        if record is not None:
            record(ours)
        now = state.now(connection)
        connection.execute(
            sql.record,
            [{"this_key": each.attempt.key, "got": stored[each.attempt.key], "recorded_now": now} for each in ours],
        )
    held = {each.attempt.key for each in ours}
    ended = [each for each in results if each.attempt.key in held or rows[each.attempt.key].token != each.attempt.token]
    how = {each.attempt.key: each.outcome if each.attempt.key in held else "late" for each in ended}
    _close(connection, state, [(each.attempt, how[each.attempt.key], stored[each.attempt.key]) for each in ended])
    found: list[Recorded | None] = []
    for each in results:
        row = rows[each.attempt.key]
        if each.attempt.key in held:
            found.append(Recorded(each.attempt.key, each.result, each.attempt.token, replayed=False))
        elif row.status == "recorded":
            found.append(Recorded(each.attempt.key, json.loads(row.result), row.token, replayed=True))
        else:
            found.append(None)
    return found


def release_in(connection: Connection, state: State, released: Sequence[Release]) -> None:
    """End our leases, so that the next caller need not wait for them; those that were overtaken are left alone."""
    for each in released:
        attempt = each.attempt
        ours = {"this_key": attempt.key, "this_token": attempt.token, "unsent": int(each.sure_unsent)}
        if connection.execute(_statements().release, ours).rowcount:
            outcome = "not_sent" if each.sure_unsent else "unknown"
            _close(connection, state, [(attempt, outcome, json.dumps(_name_of(each.why)))])


def lock_keys(connection: Connection, keys: Sequence[str]) -> None:
    """One transaction at a time for each key. SQLite's write lock does that already."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy import text  # start-up

        for key in sorted(keys):  # in one order, so that two callers cannot wait for each other
            connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def _close(connection: Connection, state: State, ended: Sequence[tuple[Attempt, str, str]]) -> None:
    if ended:
        now = state.now(connection)
        connection.execute(
            _statements().close,
            [
                {"this_key": attempt.key, "this_token": attempt.token, "ended_now": now, "how": how, "what": what}
                for attempt, how, what in ended
            ],
        )


@dataclass(frozen=True)
class _Statements:
    find: Select[Any]
    reserve: Insert
    take: Update
    begin: Insert
    record: Update
    release: Update
    close: Update


@cache
def _statements() -> _Statements:
    """Built once: building a statement takes longer than running it."""
    from sqlalchemy import bindparam  # start-up

    from tools.state.tables import attempts, effects

    this = effects.c.key == bindparam("this_key")
    held = this & (effects.c.token == bindparam("this_token")) & (effects.c.status == "reserved")
    try_ = (attempts.c.key == bindparam("this_key")) & (attempts.c.token == bindparam("this_token"))
    return _Statements(
        find=effects.select().where(effects.c.key.in_(bindparam("keys", expanding=True))),
        reserve=effects.insert(),
        take=effects.update()
        .where(this)
        .values(token=bindparam("next_token"), lease_until=bindparam("until"), sure_unsent=0),
        begin=attempts.insert(),
        record=effects.update()
        .where(this)
        .values(status="recorded", result=bindparam("got"), recorded_at=bindparam("recorded_now")),
        release=effects.update().where(held).values(lease_until=0.0, sure_unsent=bindparam("unsent")),
        close=attempts.update()
        .where(try_)
        .values(ended_at=bindparam("ended_now"), outcome=bindparam("how"), detail=bindparam("what")),
    )


def _name_of(why: BaseException) -> str:
    """Our code of an error, or its class: never its words, which may hold what was sent."""
    cause = why.__cause__ if isinstance(why, NothingSent) and why.__cause__ is not None else why
    return cause.code if isinstance(cause, TransectError) else type(cause).__name__
