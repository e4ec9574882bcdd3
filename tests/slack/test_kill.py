"""kill -9 at every point of a message's way: one answer for each message, none lost, none twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.slack.bot import Bot
from tests.slack.kills import MANY, POINTS, Killer, Point
from tests.slack.local_slack import LocalSlack

FEW = tuple(point for point in POINTS if point.name in ("the post is taken, its answer is lost", POINTS[-2].name))


def check_every_message(start: Callable[..., Bot], slack: LocalSlack, place: Path, points: tuple[Point, ...]) -> None:
    killer = Killer(start, slack)
    for point in points:
        killer.play(point)
    slack.wait_for(lambda: len(slack.posts("C0MIA")) >= len(points), seconds=240)
    for message in list(slack.channels["C0MIA"].messages):
        if not message.get("bot_id"):
            for event in slack.events_of("C0MIA", message):
                assert slack.deliver(event, retry=3) == 200
    slack.wait_for(lambda: not _open(place), seconds=60)
    posts = slack.posts("C0MIA")
    assert sorted(post["thread_ts"] for post in posts) == sorted(killer.asked), "one answer for each message"
    for post in posts:
        expected = "Violating message" if killer.asked[post["thread_ts"]] == MANY else "Messages sent: 11,466"
        assert post["text"].startswith(expected)
    assert _rows(place, "select count(*) from slack_inbox where status = 'done'") == len(points)
    assert _rows(place, "select count(*) from slack_posts") == len(points)
    assert _rows(place, "select count(*) from audit where action = 'slack_answer'") == len(points)
    print(f"\n{killer.deaths} kills at {len(points)} of {len(POINTS)} points: {len(posts)} answers")


def _open(place: Path) -> int:
    return _rows(place, "select count(*) from slack_inbox where status in ('waiting', 'working')")


def _rows(place: Path, sql: str) -> int:
    with sqlite3.connect(f"file:{place / '.transect' / 'state.db'}?mode=ro", uri=True) as connection:
        return int(connection.execute(sql).fetchone()[0])


def test_a_kill_loses_nothing_and_repeats_nothing(
    start: Callable[..., Bot], slack: LocalSlack, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check_every_message(start, slack, place, FEW)
    with capsys.disabled():
        print(f"\n[{len(FEW)} of {len(POINTS)} kill points; make soak plays all]", end="")


@pytest.mark.soak
def test_a_kill_at_every_point_loses_nothing_and_repeats_nothing(
    start: Callable[..., Bot], slack: LocalSlack, place: Path
) -> None:
    assert len(POINTS) >= 20
    check_every_message(start, slack, place, POINTS)
