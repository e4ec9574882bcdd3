"""SQL text under fire: threads ask while their children are killed at random.

    python -m tests.warehouse.fire --out docs/evidence/kills.md

runs it at full scale. What is right was computed before, by DuckDB itself on the same tables made by hand.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread

from tests.warehouse.corpus.place import make_place, plain_database
from tests.warehouse.evidence import Page
from tools.access import Asker
from tools.errors import Declined, TransectError
from tools.sandbox.pool import pool
from tools.state import AuditReport, open_state, verify_audit
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import load_workspace

SEED = 5
_STUCK_SECONDS = 120.0
ANALYST, CAREFUL = Asker("p1", ("analyst",)), Asker("p2", ("careful",))
# {n} is another number in each thread, {i} in each query.
_ANSWERED = (
    "select {n} * 1000 + {i}",
    "select count(*) + {n}, sum(id) + {i} from users",
    "select country, count(*) as n from users where id % 7 = {i} % 7 group by country order by country",
    "select kind, round(avg(amount), 6), {n} from events where user_id % 50 = {i} % 50 group by kind order by kind",
    "select u.country, count(*), {i} from events e join users u on u.id = e.user_id group by all order by 1",
    "select id, upper(country), tags from users where id between {i} and {i} + {n} order by id",
    "with recursive t(x) as (select {n} union all select x + 1 from t where x < {n} + {i} % 20) select sum(x) from t",
    "select n + {i} from other.notes",
)
_DECLINED = (
    ("select email, {n}, {i} from users", "column"),
    ("select {n}, {i} from secret", "table"),
    ("select {i}, getenv('HOME') from users where id = {n}", "function"),
    ("delete from users where id = {i} + {n}", "statement"),
)
# Of a role that sees no small cells; its few cuts are asked for again and again.
_CELLS = (
    "select country, count(*) as n from users group by country order by country",
    "select kind, count(*) as n from events group by kind order by kind",
    "select count(*) from events",
    "select country, count(*) as n from v_users group by country order by country",
)


@dataclass(frozen=True)
class Query:
    """A statement, who asks it, and what must come of it: rows, or a rule by which it is declined."""

    sql: str
    asker: Asker
    expected: object


@dataclass
class Outcome:
    """What was seen.

    Attributes:
        ends: how often a query was answered, declined by its rule, or said that its process was killed.
        wrong: queries with another end, and what that was.
        seconds: of each query.
        killed, seen: children that were killed, and all that there were.
        left: children that are still there after all, and wait for nobody.
        audit: the chain afterwards.
        asked: how many queries there were.
    """

    asked: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    stuck: int = 0
    killed: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    left: list[int] = field(default_factory=list)
    audit: AuditReport | None = None

    @property
    def good(self) -> bool:
        """No wrong result, no stuck call, no leaked process, a line for each query in a whole chain."""
        chain = self.audit is not None and self.audit.ok and self.audit.lines == self.asked
        return not self.wrong and not self.stuck and not self.left and chain


def fire(folder: Path, *, threads: int, queries: int, seed: int) -> Outcome:
    """Run `threads` times `queries` statements on a place in `folder`, which must be empty."""
    place = load_workspace(make_place(folder / "w"))
    warehouse, outcome, lock, done = DuckDBWarehouse(place), Outcome(), Lock(), Event()
    todo = [list(_queries(thread, queries)) for thread in range(threads)]
    expected = _expected(folder, todo, warehouse)
    before = outcome.asked = len(_CELLS)
    others = set(children())  # of other projections, as of an earlier run

    def ask(mine: list[Query]) -> None:
        for query in mine:
            begun = time.monotonic()
            end, said = _ask(warehouse, query, expected)
            with lock:
                outcome.seconds.append(time.monotonic() - begun)
                outcome.ends[end] += 1
                if end == "wrong":
                    outcome.wrong.append((query.sql, said))

    def kill() -> None:
        chance = random.Random(seed)
        while not done.wait(chance.uniform(0.01, 0.2)):
            for pid in sorted(set(children()) - others):
                outcome.seen.add(pid)
                if chance.random() < 0.3:
                    with suppress(ProcessLookupError):  # the pool has just let it go
                        os.kill(pid, signal.SIGKILL)
                        outcome.killed.add(pid)

    askers = [Thread(target=ask, args=(mine,), daemon=True) for mine in todo]
    killer = Thread(target=kill)
    for thread in (*askers, killer):
        thread.start()
    until = time.monotonic() + _STUCK_SECONDS + threads * queries
    for thread in askers:
        thread.join(max(until - time.monotonic(), 0))
    done.set()
    killer.join()
    outcome.stuck = sum(thread.is_alive() for thread in askers)
    outcome.asked = before + sum(map(len, todo))
    _look_after(warehouse, outcome, others)
    outcome.audit = verify_audit(open_state(place))
    return outcome


def _queries(thread: int, number: int) -> Iterator[Query]:
    """Every kind in turn, with numbers of its own."""
    for i in range(number):
        kind = (i + thread) % 4
        if kind == 3:
            sql, rule = _DECLINED[i // 4 % len(_DECLINED)]
            yield Query(sql.format(n=thread, i=i), ANALYST, rule)
        elif kind == 2:
            yield Query(_CELLS[i // 4 % len(_CELLS)], CAREFUL, None)
        else:
            yield Query(_ANSWERED[i // 2 % len(_ANSWERED)].format(n=thread, i=i), ANALYST, None)


def _expected(folder: Path, todo: list[list[Query]], warehouse: DuckDBWarehouse) -> dict[str, object]:
    """Rows by statement, from DuckDB itself; small cells are taken out as by the first, undisturbed answer.

    Raises:
        AssertionError: that first answer shows a cell that DuckDB does not give.
    """
    (folder / "plain").mkdir()
    with plain_database(folder / "plain") as plain:
        rows: dict[str, object] = {
            query.sql: plain.execute(query.sql).fetchall()
            for mine in todo
            for query in mine
            if query.asker is ANALYST and query.expected is None
        }
        for sql in _CELLS:
            shown = warehouse.run_untrusted(sql, asker=CAREFUL).rows
            assert shown
            assert set(shown) <= set(plain.execute(sql).fetchall())
            assert all(row[-1] >= 10 for row in shown)
            rows[sql] = shown
    return rows


def _ask(warehouse: DuckDBWarehouse, query: Query, expected: dict[str, object]) -> tuple[str, str]:
    """How it ended, and what was said."""
    try:
        found = warehouse.run_untrusted(query.sql, asker=query.asker)
    except Declined as declined:
        return ("declined" if declined.rule == query.expected else "wrong"), repr(declined.to_dict())
    except TransectError as error:
        ends = {"sandbox_killed": "its process was killed", "sandbox_failed": "no process could be started"}
        return ends.get(error.code, "wrong"), repr(error.to_dict())
    except Exception as error:
        return "wrong", repr(error)
    right = query.expected is None and found.rows == expected[query.sql]
    return ("answered" if right else "wrong"), repr(found.rows)


def _look_after(warehouse: DuckDBWarehouse, outcome: Outcome, others: set[int]) -> None:
    """Which children are left when those that wait are counted out, and ended."""
    for asker in (ANALYST, CAREFUL):
        assert warehouse.run_untrusted("select count(*) from users", asker=asker).rows == [(1200,)]
        outcome.asked += 1
    until = time.monotonic() + 30
    while pool().opening() and time.monotonic() < until:
        Event().wait(0.05)
    for view in list(warehouse._views.values()):
        pool().forget(view.projected.projection)
    outcome.left = sorted(set(children()) - others - set(pool().pids()))


def children() -> list[int]:
    """Children of this process that run the sandbox, also those that ended and were not waited for."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            ended = stat[0] == "Z"  # has no command any more
            if int(stat[1]) == os.getpid() and (ended or b"tools.sandbox.child" in command):
                found.append(int(folder.name))
    return found


