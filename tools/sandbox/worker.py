"""One child process, seen from the parent."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tools.sandbox.confine import resident_bytes
from tools.sandbox.wire import HEADER, decode, pack, unpack

_PROGRAM = "import sys; sys.path[:] += sys.argv[1:]; from tools.sandbox.child import main; main()"
_START_SECONDS = 30.0
_FRAME_BYTES = 1 << 26
_READ_BYTES = 1 << 16
_PIPE_BYTES = 4096  # a pipe that is ready takes so many without waiting


class ChildGone(Exception):
    """The child ended, said something that is no message, or was killed at its deadline (`late`)."""

    def __init__(self, *, late: bool = False) -> None:
        super().__init__()
        self.late = late


class ChildKilled(ChildGone):
    """The child was ended from outside: by a person, or by a system that is short of memory."""


class ChildFailed(Exception):
    """The engine raised an error. `text` is its own wording and must not reach a person."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.text = text


@dataclass(frozen=True)
class Projection:
    """What a child opens, and how far it is locked in.

    Attributes:
        path: the DuckDB file whose name is the database's name in SQL.
        attach: (alias, file) of the parts its views read.
        zone: IANA name of the zone for times.
        memory_mb: what statements may take above the idle process.
        locked, confined: False leaves a layer out, so that tests can show that the others hold.
    """

    path: Path
    attach: tuple[tuple[str, Path], ...]
    zone: str
    memory_mb: int
    threads: int = 2
    locked: bool = True
    confined: bool = True


@dataclass(frozen=True)
class Kept:
    """Statements of ours that fill temporary tables; a name stands for the same statements for ever."""

    name: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """Rows of one statement."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    truncated: bool
    seconds: float


class Worker:
    """A child, started at once and ready a moment later. One caller at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, *_places()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
            start_new_session=True,  # Ctrl-C is for the parent, which then ends the child
            bufsize=0,
        )
        self._received = bytearray()
        self._owes = False
        self.idle_bytes = 0
        self.opened = False
        self.used_at = time.monotonic()

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self, projection: Projection) -> None:
        """Bind the child to one role's projection, for good; raises ChildFailed or ChildGone."""
        attach = [[alias, str(path)] for alias, path in projection.attach]
        self._ask(
            {
                "op": "open",
                "path": str(projection.path),
                "attach": attach,
                "zone": projection.zone,
                "memory_mb": projection.memory_mb,
                "threads": projection.threads,
                "locked": projection.locked,
                "confined": projection.confined,
            },
            _START_SECONDS,
        )
        self.idle_bytes = self.resident_bytes()
        self.opened = True

    def parse(self, sql: str, *, seconds: float) -> str:
        """DuckDB's parse tree of a statement, as JSON."""
        return str(self._ask({"op": "parse", "sql": sql}, seconds)["tree"])

    def write(self, trees: Sequence[str], *, seconds: float) -> list[str]:
        """The statements that parse trees stand for."""
        return [str(text) for text in self._ask({"op": "write", "trees": list(trees)}, seconds)["sql"]]

    def run(self, sql: str, *, seconds: float, rows: int, size: int, kept: Sequence[Kept] = ()) -> Found:
        """Run a statement.

        Args:
            sql: one that was checked.
            seconds: when the engine is interrupted; half as long again later the child is killed.
            rows, size: caps of the result, in rows and bytes.
            kept: temporary tables that it reads; those that the child has already are not made again.

        Raises:
            ChildFailed: the engine's error.
            ChildGone: it ended or was killed; this worker is of no more use.
        """
        until = time.monotonic() + seconds * 1.5
        tables = [[each.name, each.statements] for each in kept]
        request = {"op": "run", "sql": sql, "kept": tables, "seconds": seconds, "rows": rows, "size": size}
        self._send(request, until)
        head = self._receive(until)
        found: list[tuple[Any, ...]] = []
        for frame in self._frames(until):
            if "done" in frame:
                break
            found += [tuple(decode(value) for value in row) for row in frame["rows"]]
            if len(found) > rows:
                raise self._lost()
        self._owes = False
        names, types = tuple(map(str, head["columns"])), tuple(map(str, head["types"]))
        return Found(names, types, found, bool(frame["truncated"]), float(frame["seconds"]))

    def resident_bytes(self) -> int:
        """What the child holds in memory now."""
        return resident_bytes(self.pid)

    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def in_step(self) -> bool:
        """Whether all that was asked is answered and nothing else was said: only then may it be asked again."""
        return not self._owes and not self._received

    def answers(self) -> bool:
        """Whether the child is there and listens; ends it when it does not."""
        try:
            self._ask({"op": "ping"}, 2.0)
        except (ChildGone, ChildFailed):
            self.close()
            return False
        return True

    def kill(self) -> None:
        """End the child; whoever is talking to it hears that it is gone, and closes it."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def close(self) -> None:
        """End the child, whatever it is doing, and wait until it is gone."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        self._send(request, until)
        said = self._receive(until)
        self._owes = False
        return said

    def _send(self, request: dict[str, Any], until: float) -> None:
        assert self._process.stdin is not None
        data, pipe = memoryview(pack(request)), self._process.stdin.fileno()
        self._owes = True
        try:
            while data:
                self._wait(pipe, select.POLLOUT, until)
                data = data[os.write(pipe, data[:_PIPE_BYTES]) :]
        except OSError:
            raise self._ended() from None

    def _frames(self, until: float) -> Iterator[dict[str, Any]]:
        while True:
            yield self._receive(until)

    def _receive(self, until: float) -> dict[str, Any]:
        size = HEADER.unpack(self._read(HEADER.size, until))[0]
        if size > _FRAME_BYTES:
            raise self._lost()
        try:
            said = unpack(self._read(size, until))
        except (ValueError, KeyError, RecursionError):
            raise self._lost() from None
        if "error" in said:
            self._owes = False
            raise ChildFailed(str(said["error"]), str(said["text"]))
        return said

    def _read(self, size: int, until: float) -> bytes:
        """So many bytes; what arrives beyond them is kept for the next call."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        while len(self._received) < size:
            self._wait(pipe, select.POLLIN, until)
            part = os.read(pipe, _READ_BYTES)
            if not part:
                raise self._ended()
            self._received += part
        found = bytes(self._received[:size])
        del self._received[:size]
        return found

    def _wait(self, pipe: int, event: int, until: float) -> None:
        """Until the pipe is ready; kills the child when its time is up, or when the caller is interrupted."""
        poll = select.poll()
        poll.register(pipe, event)
        try:
            ready = poll.poll(max(until - time.monotonic(), 0) * 1000)
        except BaseException:
            self.close()
            raise
        if not ready:
            self.close()
            raise ChildGone(late=True)

    def _lost(self) -> ChildGone:
        self.close()
        return ChildGone()

    def _ended(self) -> ChildGone:
        """It is gone; a signal that comes after its end does not change what ended it."""
        self.close()
        return ChildKilled() if self._process.returncode == -signal.SIGKILL else ChildGone()


def _places() -> list[str]:
    """Where the child finds this package, the engine and time zones."""
    engine = find_spec("_duckdb")
    assert engine is not None
    assert engine.origin is not None
    return [str(Path(__file__).parents[2]), str(Path(engine.origin).parent), *_time_zones()]


def _time_zones() -> list[str]:
    """The package tzdata, for systems without a zone database."""
    spec = find_spec("tzdata")
    return [] if spec is None or spec.origin is None else [str(Path(spec.origin).parents[1])]
