"""The inbox: each thing once, the oldest of a thread first, and nothing kept by the dead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from slackbot.inbox import (
    Said,
    count_by_status,
    finish,
    give_up,
    postpone,
    put,
    renew,
    take,
    was_asked_in,
)
from tools.state import State, open_state
from tools.workspace import load_workspace

ONE = Said("T:C:1", "message", "T", "C", "channel", "1", "1", "U", "how many?")


@pytest.fixture
def state(tmp_path: Path) -> State:
    (tmp_path / "transect.toml").write_text("[access.roles.analyst]\n")
    return open_state(load_workspace(tmp_path))


def row(state: State) -> dict[str, object]:
    with state.snapshot() as connection:
        return dict(connection.execute(text("select * from slack_inbox order by received_at desc")).first()._mapping)  # type: ignore[union-attr]


def test_a_thing_is_kept_once(state: State) -> None:
    put(state, [ONE])
    put(state, [replace(ONE, text="other words"), ONE])
    taken = take(state, holder="a", lease_seconds=60)
    assert taken is not None
    assert (taken.said, taken.attempt) == (ONE, 1)
    assert take(state, holder="b", lease_seconds=60) is None


def test_what_the_dead_held_is_taken_by_another(state: State) -> None:
    put(state, [ONE])
    first = take(state, holder="a", lease_seconds=-1)
    second = take(state, holder="b", lease_seconds=60)
    assert first is not None
    assert second is not None
    assert second.attempt == 2
    renew(state, first, lease_seconds=-1)
    postpone(state, first, seconds=0, why="late")
    give_up(state, first, why="late")
    assert (row(state)["status"], row(state)["holder"]) == ("working", "b"), "the dead have no say"


def test_a_sign_of_life_keeps_it(state: State) -> None:
    put(state, [ONE])
    taken = take(state, holder="a", lease_seconds=-1)
    assert taken is not None
    renew(state, taken, lease_seconds=60)
    assert take(state, holder="b", lease_seconds=60) is None


def test_a_thread_is_answered_in_order_and_others_go_on(state: State) -> None:
    for number in (1, 2):
        put(state, [replace(ONE, key=f"T:C:{number}", ts=str(number))])
    put(state, [replace(ONE, key="T:C:3", ts="3", thread_ts="3")])
    first = take(state, holder="a", lease_seconds=60)
    other = take(state, holder="b", lease_seconds=60)
    assert first is not None
    assert other is not None
    assert (first.said.ts, other.said.ts) == ("1", "3")
    assert take(state, holder="c", lease_seconds=60) is None
    postpone(state, first, seconds=60, why="later")
    assert take(state, holder="c", lease_seconds=60) is None, "the second waits for the first, also while it is put off"
    finish(state, first.said, outcome="done")
    second = take(state, holder="c", lease_seconds=60)
    assert second is not None
    assert second.said.ts == "2"


def test_a_press_of_right_or_wrong_waits_for_nobody(state: State) -> None:
    put(state, [ONE])
    put(state, [replace(ONE, key="T:C:1:feedback:U", kind="feedback", text="right")])
    assert take(state, holder="a", lease_seconds=60) is not None
    assert take(state, holder="b", lease_seconds=60) is not None


def test_what_is_put_off_is_not_due_before(state: State) -> None:
    put(state, [ONE])
    taken = take(state, holder="a", lease_seconds=60)
    assert taken is not None
    postpone(state, taken, seconds=60, why="busy")
    assert take(state, holder="a", lease_seconds=60) is None
    assert (row(state)["status"], row(state)["outcome"]) == ("waiting", "busy")


def test_the_words_go_when_it_ends(state: State) -> None:
    for number, end in enumerate(("finish", "give_up"), start=1):
        said = replace(ONE, key=f"T:C:{number}", ts=str(number), thread_ts=str(number))
        put(state, [said])
        taken = take(state, holder="a", lease_seconds=60)
        assert taken is not None
        finish(state, said, outcome="x") if end == "finish" else give_up(state, taken, why="x")
        assert row(state)["text"] == ""
    assert count_by_status(state) == {"done": 1, "failed": 1}


def test_who_has_asked_in_a_thread_is_known(state: State) -> None:
    put(state, [ONE])
    assert was_asked_in(state, channel="C", thread_ts="1", person="U")
    assert not was_asked_in(state, channel="C", thread_ts="1", person="V")
    assert not was_asked_in(state, channel="C", thread_ts="2", person="U")
    assert not was_asked_in(state, channel="D", thread_ts="1", person="U")
