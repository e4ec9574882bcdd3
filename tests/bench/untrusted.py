"""SQL text: what guard and sandbox cost over plain DuckDB, many callers, a kill, and making a projection.

A part of `make bench`; by itself, on a demo that is there already:

    python -m tests.bench.untrusted DEMO --out docs/evidence/untrusted.md
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event, Thread

import duckdb

from tests.bench.measure import quantile, seconds_of
from tests.bench.report import Measured, write_table
from tests.warehouse.evidence import Page
from tools.access import Asker
from tools.sandbox.pool import pool
from tools.warehouse import open_warehouse
from tools.workspace import Workspace, load_workspace

# {n} is another number each time: no text is asked twice.
_SMALL = "select 1 + {n}"
_FEW = "select surface, count(*) as n from few where n > {n} group by surface"
_CELLS = "select surface, count(*) from messages group by surface"
_ROLES = """
[access.roles.bench]
tables = ["messages", "few"]
deny_columns = ["messages.{column}"]
min_cell = 1
[access.roles.bench_cells]
tables = ["messages"]
min_cell = 10
"""
Run = Callable[[str], object]


def measure_untrusted(demo: Path, folder: Path) -> Iterator[Measured]:
    """All of it on the demo in `demo`; a copy of it is made in `folder`."""
    workspace = _with_roles(demo, folder / "sandbox")
    run, cells = _runner(workspace, "bench"), _runner(workspace, "bench_cells")
    first = seconds_of(lambda: run("select count(*) from messages"))
    yield Measured("SQL text", "projection of messages, first", first, " s", None, _size(workspace))
    cells(_CELLS)
    with duckdb.connect(str(workspace.warehouse_path), read_only=True) as plain:
        by_hand: Run = lambda sql: plain.execute(sql).fetchall()  # noqa: E731
        yield from _overhead("select 1 + n", _SMALL, run, by_hand, goal=15)
        yield from _overhead("count by surface of 1,000 rows", _FEW, run, by_hand, goal=15)
        yield from _overhead("count by surface of messages, min_cell 10", _CELLS, cells, by_hand, goal=None, rounds=30)
    yield from _of_callers(run)
    yield _after_kill(run)
    yield _incremental(workspace, run)


@dataclass(frozen=True)
class _Taken:
    """Milliseconds of one statement: on the clock, and of CPU in this process and its children."""

    wall: float
    cpu: float


def _overhead(name: str, sql: str, run: Run, plain: Run, *, goal: float | None, rounds: int = 60) -> Iterator[Measured]:
    """Both sides in turn, in one run, the order alternating."""
    for side in (run, plain):
        side(sql.format(n=0))
    ours: list[_Taken] = []
    theirs: list[_Taken] = []
    for number in range(rounds):
        text = sql.format(n=number)
        for side, taken in [(run, ours), (plain, theirs)][:: -1 if number % 2 else 1]:
            taken.append(_take(side, text))
    over = median(a.wall - b.wall for a, b in zip(ours, theirs, strict=True))
    walls, cpu = [each.wall for each in ours], median(each.cpu for each in ours)
    detail = (
        f"{median(walls):.1f} ms, p95 {quantile(walls, 0.95):.1f} ms, least {min(walls):.1f} ms, against "
        f"{median(each.wall for each in theirs):.1f} ms; CPU {cpu:.1f} ms against "
        f"{median(each.cpu for each in theirs):.1f} ms; load {os.getloadavg()[0]:.1f}"
    )
    yield Measured("SQL text", f"overhead of {name}, p50 warm", over, " ms", goal, detail)


def _take(run: Run, sql: str) -> _Taken:
    """What the clocks themselves take is not counted."""
    children, own, begun = _cpu_of_children(), time.process_time(), time.perf_counter()
    run(sql)
    ended, cpu = time.perf_counter(), time.process_time() - own
    return _Taken((ended - begun) * 1000, (cpu + _cpu_of_children() - children) * 1000)


def _cpu_of_children() -> float:
    """CPU seconds so far of the children that wait for work, where the system tells."""
    return sum(map(_cpu_of, pool().pids()))


def _cpu_of(pid: int) -> float:
    """To the nanosecond; /proc/PID/stat counts in hundredths of a second."""
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    except OSError:
        return 0.0


def _of_callers(run: Run, *, callers: int = 8, queries: int = 25) -> Iterator[Measured]:
    """All at once, and one alone for comparison."""
    alone = [seconds_of(lambda n=n: run(_FEW.format(n=n))) for n in range(queries)]  # type: ignore[misc]
    times: list[float] = []

    def ask(caller: int) -> None:
        for n in range(queries):
            times.append(seconds_of(lambda n=n: run(_FEW.format(n=caller * queries + n))))  # type: ignore[misc]

    threads = [Thread(target=ask, args=(caller,)) for caller in range(callers)]
    whole = seconds_of(lambda: _run_all(threads))
    detail = (
        f"{callers * queries / whole:.0f} queries a second, {queries / sum(alone):.0f} of one caller alone; "
        f"p95 {quantile(times, 0.95) * 1000:.0f} ms"
    )
    yield Measured("SQL text", f"{callers} callers at once, p50", median(times) * 1000, " ms", None, detail)


def _run_all(threads: Sequence[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _after_kill(run: Run, *, rounds: int = 11) -> Measured:
    """Kill every child that waits for this role but the one that stands by; then ask: what the next caller waits."""
    times = []
    for number in range(rounds):
        run(_SMALL.format(n=number))
        _until_ready()
        os.kill(_newest_idle(), signal.SIGKILL)
        times.append(seconds_of(lambda: run(_SMALL.format(n=0))))
    detail = f"slowest of {rounds}: {max(times) * 1000:.0f} ms"
    return Measured("SQL text", "query after a kill, p50", median(times) * 1000, " ms", 300, detail)


def _until_ready() -> None:
    """Until the child that stands by is ready, at most a few seconds."""
    until = time.monotonic() + 5
    while (pool().opening() or len(pool().pids()) < 3) and time.monotonic() < until:
        Event().wait(0.02)


def _newest_idle() -> int:
    """The child that the next query would get: the last one is not bound to a projection."""
    idle = pool().pids()
    return idle[-2] if len(idle) > 1 else idle[-1]


def _incremental(workspace: Workspace, run: Run) -> Measured:
    """A hundred rows more, in a file that takes the place of the one before; the answer must count them."""
    changed = workspace.warehouse_path.with_suffix(".new")
    shutil.copy(workspace.warehouse_path, changed)
    with duckdb.connect(str(changed)) as writer:
        writer.execute("insert into messages select * from messages limit 100")
    os.replace(changed, workspace.warehouse_path)
    seconds = seconds_of(lambda: run("select count(*) from messages"))
    return Measured("SQL text", "projection of messages, 100 rows more", seconds, " s", None, _size(workspace))


def _runner(workspace: Workspace, role: str) -> Run:
    warehouse, asker = open_warehouse(workspace), Asker("bench", (role,))
    return lambda sql: warehouse.run_untrusted(sql, asker=asker)


def _with_roles(demo: Path, folder: Path) -> Workspace:
    """A copy of the demo with a small table, and a role that may not see the last column of messages."""
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns(".transect"))
    with duckdb.connect(str(load_workspace(folder).warehouse_path)) as writer:
        writer.execute("create table few as select surface, row_number() over () as n from messages limit 1000")
    column = next(reversed(open_warehouse(load_workspace(folder)).tables()["messages"]))
    settings = folder / "transect.toml"
    settings.write_text(settings.read_text("utf-8") + _ROLES.format(column=column), "utf-8")
    return load_workspace(folder)


def _size(workspace: Workspace) -> str:
    parts = list((workspace.state_dir / "roles" / "parts").rglob("*.duckdb"))
    return f"{sum(file.stat().st_size for file in parts) / 1e6:.0f} MB in {len(parts)} files"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("demo", type=Path, help="the folder of a demo")
    parser.add_argument("--out", type=Path, help="write the page here as well")
    asked = parser.parse_args()
    rows = duckdb.connect(str(load_workspace(asked.demo).warehouse_path), read_only=True).table("messages").shape[0]
    page = Page("SQL text: speed", "python -m tests.bench.untrusted DEMO", "7, of the demo", f"{rows:,} messages")
    with tempfile.TemporaryDirectory(prefix="transect-bench-") as folder:
        measured = list(measure_untrusted(asked.demo, Path(folder)))
    said = (
        "Guard and sandbox against DuckDB in this process, in turn; CPU is of this process and its children together."
    )
    text = page.write(f"{os.cpu_count()} cores, shared with other work. {said}\n\n{write_table(measured)}")
    print(text)
    if asked.out is not None:
        asked.out.write_text(text, "utf-8")
    return int(any(each.met is False for each in measured))


if __name__ == "__main__":
    sys.exit(main())
