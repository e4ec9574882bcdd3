"""Effects are recorded exactly once, whatever dies: real processes, real kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tools.state import (
    Attempt,
    EffectBusy,
    NothingSent,
    NotSent,
    OutcomeUnknown,
    Recorded,
    Sent,
    State,
    Unknown,
    effect,
    open_state,
)
from tools.workspace import Workspace

CHECKOUT = Path(__file__).parents[2]


def start(root: Path, key: str, point: str, *, lease: float = 0.3) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.state.sender", str(root), key, point],
        cwd=CHECKOUT,
        env={**os.environ, "LEASE": str(lease)},
        stdout=subprocess.PIPE,
        text=True,
    )


def run(root: Path, key: str, point: str) -> tuple[int, str]:
    process = start(root, key, point)
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


def sent(root: Path) -> Counter[str]:
    world = root / "world"
    lines = world.read_text().splitlines() if world.exists() else []
    return Counter(json.loads(line)["key"] for line in lines)


def paid(state: State) -> int:
    with state.snapshot() as connection:
        return int(connection.execute(text("select count(*) from paid")).scalar_one())


@pytest.mark.parametrize("point", ["reserved", "sending", "sent", "recording", "recorded"])
def test_a_kill_at_any_point_loses_nothing_and_sends_nothing_twice(workspace: Workspace, point: str) -> None:
    state = open_state(workspace)
    code, out = run(workspace.root, "k", point)
    assert code == -signal.SIGKILL
    assert out == ""
    code, out = run(workspace.root, "k", "never")
    assert code == 0
    assert json.loads(out) == {"result": {"sent": "k"}, "replayed": point == "recorded"}
    assert sent(workspace.root) == {"k": 1}
    assert paid(state) == 1


def test_kills_one_after_another_until_one_gets_through(workspace: Workspace) -> None:
    for point in ("reserved", "sending", "sending", "sent", "recording", "recording"):
        assert run(workspace.root, "k", point)[0] == -signal.SIGKILL
    assert run(workspace.root, "k", "never")[0] == 0
    assert sent(workspace.root) == {"k": 1}
    assert paid(open_state(workspace)) == 1


def test_many_processes_at_once_send_each_key_once(workspace: Workspace) -> None:
    processes = [start(workspace.root, f"k{i % 3}", "never", lease=60) for i in range(9)]
    results = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0] * 9
    assert sent(workspace.root) == {"k0": 1, "k1": 1, "k2": 1}
    assert sum(not result["replayed"] for result in results) == 3
    assert paid(open_state(workspace)) == 3


def never_asked(_: Attempt) -> Unknown:
    raise AssertionError("look_up was not to be asked")


def test_a_recorded_effect_is_replayed_without_sending(workspace: Workspace) -> None:
    state = open_state(workspace)
    calls: list[int] = []

    def send(attempt: Attempt) -> dict[str, int]:
        calls.append(attempt.token)
        return {"cost": 3}

    assert effect(state, "k", send=send, look_up=never_asked) == Recorded("k", {"cost": 3}, 1, replayed=False)
    assert effect(state, "k", send=send, look_up=never_asked) == Recorded("k", {"cost": 3}, 1, replayed=True)
    assert calls == [1]


def test_the_reserved_request_is_what_every_try_sends(workspace: Workspace) -> None:
    state = open_state(workspace)
    requests: list[Any] = []

    def send(attempt: Attempt) -> None:
        requests.append(attempt.request)
        if len(requests) == 1:
            raise NothingSent

    with pytest.raises(NothingSent):
        effect(state, "k", reserve=lambda _: {"text": "first"}, send=send, look_up=never_asked)
    effect(state, "k", reserve=lambda _: {"text": "second"}, send=send, look_up=never_asked)
    assert requests == [{"text": "first"}, {"text": "first"}]


def test_a_refusal_to_reserve_leaves_nothing_behind(workspace: Workspace) -> None:
    state = open_state(workspace)

    def over_budget(_: Connection) -> None:
        raise ValueError("over budget")

    with pytest.raises(ValueError, match="over budget"):
        effect(state, "k", reserve=over_budget, send=lambda _: 1, look_up=never_asked)
    assert effect(state, "k", send=lambda _: 2, look_up=never_asked).result == 2


def test_a_failed_record_keeps_both_or_neither_and_is_looked_up(workspace: Workspace) -> None:
    state = open_state(workspace)
    with state.transaction() as connection:
        connection.execute(text("create table paid (key text)"))

    def record(connection: Connection, _: Any) -> None:
        connection.execute(text("insert into paid values ('k')"))
        raise ValueError("disk")

    with pytest.raises(ValueError, match="disk"):
        effect(state, "k", send=lambda _: 1, look_up=never_asked, record=record)
    assert paid(state) == 0
    assert effect(state, "k", send=never_asked, look_up=lambda _: Sent(1)).result == 1


def test_a_lost_answer_is_looked_up_and_an_unclear_one_stays_unsent(workspace: Workspace) -> None:
    state = open_state(workspace)

    def lost(_: Attempt) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        effect(state, "k", send=lost, look_up=never_asked)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown) as raised:
            effect(state, "k", send=never_asked, look_up=lambda _: Unknown("the list is down"))
        assert "the list is down" in raised.value.message
    assert effect(state, "k", send=lambda a: a.token, look_up=lambda _: NotSent()).result == 4
    with state.snapshot() as connection:
        outcomes = connection.execute(text("select outcome from attempts order by token")).scalars().all()
    assert list(outcomes) == ["unknown", "unknown", "unknown", "sent"]


def test_an_interrupt_frees_the_key_at_once(workspace: Workspace) -> None:
    state = open_state(workspace)

    def interrupted(_: Attempt) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        effect(state, "k", send=interrupted, look_up=never_asked)
    assert effect(state, "k", send=never_asked, look_up=lambda _: Sent("x"), wait_seconds=0).result == "x"


def test_a_second_caller_waits_for_the_first(workspace: Workspace) -> None:
    state = open_state(workspace)
    entered, go, results = threading.Event(), threading.Event(), []

    def slow(_: Attempt) -> str:
        entered.set()
        assert go.wait(30)
        return "slow"

    def first() -> None:
        results.append(effect(state, "k", send=slow, look_up=never_asked))

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(30)
    with pytest.raises(EffectBusy):
        effect(state, "k", send=never_asked, look_up=never_asked, wait_seconds=0)
    go.set()
    assert effect(state, "k", send=never_asked, look_up=never_asked) == Recorded("k", "slow", 1, replayed=True)
    thread.join()
    assert results == [Recorded("k", "slow", 1, replayed=False)]


def test_a_sender_that_was_overtaken_cannot_record_and_its_result_is_kept(workspace: Workspace) -> None:
    state = open_state(workspace)

    def overtaken(attempt: Attempt) -> str:
        with state.transaction() as connection:  # the lease runs out while the first sender is still at it
            connection.execute(text("update effects set lease_until = 0"))
        second = effect(state, "k", send=lambda _: "second", look_up=lambda _: NotSent())
        assert second == Recorded("k", "second", 2, replayed=False)
        return f"late {attempt.token}"

    assert effect(state, "k", send=overtaken, look_up=never_asked) == Recorded("k", "second", 2, replayed=True)
    with state.snapshot() as connection:
        rows = connection.execute(text("select token, outcome, detail from attempts order by token")).all()
    assert [tuple(row) for row in rows] == [(1, "late", '"late 1"'), (2, "sent", '"second"')]
