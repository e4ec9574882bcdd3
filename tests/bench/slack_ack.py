"""How long Slack waits for its acknowledgement when fifty events come at once, beside ten answers and beside none."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.measure import quantile
from tests.bench.report import Measured
from tests.slack.bot import Bot
from tests.slack.conftest import MIA, PEOPLE, copy_workspace
from tests.slack.local_slack import BOT_USER, SECRET, LocalSlack

EVENTS, ANSWERS, ROUNDS = 50, 10, 6
SLACKS_LIMIT_MS = 3000


def measure_ack(demo: Path, *, rounds: int = ROUNDS) -> Iterator[Measured]:
    """p99 over the rounds' events: first with nobody at work, then while ten processes answer what came in."""
    with tempfile.TemporaryDirectory() as folder, LocalSlack() as slack:
        for number in range(20):
            slack.add_channel(f"C0BENCH{number}", "private", MIA)
        place = copy_workspace(demo, Path(folder) / "place", PEOPLE)
        bot = Bot(place, slack.environment, workers=0)
        try:
            quiet = [seconds for number in range(rounds) for seconds in burst(bot.url, number * EVENTS)]
            for _ in range(ANSWERS):
                bot.start_worker()
            busy, running = [], []
            for number in range(rounds, 2 * rounds):
                slack.wait_for(lambda: count(place, "working") >= ANSWERS, seconds=300)
                running.append(count(place, "working"))
                busy += burst(bot.url, number * EVENTS)
            slack.wait_for(lambda: count(place, "waiting") + count(place, "working") == 0, seconds=1200)
            posts = len(slack.posts())
        finally:
            for worker in bot.workers:
                worker.kill()
            bot.end()
    if posts != 2 * rounds * EVENTS:
        raise AssertionError(f"{posts} answers to {2 * rounds * EVENTS} messages")
    names = (("nobody at work", quiet, None), (f"{ANSWERS} answers running", busy, SLACKS_LIMIT_MS / 2))
    for name, seconds, goal in names:
        detail = f"p50 {median(seconds) * 1000:.0f} ms, slowest {max(seconds) * 1000:.0f} ms of {len(seconds)} events"
        if goal is not None:
            detail += f"; at work when they came: {min(running)} to {max(running)}; Slack waits {SLACKS_LIMIT_MS} ms"
        what = f"{EVENTS} events at once, {name}: p99"
        yield Measured("Slack acknowledgement", what, quantile(seconds, 0.99) * 1000, " ms", goal, detail)


def burst(url: str, first: int) -> list[float]:
    """The seconds of each event of one burst; all of them must be acknowledged."""
    command = [sys.executable, "-m", "tests.bench.burst", url, SECRET, BOT_USER, str(first), str(EVENTS)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=True)
    times: list[float | None] = json.loads(done.stdout)
    if None in times:
        raise AssertionError(f"{times.count(None)} of {len(times)} events were not acknowledged")
    return [seconds for seconds in times if seconds is not None]


def count(place: Path, status: str) -> int:
    """How many things in the inbox have this status."""
    with sqlite3.connect(f"file:{place / '.transect' / 'state.db'}?mode=ro", uri=True) as connection:
        return int(connection.execute("select count(*) from slack_inbox where status = ?", (status,)).fetchone()[0])
