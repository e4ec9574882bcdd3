"""A DuckDB file opened read-only and locked down, reopened when it is replaced on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Condition

import duckdb

from tools.errors import InvalidInput, TransectError


@dataclass(frozen=True)
class Identity:
    """What tells one state of a file from another without reading it."""

    inode: int
    size: int
    modified_ns: int


class DuckDBFile:
    """One read-only connection to a DuckDB file; a cursor per call makes it safe for threads.

    Args:
        path: the file.
        zone: IANA name of the zone that times with a zone are shown and cut in.
        memory_mb: what queries may hold in memory before they spill.
        spill_dir: where they spill; made by DuckDB when needed.
    """

    def __init__(self, path: Path, *, zone: str, memory_mb: int, spill_dir: Path) -> None:
        self.path = path
        self._zone = zone
        self._memory_mb = memory_mb
        self._spill_dir = spill_dir
        self._changed = Condition()
        self._active = 0
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._identity: Identity | None = None

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
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on the file as it is now.

        A replaced file is opened anew once the running queries have ended: while an old connection lives, DuckDB
        hands out the old data under the same path.
        """
        with self._changed:
            identity = self.identity()
            while self._identity != identity and self._active:
                self._changed.wait()
                identity = self.identity()
            if self._connection is None or self._identity != identity:
                self._close()
                self._connection, self._identity = self._open(), identity
            self._active += 1
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def forget(self) -> None:
        """Open the file anew for the next cursor: a fatal error leaves DuckDB's instance unusable."""
        with self._changed:
            self._identity = None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        """Read-only, no files, no network, no extensions, no Python variables, settings locked."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "memory_limit": f"{self._memory_mb}MB",
            "temp_directory": str(self._spill_dir),
        }
        try:
            connection = duckdb.connect(str(self.path), read_only=True, config=config)
        except duckdb.Error as error:
            raise _cannot_open(self.path, str(error)) from None
        # "global", for cursors do not inherit a session's zone. A build without ICU has no zones to set.
        icu = connection.execute("select count(*) from duckdb_settings() where name = 'TimeZone'").fetchone()
        if icu and icu[0]:
            connection.execute(f"set global TimeZone = '{self._zone}'")
        connection.execute("set lock_configuration = true")
        return connection


def _cannot_open(path: Path, raw: str) -> TransectError:
    """Our own words for why DuckDB could not open the file."""
    name = str(path)
    if "lock" in raw.lower() or "different configuration" in raw:
        return TransectError(
            f"The warehouse {name!r} is open for writing elsewhere.",
            code="warehouse_locked",
            value=name,
            hint="Close the program that writes to it, or wait until it has finished; then ask again.",
        )
    if path.is_dir():
        return InvalidInput(
            f"The warehouse {name!r} is a folder, not a DuckDB file.", value=name, where="transect.toml"
        )
    if "not a valid DuckDB" in raw or "orrupt" in raw or "read from file" in raw or "erializ" in raw:
        return InvalidInput(
            f"The warehouse {name!r} is damaged or is not a DuckDB file.",
            value=name,
            hint="Rebuild it with `transect demo` or `transect init`, or restore it from a copy.",
            where="transect.toml",
        )
    if "ermission" in raw:
        return TransectError(
            f"The warehouse {name!r} may not be read by this user.", value=name, hint="Check its permissions."
        )
    if "version" in raw or "storage" in raw:
        return InvalidInput(
            f"The warehouse {name!r} was written by another version of DuckDB than {duckdb.__version__}.",
            value=name,
            hint="Export it with that version and load it again.",
        )
    return TransectError(f"The warehouse {name!r} cannot be opened by DuckDB {duckdb.__version__}.", value=name)
