"""One process at a time for a piece of work, whoever shares the store; a killed one lets go at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from tools.errors import TransectError
from tools.state.attempt import EffectBusy
from tools.state.store import State


@contextmanager
def only_one(state: State, name: str) -> Iterator[None]:
    """Hold `name` for the length of the block.

    On SQLite the lock is a file beside the store that the operating system lets go when its holder dies; on PostgreSQL
    it is the session's. Inside the block the leases of effects that only this work makes are nobody's: see
    `forget_leases`.

    Raises:
        EffectBusy: another process, or another caller in this one, holds it.
    """
    if state.engine.dialect.name == "postgresql":
        with _session_lock(state, name):
            yield
        return
    import fcntl  # POSIX

    digest = sha256(name.encode()).hexdigest()[:16]
    path = Path(f"{state.engine.url.database}-{digest}.lock")
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise TransectError(
            f"The lock {str(path)!r} cannot be made: {error.strerror}.",
            value=str(path),
            hint="Make its folder writable.",
        ) from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(name) from None
        yield
    finally:
        os.close(file)  # lets go; the file stays, for removing it would let two in


def forget_leases(state: State, prefix: str) -> int:
    """End the leases of all effects not yet recorded whose key begins with `prefix`; returns how many.

    Only for keys that nobody but the holder of `only_one` makes: their senders are dead. What came of them stays
    unknown, so they are looked up before they are sent again.
    """
    from sqlalchemy import func  # start-up

    from tools.state.tables import effects

    begins = func.substr(effects.c.key, 1, len(prefix)) == prefix  # LIKE would fold case and know wild cards
    ours = (effects.c.status == "reserved") & (effects.c.lease_until > 0) & begins
    with state.transaction() as connection:
        return connection.execute(effects.update().where(ours).values(lease_until=0.0)).rowcount


@contextmanager
def _session_lock(state: State, name: str) -> Iterator[None]:
    from sqlalchemy import text  # start-up

    with state.engine.connect() as connection:
        ask = text("select pg_try_advisory_lock(hashtextextended(:name, 1))")
        if not connection.execute(ask, {"name": name}).scalar_one():
            raise _busy(name)
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(hashtextextended(:name, 1))"), {"name": name})
            connection.commit()


def _busy(name: str) -> EffectBusy:
    return EffectBusy(
        f"Another process is at {name!r}.", value=name, hint="Wait until it has finished; nothing was done here."
    )
