"""The one store of our own records: SQLite by default, PostgreSQL for a team."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from tools.errors import InvalidInput, TransectError
from tools.state.migrate import migrate
from tools.workspace import Workspace

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, RootTransaction
    from sqlalchemy.exc import DatabaseError

_BUSY_SECONDS = 30
_open: dict[tuple[str, int], Engine] = {}
_opening = Lock()


@dataclass(frozen=True)
class State:
    """The store, its tables up to date.

    Attributes:
        engine: SQLAlchemy's.
        audit_key: HMAC key of the audit chain; None when the environment has none.
    """

    engine: Engine
    audit_key: bytes | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that writes: committed at the end of the block, rolled back on an error.

        On SQLite it holds the write lock from its start, so what it reads stays true until it commits. Keep it short.

        Raises:
            TransectError: the store cannot be reached, or another process held its lock for 30 seconds.
        """
        from sqlalchemy.exc import DatabaseError  # start-up

        try:
            with self.engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            if _is_the_statements(error):
                raise
            raise _unusable(str(self.engine.url.database), str(error.orig)) from error

    @contextmanager
    def urgent_transaction(self) -> Iterator[Connection]:
        """As `transaction`, for a short write that somebody waits for: it takes the lock the moment it is free.

        SQLite makes those who wait for its lock sleep longer and longer, up to a tenth of a second, whoever comes
        meanwhile. Here it is tried every millisecond.

        Raises:
            TransectError: as `transaction`.
        """
        from sqlalchemy.exc import DatabaseError  # start-up

        if self.engine.dialect.name != "sqlite":
            with self.transaction() as connection:
                yield connection
            return
        try:
            with self.engine.connect() as connection, _impatient(connection), _begin_at_once(connection):
                yield connection
        except DatabaseError as error:
            if _is_the_statements(error):
                raise
            raise _unusable(str(self.engine.url.database), str(error.orig)) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that only reads: one state of the store, in nobody's way.

        Raises:
            TransectError: the store cannot be reached.
        """
        from sqlalchemy.exc import DatabaseError  # start-up

        try:
            with self.engine.connect().execution_options(reading=True) as connection:
                yield connection
        except DatabaseError as error:
            if _is_the_statements(error):
                raise
            raise _unusable(str(self.engine.url.database), str(error.orig)) from error

    def now(self, connection: Connection) -> float:
        """Seconds since 1970 by the one clock that all users of the store share."""
        if self.engine.dialect.name == "postgresql":
            from sqlalchemy import text  # start-up

            return float(connection.execute(text("select extract(epoch from clock_timestamp())")).scalar_one())
        return time.time()


def open_state(workspace: Workspace) -> State:
    """The workspace's store, made and migrated when needed; one engine per store and process.

    Raises:
        InvalidInput: the URL cannot be used, or its driver is not installed.
        TransectError: the store cannot be opened, is damaged, or was written by a newer release.
    """
    url = workspace.settings.state.url
    if url.startswith("sqlite:"):
        path = workspace.root / url.removeprefix("sqlite:").removeprefix("///")
        url = f"sqlite:///{path}"
    else:
        path = None
    key = (url, os.getpid())  # a forked child must not use its parent's connections
    with _opening:
        if key not in _open or (path is not None and not path.exists()):
            _open[key] = _connect(url, path)
        return State(_open[key], workspace.audit_key())


def _connect(url: str, path: Path | None) -> Engine:
    """An engine whose tables are up to date."""
    from sqlalchemy import create_engine  # start-up
    from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, hide_parameters=True)  # what is stored does not belong into error messages
    except OSError as error:
        raise TransectError(
            f"The state store {str(path)!r} cannot be made: {error.strerror}.",
            value=str(path),
            hint="Make the folder writable, or name another store in state.url.",
        ) from None
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        missing = isinstance(error, ImportError)
        raise InvalidInput(
            "The state store needs a database driver that is not installed."
            if missing
            else "state.url cannot be read.",
            hint="Install it with `pip install psycopg[binary]`."
            if missing
            else "Write sqlite:PATH or postgresql+psycopg://...",
            where="transect.toml",
        ) from None
    if path is not None:
        _use_wal(engine)
    try:
        with engine.begin() as connection:
            migrate(connection)
    except DatabaseError as error:
        raise _unusable(str(path or engine.url.database), str(error.orig)) from error
    return engine


def _use_wal(engine: Engine) -> None:
    """Write-ahead log for readers beside a writer, full sync for durability, `begin immediate` for honest reads."""
    from sqlalchemy import event  # start-up

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late: after the first read
        connection.execute(f"pragma busy_timeout = {_BUSY_SECONDS * 1000}")
        _switch_to_wal(connection)
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("begin" if reading else "begin immediate")


@contextmanager
def _impatient(connection: Connection) -> Iterator[None]:
    """A connection that is told at once when the lock is taken."""
    raw: Any = connection.connection.dbapi_connection
    raw.execute("pragma busy_timeout = 0")
    try:
        yield
    finally:
        raw.execute(f"pragma busy_timeout = {_BUSY_SECONDS * 1000}")


def _begin_at_once(connection: Connection) -> RootTransaction:
    """A transaction, begun the moment the lock is free."""
    from sqlalchemy.exc import OperationalError  # start-up

    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return connection.begin()
        except OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > until:
                raise
            time.sleep(0.001)


def _switch_to_wal(connection: Any) -> None:
    """Switching a new file takes an exclusive lock, for which SQLite does not wait: try until the time is up."""
    import sqlite3  # start-up

    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _is_the_statements(error: DatabaseError) -> bool:
    """Whether the statement was at fault, and not the store."""
    from sqlalchemy.exc import DataError, IntegrityError, NotSupportedError, ProgrammingError  # start-up

    return isinstance(error, (DataError, IntegrityError, NotSupportedError, ProgrammingError))


def _unusable(name: str, raw: str) -> TransectError:
    """Our own words for why the store failed."""
    if "locked" in raw or "busy" in raw:
        return TransectError(
            f"The state store {name!r} was locked by another process for {_BUSY_SECONDS} seconds.",
            code="state_locked",
            value=name,
            hint="Wait until the other transect command has finished.",
        )
    if "not a database" in raw or "malformed" in raw:
        return TransectError(
            f"The state store {name!r} is damaged or is not a SQLite file.",
            code="state_damaged",
            value=name,
            hint="Restore it from a copy; it holds the record of paid work, so do not delete it lightly.",
        )
    if "readonly" in raw or "unable to open" in raw:
        return TransectError(
            f"The state store {name!r} cannot be written.",
            code="state_unwritable",
            value=name,
            hint="Make its folder writable, or name another store in state.url.",
        )
    return TransectError(
        f"The state store {name!r} failed: {raw.splitlines()[0] if raw else 'no reason given'}", value=name
    )
