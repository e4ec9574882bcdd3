"""The program of a child: opens one projection, locks itself in, and runs the statements it is given.

Nothing but the standard library and DuckDB's engine is imported, so that a child is ready in a tenth of a second. What
it is asked arrives on stdin, what it found leaves on stdout; both are closed pipes to the parent.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from datetime import datetime
from types import ModuleType
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import _duckdb as duckdb

from tools.sandbox.confine import close_doors, leave_network, limit_memory
from tools.sandbox.watch import Watch
from tools.sandbox.wire import HEADER, encode, pack, size_of, unpack

_EVERY_TYPE = """
select 1.5, 2::decimal(10, 2), date '2020-01-01', timestamp '2020-01-01', timestamptz '2020-01-01 00:00:00+00', uuid(),
    interval 3 day, [1], {'a': 1}, map {'a': 1}, 'x'::blob, time '10:00', true, 1e0, null, 2::hugeint, '101'::bit,
    json_serialize_sql('select 1'), regexp_matches('a', 'a'), strftime(date '2020-01-01', '%Y'), [x + 1 for x in [1]]
"""


class _Zone(ZoneInfo):
    """What DuckDB asks of the package pytz, by the standard library."""

    def localize(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=self)


class Child:
    """One connection that cannot be changed any more, and the loop around it."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink = source, sink
        self._watch = Watch()
        self._connection: Any = None
        self._zone: ZoneInfo = _Zone("UTC")
        self._keeping: Any = None
        self._kept: set[str] = set()

    def serve(self) -> None:
        """Answer until the parent is gone."""
        while (request := self._read()) is not None:
            try:
                getattr(self, f"_do_{request.pop('op')}")(**request)
            except duckdb.Error as error:
                self._send({"error": type(error).__name__, "text": str(error)[:2_000]})
            except MemoryError:
                self._send({"error": "OutOfMemoryException", "text": ""})
            except RuntimeError as error:  # DuckDB makes one of errors it has no name for
                self._send({"error": "RuntimeError", "text": str(error)[:2_000]})

    def _do_open(
        self, path: str, attach: list[list[str]], zone: str, memory_mb: int, threads: int, locked: bool, confined: bool
    ) -> None:
        """Open the projection at `path` with its parts, then lock everything. The flags are there for the ablation."""
        sys.modules["pytz"] = _pytz()
        self._zone = _Zone(zone)
        config: dict[str, str | bool | int | float | list[str]] = {
            **_SWITCHED_OFF,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": "",
            "threads": threads,
        }
        self._connection = duckdb.connect(path, locked, config)
        for alias, file in attach:
            quoted = file.replace("'", "''")
            self._connection.execute(f"attach '{quoted}' as {alias} (read_only, type duckdb)")
        if self._connection.execute("select name from duckdb_settings() where name = 'TimeZone'").fetchall():
            self._connection.execute(f"set global TimeZone = '{zone}'")
        if locked:
            self._connection.execute("set enable_external_access = false")
            self._connection.execute("set lock_configuration = true")
        self._connection.cursor().execute(_EVERY_TYPE).fetchall()  # loads what Python loads late
        if confined:
            limit_memory(memory_mb)
            close_doors()
        self._send({})

    def _do_ping(self) -> None:
        self._send({})

    def _do_parse(self, sql: str) -> None:
        """DuckDB's own parse tree of a statement."""
        found = self._connection.cursor().execute("select json_serialize_sql(?::varchar)", [sql]).fetchall()
        self._send({"tree": found[0][0]})

    def _do_write(self, trees: list[str]) -> None:
        """The statements of parse trees."""
        cursor = self._connection.cursor()
        found = [cursor.execute("select json_deserialize_sql(?::json)", [tree]).fetchall()[0][0] for tree in trees]
        self._send({"sql": found})

    def _do_run(self, sql: str, kept: list[list[Any]], seconds: float, rows: int, size: int) -> None:
        """Run a statement; send its columns and its rows up to the caps.

        `kept` are (name, statements) of ours that make temporary tables for it; each name is made once in this child.
        """
        cursor = (self._keeping or self._connection.cursor()) if kept else self._connection.cursor()
        try:
            with self._watch.over(cursor, seconds=seconds):
                begun = time.perf_counter()
                self._keep(cursor, kept)
                cursor.execute(sql)
                described = cursor.description or []
                names, types = [str(each[0]) for each in described], [str(each[1]) for each in described]
                self._write({"columns": names, "types": types})
                truncated = self._write_rows(cursor, rows, size)
                self._send({"done": True, "truncated": truncated, "seconds": time.perf_counter() - begun})
        finally:
            if cursor is not self._keeping:
                cursor.close()

    def _keep(self, cursor: Any, kept: list[list[Any]]) -> None:
        """Make the temporary tables that are missing, each name wholly or not at all."""
        if kept:
            self._keeping = cursor
        for name, statements in kept:
            if name in self._kept:
                continue
            cursor.execute("begin")
            try:
                for statement in statements:
                    cursor.execute(statement)
                cursor.execute("commit")
            except BaseException:
                with suppress(duckdb.Error):
                    cursor.execute("rollback")
                raise
            self._kept.add(name)

    def _write_rows(self, cursor: Any, most: int, size: int) -> bool:
        """Whether a cap cut them."""
        count, used, batch = 0, 0, 8
        while found := cursor.fetchmany(batch):
            kept: list[list[Any]] = []
            for row in found:
                used += sum(size_of(value) for value in row)
                if count == most or used > size:
                    self._write({"rows": kept})
                    return True
                count += 1
                kept.append([encode(self._local(value)) for value in row])
            self._write({"rows": kept})
            batch = min(batch * 2, 512)
        return False

    def _local(self, value: Any) -> Any:
        """Times with a zone as wall-clock times of the workspace's zone, without one."""
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(self._zone).replace(tzinfo=None)
        if isinstance(value, list):
            return [self._local(item) for item in value]
        if isinstance(value, dict):
            return {key: self._local(item) for key, item in value.items()}
        return value

    def _read(self) -> dict[str, Any] | None:
        header = self._source.read(HEADER.size)
        if len(header) < HEADER.size:
            return None
        return unpack(self._source.read(HEADER.unpack(header)[0]))

    def _write(self, message: dict[str, Any]) -> None:
        """A part of an answer: it leaves when there is enough of it, or with the last part."""
        self._sink.write(pack(message))

    def _send(self, message: dict[str, Any]) -> None:
        self._write(message)
        self._sink.flush()


_SWITCHED_OFF = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}


def _pytz() -> ModuleType:
    """A stand-in for pytz, which DuckDB's client wants for times with a zone and which is no dependency."""
    module = ModuleType("pytz")
    module.__dict__.update(timezone=_Zone, utc=_Zone("UTC"))
    return module


def main() -> None:
    """Serve on stdin and stdout. Anything else that writes to stdout writes to nothing."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    empty = os.open(os.devnull, os.O_RDWR)
    os.dup2(empty, 0)
    os.dup2(empty, 1)
    os.close(empty)
    leave_network()
    with suppress(BrokenPipeError, KeyboardInterrupt):
        Child(source, sink).serve()
    os._exit(0)
