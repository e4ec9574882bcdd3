"""The bot as it runs: `transect slack run --listen` and `--work`, each a process that can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Process:
    """One process of the bot; what it logs is read as it comes."""

    def __init__(self, root: Path, environment: dict[str, str], *arguments: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "transect", "-w", str(root), "slack", "run", *arguments],
            cwd=ROOT,
            env={**kept, **environment, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.lines: list[str] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for_line(self, pattern: str, *, seconds: float = 60.0) -> re.Match[str]:
        """The first line of its log that has the pattern."""

        def find() -> re.Match[str] | None:
            return next((found for line in self.lines if (found := re.search(pattern, line))), None)

        with self._changed:
            self._changed.wait_for(lambda: find() is not None or self._is_over(), seconds)
        found = find()
        assert found is not None, f"no {pattern!r} in:\n" + "\n".join(self.lines)
        return found

    def wait_for_new_line(self, *, seconds: float = 60.0) -> None:
        """Until it logs something more."""
        with self._changed:
            known = len(self.lines)
            assert self._changed.wait_for(lambda: len(self.lines) > known or self._is_over(), seconds)

    def kill(self) -> None:
        """SIGKILL: nothing is cleaned up."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def end(self) -> int:
        """SIGTERM, and its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(120)

    def _is_over(self) -> bool:
        return self.process.poll() is not None and self._read_all

    _read_all = False

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._read_all = True
            self._changed.notify_all()


class Bot:
    """A listener and workers of one workspace."""

    def __init__(self, root: Path, environment: dict[str, str], *, workers: int = 1, listener: bool = True) -> None:
        self.root, self.environment = root, environment
        self.workers = [Process(root, environment, "--work") for _ in range(workers)]
        self.listener: Process | None = None
        self.url = ""
        if listener:
            self.start_listener()

    def start_listener(self) -> None:
        """A listener, also in the place of one that died; it listens at `url` when this returns."""
        self.listener = Process(self.root, self.environment, "--listen")
        self.url = self.listener.wait_for_line(r"listening at (\S+)")[1]

    def start_worker(self) -> Process:
        """One more, in the place of one that died."""
        worker = Process(self.root, self.environment, "--work")
        self.workers.append(worker)
        return worker

    def log(self) -> str:
        processes = [*([self.listener] if self.listener else []), *self.workers]
        return "\n".join(line for process in processes for line in process.lines)

    def end(self) -> None:
        for process in [*([self.listener] if self.listener else []), *self.workers]:
            process.end()
