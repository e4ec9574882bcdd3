"""The model over the wire: an endpoint that fails in every way, and turns that are killed and taken up again."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import answer
from agent.state import Answer, Question
from tests.agent.scripted_turn import LOST, with_endpoint, with_limits
from tests.model.server import Action, Call, Drop, Hang, Raw, Refuse, Say, Server, Status, Use, serve
from tools.model import ToolCall
from tools.workspace import Workspace, default_asker, load_workspace

ROOT = Path(__file__).parents[2]


def tool(name: str, **arguments: object) -> Use:
    return Use((ToolCall("c", name, json.dumps(arguments)),))


def plan(call: Call) -> Action:
    """Search, query, tell: by what the conversation holds already."""
    answered = len([m for m in call.body["messages"] if m["role"] == "tool"])
    steps: list[Action] = [
        tool("search_catalog", words="tickets"),
        tool("query_metrics", metrics=["tickets_opened"]),
        Say("There are {f1.value} of them.", tokens=(50, 9)),
    ]
    return steps[min(answered, 2)]


@pytest.fixture
def desk(shop_folder: Path) -> Workspace:
    return load_workspace(shop_folder)


@pytest.fixture
def endpoint() -> Iterator[Server]:
    with serve(plan) as server:
        yield server


def told(desk: Workspace, server: Server, text: str = LOST, *, seconds: float = 1.0, id: str = "m1") -> Answer:
    modelled = with_limits(with_endpoint(desk, server.url), model_seconds=seconds)
    return answer(Question(text=text, id=id), workspace=modelled, asker=default_asker(desk), thread="t")


def test_a_turn_over_the_wire(desk: Workspace, endpoint: Server) -> None:
    found = told(desk, endpoint, seconds=30)
    assert found.kind == "answer"
    assert "There are 240 of them." in found.text
    assert (found.usage.model_calls, found.usage.input_tokens, found.usage.output_tokens) == (3, 70, 19)
    assert len(endpoint.calls) == 3
    first = endpoint.calls[0].body
    assert [m["role"] for m in first["messages"]] == ["system", "user"]
    for spec in first["tools"]:
        assert spec["function"]["parameters"]["additionalProperties"] is False
    assert len(set(endpoint.keys)) == 3


FAILING: dict[str, tuple[list[Action], str]] = {
    "hangs": ([Hang(20)] * 4, "did not"),
    "drops": ([Drop()] * 4, "could not be asked"),
    "drops midway": ([Drop(midway=True)] * 4, "could not be asked"),
    "says 429": ([Status(429, {"retry-after": "60"})] * 9, "could not be asked"),
    "says 500": ([Status(500)] * 9, "could not be asked"),
    "says 401": ([Status(401)] * 9, "could not be asked"),
    "says 400": ([Status(400)] * 9, "could not be asked"),
    "is no JSON": ([Raw(b"<html>oops</html>")] * 9, "could not be asked"),
    "is another JSON": ([Raw(b'{"choices": []}')] * 9, "could not be asked"),
    "is null": ([Raw(b"null")] * 9, "could not be asked"),
    "refuses": ([Refuse("no 7")], "refused"),
    "babbles": ([Say("Hello."), Say("Hello again.")], "rests on the data"),
    "is cut off": ([Say("", finish="length"), Say("", finish="length")], "rests on the data"),
}


@pytest.mark.parametrize("how", FAILING)
def test_an_endpoint_that_fails_ends_in_a_clear_message_and_the_embedded_answer(how: str, desk: Workspace) -> None:
    script, words = FAILING[how]
    with serve(script) as server:
        lost = told(desk, server)
        asked = told(desk, server, "by channel", id="m2")
    assert lost.kind == "declined"
    assert lost.reason in ("off_topic", "no_data")
    assert any(words in caveat for caveat in lost.caveats), lost.caveats
    for caveat in lost.caveats:
        assert "prompt was" not in caveat
        assert "Traceback" not in caveat
        assert "7" not in caveat
    assert asked.kind == "clarification"
    assert asked.caveats


def test_nobody_listens(desk: Workspace) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        modelled = with_limits(with_endpoint(desk, url), model_seconds=1)
        found = answer(Question(text=LOST), workspace=modelled, asker=default_asker(desk))
    assert found.kind == "declined"
    assert any("could not be asked" in caveat for caveat in found.caveats)


@pytest.mark.parametrize(
    "arguments",
    [
        "{",
        "[]",
        "null",
        '"x"',
        '{"metrics": "tickets_opened"}',
        '{"metrics": ["tickets_opened"], "limit": 1e99}',
        "\u0000",
    ],
)
def test_a_reply_outside_the_schema_is_told_and_may_be_mended(arguments: str, desk: Workspace) -> None:
    bad = Use((ToolCall("c", "query_metrics", arguments),))
    script: list[Action] = [bad, tool("query_metrics", metrics=["tickets_opened"]), Say("There are {f1.value}.")]
    with serve(script) as server:
        found = told(desk, server, seconds=30)
        errors = [m["content"] for m in server.calls[1].body["messages"] if m["role"] == "tool"]
    assert found.kind == "answer"
    assert "error" in errors[0]


def test_a_key_that_is_not_set_is_said_and_nothing_is_sent(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    away = with_endpoint(desk, "https://models.example/v1", input_usd_per_million=1.0, output_usd_per_million=1.0)
    found = answer(Question(text=LOST), workspace=away, asker=default_asker(desk))
    assert found.kind == "declined"
    assert any("OPENAI_API_KEY" in caveat for caveat in found.caveats)


def test_a_store_that_cannot_be_written_means_that_no_model_is_paid(desk: Workspace, endpoint: Server) -> None:
    desk.state_dir.mkdir(exist_ok=True)
    (desk.state_dir / "state.db").write_bytes(b"damaged" * 400)
    found = told(desk, endpoint)
    assert found.kind == "declined"
    assert endpoint.calls == []
    assert any("damaged" in caveat for caveat in found.caveats)


def in_a_process(desk: Workspace, server: Server, die_after: int) -> subprocess.CompletedProcess[str]:
    words = [str(desk.root), server.url, "t", "m1", LOST, str(die_after)]
    command = [sys.executable, "-m", "tests.agent.turn_process", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("lose_threads", "deaths"),
    [
        (True, (2,)),
        pytest.param(True, (1, 2, 3), marks=pytest.mark.soak),
        pytest.param(False, (1, 2, 3), marks=pytest.mark.soak),
    ],
)
def test_a_turn_that_is_killed_between_calls_is_taken_up_and_pays_for_no_call_twice(
    lose_threads: bool, deaths: tuple[int, ...], desk: Workspace, endpoint: Server
) -> None:
    for die_after in deaths:
        assert in_a_process(desk, endpoint, die_after).returncode == -signal.SIGKILL
        assert len(endpoint.calls) == die_after
        if lose_threads:
            for path in desk.state_dir.glob("threads.db*"):
                path.unlink()
    done = in_a_process(desk, endpoint, 0)
    found = Answer.model_validate_json(done.stdout)
    assert "There are 240 of them." in found.text
    assert len(endpoint.calls) == 3
    assert len(set(endpoint.keys)) == 3
    assert (found.usage.model_calls, found.usage.input_tokens) == (3, 70)
    assert told(desk, endpoint).figures == found.figures
    assert len(endpoint.calls) == 3


def test_a_file_of_conversations_that_is_deleted_between_two_calls_loses_nothing_paid(desk: Workspace) -> None:
    def deleting(call: Call) -> Action:
        for path in desk.state_dir.glob("threads.db*"):
            path.unlink()
        return plan(call)

    with serve(deleting) as server:
        found = told(desk, server, seconds=30)
        assert found.kind == "answer"
        assert "There are 240 of them." in found.text
        assert told(desk, server, seconds=30).figures == found.figures
        assert len(server.calls) == 3


@pytest.mark.soak
def test_a_turn_that_is_killed_in_the_middle_of_a_call_repeats_only_that_call(desk: Workspace) -> None:
    from tools.state import open_state

    started: list[subprocess.Popen[str]] = []

    def kill(call: Call) -> Action:
        if len(server.calls) == 2:
            started[0].kill()
            started[0].wait()
            return Drop()
        return plan(call)

    with serve(kill) as server:
        words = [str(desk.root), server.url, "t", "m1", LOST, "0"]
        command = [sys.executable, "-m", "tests.agent.turn_process", *words]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        started[0].wait(timeout=60)
        from sqlalchemy import text

        with open_state(desk).transaction() as connection:  # as if the time that the killed one may hold were over
            connection.execute(text("update effects set lease_until = 0 where status = 'reserved'"))
        found = Answer.model_validate_json(in_a_process(desk, server, 0).stdout)
        assert found.kind == "answer"
        assert len(server.calls) == 4
        assert server.keys[1] == server.keys[2]
