"""SQL text: what guard and sandbox cost over plain DuckDB, many callers, a kill, and making a projection."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from threading import Thread
from time import sleep

import duckdb

from tests.bench.measure import quantile, seconds_of
from tests.bench.report import Measured
from tools.access import Asker
from tools.sandbox.pool import pool
from tools.warehouse import open_warehouse
from tools.workspace import Workspace, load_workspace

_QUERY = "select surface, count(*) from messages group by surface"
_SMALL = "select 1 + 1"
_ROLE = """
[access.roles.bench]
tables = ["messages"]
deny_columns = ["messages.{column}"]
"""


def measure_untrusted(demo: Path, folder: Path) -> Iterator[Measured]:
    """All of it on the demo in `demo`; copies of it are made in `folder`."""
    workspace = _with_role(demo, folder / "sandbox")
    run, plain = _runner(workspace), duckdb.connect(str(workspace.warehouse_path), read_only=True)
    first = seconds_of(lambda: run(_QUERY))
    yield Measured("SQL text", "projection of messages, first", first, " s", None, _size(workspace))
    for name, sql in (("small query", _SMALL), ("count by surface", _QUERY)):
        run(sql)
        ours, theirs = [], []
        for _ in range(60):
            ours.append(seconds_of(lambda sql=sql: run(sql)))  # type: ignore[misc]
            theirs.append(seconds_of(lambda sql=sql: plain.execute(sql).fetchall()))  # type: ignore[misc]
        over = (median(ours) - median(theirs)) * 1000
        detail = f"{median(ours) * 1000:.1f} ms against {median(theirs) * 1000:.1f} ms"
        yield Measured("SQL text", f"overhead of a {name}, p50 warm", over, " ms", 15, detail)
    plain.close()
    yield _of_callers(run)
    yield _after_kill(run)
    yield _incremental(workspace, run)


def _of_callers(run: Callable[[str], object], *, callers: int = 8, queries: int = 25) -> Measured:
    times: list[float] = []

    def ask() -> None:
        times.extend(seconds_of(lambda: run(_QUERY)) for _ in range(queries))

    threads = [Thread(target=ask) for _ in range(callers)]

    def all_of_them() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    whole = seconds_of(all_of_them)
    detail = f"{callers * queries / whole:.0f} queries a second; p95 {quantile(times, 0.95) * 1000:.0f} ms"
    return Measured("SQL text", f"{callers} callers at once, p50", median(times) * 1000, " ms", None, detail)


def _after_kill(run: Callable[[str], object], *, rounds: int = 11) -> Measured:
    """Kill the child that answered last, then ask: what the next caller waits."""
    times = []
    for _ in range(rounds):
        run(_SMALL)
        sleep(1)  # the child that stands by is ready
        os.kill(_newest_idle(), signal.SIGKILL)
        times.append(seconds_of(lambda: run(_SMALL)))
    detail = f"slowest of {rounds}: {max(times) * 1000:.0f} ms"
    return Measured("SQL text", "query after a kill, p50", median(times) * 1000, " ms", 300, detail)


def _newest_idle() -> int:
    """The child that the next query would get."""
    idle = pool().pids()
    return idle[-2] if len(idle) > 1 else idle[-1]  # the last one is not bound to a projection


def _incremental(workspace: Workspace, run: Callable[[str], object]) -> Measured:
    """A hundred rows more, in a file that takes the place of the one before."""
    changed = workspace.warehouse_path.with_suffix(".new")
    shutil.copy(workspace.warehouse_path, changed)
    with duckdb.connect(str(changed)) as writer:
        writer.execute("insert into messages select * from messages limit 100")
    os.replace(changed, workspace.warehouse_path)
    return Measured("SQL text", "projection of messages, 100 rows more", seconds_of(lambda: run(_QUERY)), " s", None)


def _runner(workspace: Workspace) -> Callable[[str], object]:
    warehouse, asker = open_warehouse(workspace), Asker("bench", ("bench",))
    return lambda sql: warehouse.run_untrusted(sql, asker=asker)


def _with_role(demo: Path, folder: Path) -> Workspace:
    """A copy of the demo with a role that may not see the last column of messages."""
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns(".transect"))
    column = next(reversed(open_warehouse(load_workspace(folder)).tables()["messages"]))
    settings = folder / "transect.toml"
    settings.write_text(settings.read_text("utf-8") + _ROLE.format(column=column), "utf-8")
    return load_workspace(folder)


def _size(workspace: Workspace) -> str:
    parts = (workspace.state_dir / "roles" / "parts").rglob("*.duckdb")
    return f"{sum(file.stat().st_size for file in parts) / 1e6:.0f} MB"
