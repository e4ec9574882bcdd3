"""Audit lines of many threads: each is there once, the chain is whole, and fewer transactions than lines wrote it."""

from __future__ import annotations

import json
import sys
from threading import Barrier, Event, Thread
from time import monotonic

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError

from tests.state.test_audit import ASKER
from tools.errors import TransectError
from tools.state import AuditLine, State, append_together, open_state, verify_audit
from tools.workspace import Workspace

append_together_module = sys.modules[append_together.__module__]


@pytest.fixture
def state(workspace: Workspace) -> State:
    return open_state(workspace)


def test_lines_of_eight_threads_are_all_there_in_one_chain(state: State) -> None:
    start = Barrier(8)

    def add(n: int) -> None:
        start.wait()
        for i in range(25):
            append_together(state, AuditLine("sql", ASKER, {"n": n, "i": i}))

    threads = [Thread(target=add, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with state.snapshot() as connection:
        lines = [json.loads(row[0]) for row in connection.exec_driver_sql("select detail from audit order by seq")]
    assert sorted((line["n"], line["i"]) for line in lines) == [(n, i) for n in range(8) for i in range(25)]
    for n in range(8):
        assert [line["i"] for line in lines if line["n"] == n] == list(range(25))
    report = verify_audit(state)
    assert report.ok
    assert report.lines == 200


def test_lines_that_wait_for_the_store_are_written_at_once(state: State) -> None:
    begun: list[object] = []
    threads = [Thread(target=append_together, args=(state, AuditLine("sql", ASKER, {"n": n}))) for n in range(8)]
    with state.transaction():  # nobody else can write meanwhile
        event.listen(state.engine, "commit", begun.append)
        for thread in threads:
            thread.start()
        until = monotonic() + 20
        while len(waiting_for(state)) < 8 and monotonic() < until:
            Event().wait(0.005)
    for thread in threads:
        thread.join()
    assert len(begun) <= 3  # the one above, the first of the threads, and one for all who came behind it
    assert verify_audit(state).lines == 8


def waiting_for(state: State) -> list[object]:
    """Lines that are still to be written."""
    queue = append_together_module._queues.get(state.engine, {}).get(state.audit_key)
    return [] if queue is None else list(queue.waiting)


def test_each_caller_hears_that_its_line_could_not_be_written(state: State) -> None:
    append_together(state, AuditLine("sql", ASKER, {}))
    with state.transaction() as connection:
        connection.exec_driver_sql("alter table audit rename to elsewhere")
    with pytest.raises((TransectError, DatabaseError), match="audit"):
        append_together(state, AuditLine("sql", ASKER, {}))
    with state.transaction() as connection:
        connection.exec_driver_sql("alter table elsewhere rename to audit")
    append_together(state, AuditLine("sql", ASKER, {}))
    report = verify_audit(state)
    assert report.ok
    assert report.lines == 2