def _page(outcome: Outcome) -> str:
    """The table of the page."""
    taken = sorted(outcome.seconds)
    chain = outcome.audit
    rows = {
        "queries": f"{len(taken):,}",
        **{end: f"{count:,}" for end, count in sorted(outcome.ends.items()) if end != "wrong"},
        "wrong results": str(len(outcome.wrong)),
        "stuck calls": str(outcome.stuck),
        "children seen, killed": f"{len(outcome.seen):,}, {len(outcome.killed):,}",
        "children left": str(len(outcome.left)),
        "seconds of a query, p50, p95, longest": ", ".join(
            f"{taken[min(int(q * len(taken)), len(taken) - 1)]:.2f}" for q in (0.5, 0.95, 1)
        ),
        "audit lines, chain": f"{chain.lines:,}, {'whole' if chain.ok else 'BROKEN'}" if chain else "none",
    }
    wrong = "\n".join(f"- `{sql}`: {said}" for sql, said in outcome.wrong)
    return "| | |\n|---|---:|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows.items()) + f"\n\n{wrong}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--out", type=Path, help="write the page here as well")
    asked = parser.parse_args()
    scale = f"{asked.threads} threads of {asked.queries} queries"
    page = Page("SQL text while its processes are killed", "python -m tests.warehouse.fire", str(SEED), scale)
    with tempfile.TemporaryDirectory(prefix="transect-fire-") as folder:
        outcome = fire(Path(folder), threads=asked.threads, queries=asked.queries, seed=SEED)
    text = page.write(
        "Every 10 to 200 ms each child is killed with a chance of 30 %. What is right was computed before by DuckDB "
        "itself on the\nsame tables; a quarter of the statements must be declined by their rule, and a quarter come "
        "from a role with `min_cell` 10.\n\n" + _page(outcome)
    )
    print(text)
    if asked.out is not None:
        asked.out.write_text(text, "utf-8")
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
