"""Children kept warm, a few per projection, all of them gone when the process ends."""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from threading import Condition, Thread

from tools.errors import TransectError
from tools.sandbox.worker import ChildFailed, ChildGone, Projection, Worker

MOST_PER_PROJECTION = 4
MOST = 8
_WAIT_SECONDS = 120.0
_STARTS = 8  # a child may be killed before it is ready
_FRESH_SECONDS = 1.0  # a child that answered within this time is not asked whether it listens
_GROWN = 0.5  # a child that keeps more than this share of its allowance after a statement is replaced


@dataclass
class Pool:
    """Children by projection. Callers of one projection share at most `MOST_PER_PROJECTION`, all together `MOST`.

    A child serves one projection for its whole life; one that was killed, ran out of memory or grew is replaced. From
    the second call on one more stands by with the same projection open, so that a kill costs the next caller nothing.
    """

    _idle: dict[Projection, list[Worker]] = field(default_factory=dict)
    _busy: dict[Projection, int] = field(default_factory=dict)
    _spare: Worker | None = None
    _opening: dict[Projection, tuple[Thread, Worker]] = field(default_factory=dict)
    _calls: int = 0
    _closed: bool = False
    _changed: Condition = field(default_factory=Condition)

    @contextmanager
    def worker(self, projection: Projection) -> Iterator[Worker]:
        """A child for one statement.

        Raises:
            TransectError: none became free, or none can be started.
        """
        worker = self._take(projection)
        keep = False
        try:
            yield worker
            keep = True
        except ChildFailed as error:
            keep = error.kind not in ("OutOfMemoryException", "FatalException", "InternalException", "RuntimeError")
            raise
        except Exception as error:
            keep = not isinstance(error, ChildGone)
            raise
        finally:
            keep = keep and worker.alive() and worker.in_step and not _has_grown(worker, projection)
            self._give_back(projection, worker, keep=keep)

    def busy(self) -> int:
        """Children at work."""
        with self._changed:
            return sum(self._busy.values())

    def opening(self) -> int:
        """Children that are being made ready to stand by."""
        with self._changed:
            return len(self._opening)

    def pids(self) -> list[int]:
        """The children that wait for work."""
        with self._changed:
            idle = [worker.pid for workers in self._idle.values() for worker in workers]
            return idle + ([self._spare.pid] if self._spare else [])

    def forget(self, projection: Projection) -> None:
        """End the idle children of a projection that is out of date."""
        with self._changed:
            gone = self._idle.pop(projection, [])
            if projection in self._opening:
                self._opening[projection][1].kill()
        for worker in gone:
            worker.close()

    def close(self) -> None:
        """End every child, busy ones as well."""
        with self._changed:
            self._closed = True
            gone = [worker for workers in self._idle.values() for worker in workers]
            gone += [self._spare] if self._spare else []
            self._idle, self._spare = {}, None
            opening = list(self._opening.values())
        for worker in gone:
            worker.close()
        for thread, opened in opening:
            opened.kill()
            thread.join()

    def _stand_by(self, projection: Projection) -> None:
        """Begin to open one more child where none would be left; call with the lock held."""
        of_it = self._busy.get(projection, 0) + len(self._idle.get(projection, []))
        every = sum(self._busy.values()) + sum(map(len, self._idle.values())) + len(self._opening)
        enough = len(self._idle.get(projection, [])) > 1 or of_it >= MOST_PER_PROJECTION or every >= MOST
        if self._closed or self._calls < 2 or enough or projection in self._opening:
            return
        worker = Worker()
        thread = Thread(target=self._open, args=(projection, worker), daemon=True)
        self._opening[projection] = thread, worker
        thread.start()

    def _open(self, projection: Projection, worker: Worker) -> None:
        with suppress(ChildGone, ChildFailed):  # the next caller starts its own, and says what is wrong
            worker.open(projection)
        with self._changed:
            of_it = self._busy.get(projection, 0) + len(self._idle.get(projection, []))
            every = sum(self._busy.values()) + sum(map(len, self._idle.values()))
            keep = (
                not self._closed and worker.opened and worker.alive() and of_it < MOST_PER_PROJECTION and every < MOST
            )
            if keep:
                self._idle.setdefault(projection, []).insert(0, worker)
            self._opening.pop(projection, None)
            self._changed.notify()
        if not keep:
            worker.close()

    def _take(self, projection: Projection) -> Worker:
        until = time.monotonic() + _WAIT_SECONDS
        with self._changed:
            while (found := self._idle_or_room(projection)) is None:
                if not self._changed.wait(until - time.monotonic()):
                    raise TransectError("Too many statements are running.", code="sandbox_busy", hint="Try again.")
            self._busy[projection] = self._busy.get(projection, 0) + 1
            self._calls += 1
            spare = None
            if found is True:
                spare, self._spare = self._spare, None
        try:
            while isinstance(found, Worker):
                if time.monotonic() - found.used_at < _FRESH_SECONDS or found.answers():
                    return found
                found = self._idle_worker(projection)  # that one was killed while it waited
            return self._start(projection, spare)
        except BaseException:
            self._give_back(projection, None, keep=False)
            raise

    def _idle_worker(self, projection: Projection) -> Worker | None:
        """The child of the projection that was used last and lives. A list's pop is safe without the lock."""
        waiting = self._idle.get(projection, [])
        while waiting:
            try:
                worker = waiting.pop()
            except IndexError:  # somebody else took it
                return None
            if worker.alive():
                return worker
            worker.close()
        return None

    def _reap(self) -> None:
        """Let go of children that were killed while they waited; call with the lock held."""
        for workers in self._idle.values():
            for worker in [each for each in workers if not each.alive()]:
                with suppress(ValueError):  # somebody else took it
                    workers.remove(worker)
                    worker.close()
        if self._spare is not None and not self._spare.alive():
            self._spare.close()
            self._spare = None

    def _idle_or_room(self, projection: Projection) -> Worker | bool | None:
        """A warm child; or True when there is room for one more; or None."""
        if worker := self._idle_worker(projection):
            return worker
        busy, idle = sum(self._busy.values()), [w for workers in self._idle.values() for w in workers]
        if self._busy.get(projection, 0) >= MOST_PER_PROJECTION or busy >= MOST:
            return None
        if busy + len(idle) >= MOST:
            oldest = min(idle, key=lambda worker: worker.used_at)
            for workers in self._idle.values():
                if oldest in workers:
                    workers.remove(oldest)
            oldest.close()
        return True

    def _start(self, projection: Projection, spare: Worker | None) -> Worker:
        """A child bound to the projection: the spare one when it lives, else a new one, tried a few times."""
        for worker in (spare, *[None] * _STARTS):
            try:
                started = worker or Worker()
                started.open(projection)
                return started
            except ChildGone:
                continue
            except ChildFailed:
                started.close()
                raise
        raise TransectError("The sandbox for SQL text cannot be started.", code="sandbox_failed")

    def _give_back(self, projection: Projection, worker: Worker | None, *, keep: bool) -> None:
        with self._changed:
            self._reap()
            self._busy[projection] -= 1
            if not self._busy[projection]:
                del self._busy[projection]
            keep = keep and not self._closed
            if keep and worker is not None:
                worker.used_at = time.monotonic()
                self._idle.setdefault(projection, []).append(worker)
            wanted = not self._closed and self._spare is None and self._calls > 1
            if wanted:  # a process that asks a second time will need one
                self._spare = Worker()
            self._stand_by(projection)
            self._changed.notify()
        if worker is not None and not keep:
            worker.close()


@cache
def _pool_of(pid: int) -> Pool:
    pool = Pool()
    atexit.register(lambda: pool.close() if os.getpid() == pid else None)
    return pool


def pool() -> Pool:
    """This process's pool. A forked child has one of its own and leaves its parent's alone."""
    return _pool_of(os.getpid())


def _has_grown(worker: Worker, projection: Projection) -> bool:
    return worker.resident_bytes() - worker.idle_bytes > projection.memory_mb * _GROWN * (1 << 20)
