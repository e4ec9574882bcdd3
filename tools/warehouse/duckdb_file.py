"""A DuckDB file attached read-only and locked down, attached anew when it is replaced on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock

import duckdb

from tools.errors import InvalidInput
from tools.warehouse.file_errors import file_error
from tools.warehouse.quoting import quoted

_IDLE_CURSORS = 8


@dataclass(frozen=True)
class Identity:
    """What tells one state of a file from another without reading it."""

    inode: int
    size: int
    modified_ns: int


@dataclass
class _Opened:
    """The file in one state: its connection, and cursors that wait for the next call."""

    identity: Identity
    connection: duckdb.DuckDBPyConnection
    idle: list[duckdb.DuckDBPyConnection] = field(default_factory=list)


class DuckDBFile:
    """A DuckDB file for reading; a cursor per call makes it safe for threads.

    The file is attached to a database in memory, not opened: an opened file is shared by all connections of a process,
    with one set of settings and with its old content after it was replaced.

    Args:
        path: the file.
        zone: IANA name of the zone that times with a zone are shown and cut in.
        memory_mb: what queries may hold in memory before they spill.
        spill_dir: where they spill; made by DuckDB when needed. Without it they fail where they would spill.
    """

    def __init__(self, path: Path, *, zone: str, memory_mb: int, spill_dir: Path) -> None:
        self.path = path
        self._zone = zone
        self._memory_mb = memory_mb
        self._spill_dir = spill_dir
        self._lock = Lock()
        self._opened: _Opened | None = None

    @property
    def name(self) -> str:
        """The database's name in SQL: that of the file, as when DuckDB opens it."""
        return self.path.stem if self.path.stem.lower() not in ("main", "memory", "system", "temp") else "warehouse"

    def identity(self) -> Identity:
        """The file's identity now; raises InvalidInput when it is missing."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise InvalidInput(
                f"The warehouse {str(self.path)!r} cannot be found: {error.strerror}.",
                value=str(self.path),
                hint="Check warehouse.url in transect.toml, or rebuild it with `transect demo` or `transect init`.",
                where="transect.toml",
            ) from None
        return Identity(found.st_ino, found.st_size, found.st_mtime_ns)

    def fingerprint(self) -> str:
        """Sixteen hex digits that change when the file is rewritten."""
        now = self.identity()
        return sha256(f"{now.inode} {now.size} {now.modified_ns}".encode()).hexdigest()[:16]

    @contextmanager
    def cursor(self, *, keep: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on the file as it is now: a replaced file is opened anew, and running queries end on the old one.

        Args:
            keep: let a later call have the cursor; not for one that may be interrupted or left half read.
        """
        opened, cursor = self._take()
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise
        with self._lock:
            if keep and opened is self._opened and len(opened.idle) < _IDLE_CURSORS:
                opened.idle.append(cursor)
                return
        cursor.close()

    def forget(self) -> None:
        """Open the file anew for the next cursor: a fatal error leaves DuckDB's instance unusable."""
        with self._lock:
            self._opened = None

    def _take(self) -> tuple[_Opened, duckdb.DuckDBPyConnection]:
        with self._lock:
            identity = self.identity()
            opened = self._opened
            if opened is None or opened.identity != identity:
                opened = self._opened = _Opened(identity, self._open())
            if opened.idle:
                return opened, opened.idle.pop()
            cursor = opened.connection.cursor()
        cursor.execute(f"use {quoted(self.name)}")  # a cursor starts in the database in memory
        return opened, cursor

    def spill_to(self) -> str:
        """Where queries spill; nowhere when its folder cannot be written."""
        try:
            self._spill_dir.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return ""
        return str(self._spill_dir)

    def _open(self) -> duckdb.DuckDBPyConnection:
        """Read-only, no files, no network, no extensions, no Python variables, settings locked."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "memory_limit": f"{self._memory_mb}MB",
            "temp_directory": self.spill_to(),
        }
        try:
            connection = duckdb.connect(":memory:", config=config)
            path = str(self.path).replace("'", "''")
            connection.execute(f"attach '{path}' as {quoted(self.name)} (read_only, type duckdb)")
        except duckdb.Error as error:
            raise file_error(self.path, str(error)) from None
        connection.execute("set enable_external_access = false")
        # "global", for cursors do not inherit a session's zone. A build without ICU has no zones to set.
        if connection.execute("select name from duckdb_settings() where name = 'TimeZone'").fetchall():
            connection.execute(f"set global TimeZone = '{self._zone}'")
        connection.execute("set lock_configuration = true")
        return connection
