"""A command on a terminal of its own, talked to as a person does: wait for words, type, press Ctrl-C."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Terminal:
    """The other end of a command's stdin, stdout and stderr."""

    child: int
    handle: int
    shown: str = ""
    has_ended: bool = False

    def wait_for(self, words: str, *, seconds: float = 60) -> str:
        """Everything shown since the last call, up to and with these words; AssertionError when they do not come."""
        until = time.monotonic() + seconds
        while words not in self.shown:
            ready, _, _ = select.select([self.handle], [], [], max(until - time.monotonic(), 0))
            try:
                block = os.read(self.handle, 65536) if ready else b""
            except OSError:  # Linux's way to say that the child has closed its end
                block = b""
            assert block, f"{words!r} did not come; shown: {self.shown!r}"
            self.shown += block.decode(errors="replace")
        before, _, self.shown = self.shown.partition(words)
        return before + words

    def type(self, line: str) -> None:
        os.write(self.handle, line.encode() + b"\n")

    def press(self, key: str) -> None:
        """`C` for Ctrl-C, `D` for Ctrl-D."""
        os.write(self.handle, bytes([ord(key) - 64]))

    def end(self) -> int:
        """The exit code, once the command has ended."""
        try:
            while block := os.read(self.handle, 65536):
                self.shown += block.decode(errors="replace")
        except OSError:
            pass
        os.close(self.handle)
        _, status = os.waitpid(self.child, 0)
        self.has_ended = True
        return os.waitstatus_to_exitcode(status)


@contextmanager
def on_terminal(*arguments: str, **variables: str) -> Iterator[Terminal]:
    """`transect ARGUMENTS` on a terminal; killed at the end of the block if it has not ended."""
    child, handle = pty.fork()
    if child == 0:  # pragma: no cover - the other process
        os.chdir(ROOT)
        environment = {**os.environ, "TERM": "xterm", **variables}
        os.execve(sys.executable, [sys.executable, "-m", "transect", *arguments], environment)
    terminal = Terminal(child, handle)
    try:
        yield terminal
    finally:
        if not terminal.has_ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
