"""A query interrupted when its time is up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import duckdb


@contextmanager
def deadline(cursor: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[Event]:
    """Interrupt whatever runs on `cursor` after `seconds`; the event is set when that happened.

    DuckDB looks at the interrupt between batches of rows: one expression that takes long by itself runs on.
    """
    done, expired = Event(), Event()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            expired.set()
            cursor.interrupt()
            wait = 0.05  # an interrupt that comes before the query starts is forgotten

    watcher = Thread(target=watch, name="query-deadline", daemon=True)
    watcher.start()
    try:
        yield expired
    finally:
        done.set()
        watcher.join()
