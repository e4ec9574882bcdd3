"""Audit lines of callers at the same time, written in one transaction: the disk is waited for once."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from tools.state.audit import AuditLine, append_lines_in
from tools.state.store import State

_finding = Lock()


def append_together(state: State, line: AuditLine) -> None:
    """Add one line to the chain; it is on disk when this returns.

    Threads that come while another one writes are written together by the first of them that gets its turn, in the
    order in which they came.

    Raises:
        TransectError: the store cannot be written; to each caller whose line is not there.
    """
    with _finding:
        queue = _queues.setdefault(state.engine, {}).setdefault(state.audit_key, _Queue())
    mine = _Waiting(line)
    queue.waiting.append(mine)
    with queue.writing:
        if not mine.done:
            _write(state, queue)
    if mine.failed is not None:
        raise mine.failed


@dataclass(eq=False)
class _Waiting:
    """A line that is to be written, and what came of it."""

    line: AuditLine
    done: bool = False
    failed: Exception | None = None


@dataclass
class _Queue:
    """Lines of one store that are still to be written. Appending to a list needs no lock."""

    waiting: list[_Waiting] = field(default_factory=list)
    writing: Lock = field(default_factory=Lock)


_queues: WeakKeyDictionary[object, dict[bytes | None, _Queue]] = WeakKeyDictionary()


def _write(state: State, queue: _Queue) -> None:
    """Everything that waits, in one transaction; with the lock held. Where that is interrupted, it waits on."""
    batch = queue.waiting[:]
    failed: Exception | None = None
    try:
        with state.urgent_transaction() as connection:
            append_lines_in(connection, state, [each.line for each in batch])
    except Exception as error:
        failed = error
    del queue.waiting[: len(batch)]
    for each in batch:
        each.done, each.failed = True, failed
