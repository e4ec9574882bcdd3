"""The scripted endpoint in a process of its own, and what it was asked, line by line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

ROOT = Path(__file__).parents[2]


@dataclass
class ServerProcess:
    """The running endpoint.

    Attributes:
        url: for `model.base_url`.
        keys: the idempotency key of every call that was waited for, in the order they came in.
    """

    url: str
    keys: list[str] = field(default_factory=list)
    _lines: SimpleQueue[str] = field(default_factory=SimpleQueue)

    def wait_for(self, calls: int, *, seconds: float = 60.0) -> bool:
        """Until so many calls have come in; False when none more does for so long."""
        while len(self.keys) < calls:
            try:
                self.keys.append(self._lines.get(timeout=seconds))
            except Empty:
                return False
        return True

    def catch_up(self) -> None:
        """Take in the calls that have come in by now."""
        while self.wait_for(len(self.keys) + 1, seconds=0.0):
            pass


@contextmanager
def server_process(*, seconds: float = 0.0) -> Iterator[ServerProcess]:
    """An endpoint that labels by the hash of the prompt and takes `seconds` for an answer."""
    command = [sys.executable, "-m", "tests.model.server", "--announce", "--seconds", str(seconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    server = ServerProcess(process.stdout.readline().strip())
    output = process.stdout

    def read() -> None:
        for line in output:
            server._lines.put(line.strip())

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        yield server
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        reader.join()
