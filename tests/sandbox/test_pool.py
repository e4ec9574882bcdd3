"""Children under load and under fire: right answers, none stuck, none left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from tools.errors import TransectError
from tools.sandbox.pool import MOST_PER_PROJECTION, Pool, pool
from tools.sandbox.worker import ChildFailed, ChildGone, ChildKilled, Projection, Worker

ROOT = Path(__file__).parents[2]
MB = 1 << 20


def run(of: Pool, projection: Projection, sql: str, *, seconds: float = 10.0) -> list[tuple[object, ...]]:
    with of.worker(projection) as worker:
        return worker.run(sql, seconds=seconds, rows=100, size=100_000).rows


def test_a_child_has_an_empty_environment_no_network_and_no_door(projection: Projection) -> None:
    own = Pool()
    with own.worker(projection) as worker:
        process = Path(f"/proc/{worker.pid}")
        if not process.exists():
            pytest.skip("this system shows nothing of its processes")
        assert (process / "environ").read_bytes() == b""
        limits = (process / "limits").read_text()
        opened = len(list((process / "fd").iterdir()))
        assert f"Max open files            {opened} " in limits
        assert "Max file size             0 " in limits
        interfaces = (process / "net" / "dev").read_text().splitlines()[2:]
        assert [line.split(":")[0].strip() for line in interfaces] == ["lo"] or os.getuid() != 0
    own.close()


def test_a_locked_child_starts_no_thread(projection: Projection) -> None:
    """Whoever is not root could start none there: the limit on processes counts threads, too."""
    with Pool().worker(projection) as worker:
        threads = Path(f"/proc/{worker.pid}/task")
        if not threads.exists():
            pytest.skip("this system shows nothing of its processes")
        before = {each.name for each in threads.iterdir()}
        for sql in ("select 1", "select count(*) from t, range(1000000)"):
            worker.run(sql, seconds=10, rows=10, size=1_000)
            worker.parse(sql, seconds=10)
        assert {each.name for each in threads.iterdir()} == before
        worker.close()


HUNGRY = [
    "select length(replace(repeat('x', 1000000), 'x', repeat('y', 10000)))",
    "select list(i) from range(50000000) t(i)",
    "select string_agg(repeat('x', 1000000), '') from range(10000)",
    "select count(*) from (select distinct i, i + 1 from range(50000000) t(i))",
]


@pytest.mark.parametrize("sql", HUNGRY)
def test_memory_stays_within_the_allowance(sql: str, projection: Projection) -> None:
    """Sampled while it runs: idle size, plus the cap, plus a tenth."""
    own, peak, done = Pool(), [0], Event()
    parent = resident("self")
    with own.worker(projection) as worker:
        idle = worker.resident_bytes()

        def watch() -> None:
            while not done.wait(0.002):
                peak[0] = max(peak[0], worker.resident_bytes())

        watcher = Thread(target=watch)
        watcher.start()
        try:
            worker.run(sql, seconds=4, rows=10, size=10_000)
        except (ChildFailed, ChildGone):
            pass
        finally:
            done.set()
            watcher.join()
    assert peak[0] <= idle + 1.1 * projection.memory_mb * MB
    assert resident("self") - parent < 20 * MB
    assert run(own, projection, "select count(*) from t") == [(100,)]
    own.close()


def resident(pid: str) -> int:
    from tools.sandbox.confine import resident_bytes

    return resident_bytes(os.getpid() if pid == "self" else int(pid))


def test_a_deadline_is_kept_even_by_one_expression_that_never_looks_up(projection: Projection) -> None:
    own = Pool()
    assert run(own, projection, "select 1") == [(1,)]  # warm
    begun = time.monotonic()
    with pytest.raises((ChildGone, ChildFailed)):
        run(own, projection, "select levenshtein(repeat('ab', 200000), repeat('ba', 200000))", seconds=1)
    assert time.monotonic() - begun < 2
    assert run(own, projection, "select 1") == [(1,)]
    own.close()


def test_after_a_kill_the_next_statement_is_answered(projection: Projection) -> None:
    own = Pool()
    for _ in range(3):
        with own.worker(projection) as worker:
            os.kill(worker.pid, signal.SIGKILL)
            with pytest.raises(ChildKilled):
                worker.run("select 1", seconds=5, rows=1, size=100)
        assert run(own, projection, "select sum(a) from t") == [(4950,)]
    own.close()


def test_a_child_that_still_owes_an_answer_gets_no_other_caller(projection: Projection) -> None:
    """The next caller would get the answer to what was asked before."""
    own = Pool()
    with own.worker(projection) as worker:
        asked = worker.pid
        worker._send({"op": "parse", "sql": "select 1"}, time.monotonic() + 5)
        assert not worker.in_step
    assert asked not in own.pids()
    assert run(own, projection, "select sum(a) from t") == [(4950,)]
    own.close()


def test_a_child_that_was_stopped_is_replaced(projection: Projection) -> None:
    own = Pool()
    with own.worker(projection) as worker:
        worker.used_at, stopped = time.monotonic(), worker.pid
    os.kill(stopped, signal.SIGSTOP)
    for each in own._idle[projection]:
        each.used_at -= 60
    assert run(own, projection, "select sum(a) from t") == [(4950,)]
    assert stopped not in own.pids()
    own.close()


def test_more_callers_than_children_wait_their_turn(projection: Projection) -> None:
    own, answers = Pool(), []
    threads = [
        Thread(target=lambda: answers.append(run(own, projection, "select count(*) from t, range(2000000)")))
        for _ in range(MOST_PER_PROJECTION + 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[(200_000_000,)]] * len(threads)
    assert own.busy() == 0
    assert len(own.pids()) <= MOST_PER_PROJECTION + 1
    own.close()


def test_closing_leaves_no_process(projection: Projection) -> None:
    own = Pool()
    run(own, projection, "select 1")
    run(own, projection, "select 1")
    pids = own.pids()
    assert pids
    own.close()
    assert not [pid for pid in pids if is_alive(pid)]


def test_a_child_follows_its_parent_even_when_that_is_killed(projection: Projection) -> None:
    code = (
        "from pathlib import Path; from tools.sandbox.pool import pool; from tools.sandbox.worker import Projection\n"
        f"p = Projection(Path({str(projection.path)!r}), (), 'UTC', 128)\n"
        "with pool().worker(p) as w:\n"
        "    print(w.pid, flush=True); w.run('select count(*) from range(9000000) a, range(9000000) b', seconds=60, "
        "rows=1, size=100)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 10
    while is_alive(child) and time.monotonic() < until:
        Event().wait(0.05)
    assert not is_alive(child)


def test_a_forked_process_has_a_pool_of_its_own(projection: Projection) -> None:
    assert run(pool(), projection, "select 1") == [(1,)]
    mine = pool()
    child = os.fork()
    if child == 0:
        os._exit(0 if pool() is not mine and not pool().pids() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert run(pool(), projection, "select 1") == [(1,)]
    pool().forget(projection)


def fire(projection: Projection, *, threads: int, queries: int, seed: int) -> None:
    """Threads ask while their children are killed at random: each answer is right, or says that its child is gone."""
    own, wrong, gone, done = Pool(), [], [0], Event()
    chance = random.Random(seed)
    failed: set[str] = set()

    def ask(n: int) -> None:
        for i in range(queries):
            try:
                found = run(own, projection, f"select sum(a) * {n} + {i} from t")
                if found != [(4950 * n + i,)]:
                    wrong.append(found)
            except ChildGone:
                gone[0] += 1
            except TransectError as error:
                gone[0] += 1
                failed.add(error.code)

    def kill() -> None:
        while not done.wait(chance.uniform(0.01, 0.2)):
            for pid in children_of_this_process():
                if chance.random() < 0.3:
                    os.kill(pid, signal.SIGKILL)

    askers = [Thread(target=ask, args=(n,)) for n in range(threads)]
    killer = Thread(target=kill)
    for thread in (*askers, killer):
        thread.start()
    for thread in askers:
        thread.join(timeout=300)
        assert not thread.is_alive()
    done.set()
    killer.join()
    assert wrong == []
    assert failed <= {"sandbox_failed"}  # killed each time before it was ready
    assert gone[0] < threads * queries
    assert run(own, projection, "select count(*) from t") == [(100,)]
    own.close()
    assert own.pids() == []


def children_of_this_process() -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if int(fields[1]) == os.getpid() and b"tools.sandbox.child" in command:
                found.append(int(folder.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find its children")
def test_random_kills(projection: Projection) -> None:
    fire(projection, threads=4, queries=20, seed=3)
    assert children_of_this_process() == [pid for pid in pool().pids() if is_alive(pid)]


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find its children")
def test_eight_threads_of_two_hundred_with_random_kills(projection: Projection) -> None:
    fire(projection, threads=8, queries=200, seed=5)


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_a_worker_that_says_nonsense_is_ended(projection: Projection) -> None:
    worker = Worker()
    worker.open(projection)
    with pytest.raises(ChildFailed):
        worker.run("select nonsense", seconds=5, rows=1, size=100)
    assert worker.run("select 1", seconds=5, rows=1, size=100).rows == [(1,)]
    worker.close()
    assert not worker.alive()
