"""A clock beside the statements of a child: it interrupts at the deadline, and ends a process that does not listen."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Protocol

_LOOK_SECONDS = 0.5


class _Interruptible(Protocol):
    def interrupt(self) -> None: ...


class Watch:
    """One thread for the life of the child. It is started before the doors are closed: later no thread can be."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._changed = Condition()
        self._cursor: _Interruptible | None = None
        self._begun = self._seconds = 0.0
        self._resting = False
        Thread(target=self._run, daemon=True).start()

    @contextmanager
    def over(self, cursor: _Interruptible, *, seconds: float) -> Iterator[None]:
        """Watch the block, which runs a statement on the cursor and may take so long."""
        with self._changed:
            self._cursor, self._begun, self._seconds = cursor, time.monotonic(), seconds
            if self._resting:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._cursor = None

    def _run(self) -> None:
        with self._changed:
            while True:
                self._resting = self._cursor is None
                self._changed.wait(None if self._cursor is None else self._look(self._cursor))

    def _look(self, cursor: _Interruptible) -> float:
        """Act on the time that has passed; the seconds until the next look."""
        late = time.monotonic() - self._begun
        if os.getppid() != self._parent or late > 2 * self._seconds + 1:
            os._exit(1)
        if late >= self._seconds:
            cursor.interrupt()
        return min(_LOOK_SECONDS, max(self._seconds - late, 0.05))
