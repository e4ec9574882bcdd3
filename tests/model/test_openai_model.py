"""The openai client behind the protocol, against a real endpoint on this machine."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.model.server import Action, Call, Drop, Hang, Raw, Refuse, Say, Status, Use, serve
from tools.errors import InvalidInput
from tools.model import Message, ModelError, Reply, Request, ResponseFormat, TokenUsage, ToolCall, ToolSpec, open_model
from tools.model.openai_model import OpenAIModel
from tools.workspace import Workspace, load_workspace

CANARY = "canary-51c2"
ASKED = Request(messages=(Message("system", "Be brief."), Message("user", f"Hello {CANARY}")), seconds=5)
SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": ["a", "b"]}},
    "required": ["label"],
    "additionalProperties": False,
}


def ask(*script: Action, request: Request = ASKED) -> tuple[Reply, list[Call]]:
    with serve(script) as server:
        return OpenAIModel("small", base_url=server.url, api_key="k").complete(request), server.calls


def fail(*script: Action, seconds: float = 5) -> ModelError:
    with pytest.raises(ModelError) as raised, serve(script) as server:
        OpenAIModel("small", base_url=server.url).complete(Request(messages=ASKED.messages, seconds=seconds))
    assert CANARY not in str(raised.value.to_dict())
    assert len(server.calls) == 1, "an attempt is one request"
    return raised.value


def test_a_reply_with_its_tokens_and_id() -> None:
    reply, (call,) = ask(Say("Hi.", tokens=(12, 3)))
    assert reply == Reply(text="Hi.", usage=TokenUsage(12, 3), served_by="small", request_id="req_1")
    assert call.path == "/v1/chat/completions"
    assert call.authorization == "Bearer k"
    assert call.body == {
        "model": "small",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": f"Hello {CANARY}"}],
        "max_completion_tokens": 1024,
        "max_tokens": 1024,
    }


def test_a_closed_schema_a_temperature_and_an_idempotency_key() -> None:
    request = Request(
        messages=ASKED.messages,
        response=ResponseFormat("label", SCHEMA),
        max_output_tokens=7,
        temperature=0.0,
        idempotency_key="k1",
    )
    _, (call,) = ask(Say('{"label": "a"}'), request=request)
    assert call.body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "label", "strict": True, "schema": SCHEMA},
    }
    assert (call.body["temperature"], call.body["max_tokens"], call.idempotency_key) == (0.0, 7, "k1")


def test_tools_there_and_back() -> None:
    tool = ToolSpec("search", "Looks.", {"type": "object", "properties": {}})
    wanted = ToolCall("c1", "search", '{"q": "x"}')
    told = (*ASKED.messages, Message("assistant", "", (wanted,)), Message("tool", "none", tool_call_id="c1"))
    reply, (call,) = ask(Use((wanted,)), request=Request(messages=told, tools=(tool,), tools_required=True))
    assert call.body["tool_choice"] == "required"
    assert (reply.tool_calls, reply.text, reply.finish) == ((wanted,), "", "tool_calls")
    assert call.body["tools"] == [
        {
            "type": "function",
            "function": {"name": "search", "description": "Looks.", "parameters": {"type": "object", "properties": {}}},
        }
    ]
    function = {"name": "search", "arguments": '{"q": "x"}'}
    assert call.body["messages"][2:] == [
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": function}]},
        {"role": "tool", "content": "none", "tool_call_id": "c1"},
    ]


def test_a_refusal_and_an_end_are_outcomes() -> None:
    assert ask(Refuse("No."))[0].refusal == "No."
    assert ask(Say("cut", finish="length"))[0].finish == "length"
    assert ask(Say("", finish="content_filter"))[0].finish == "content_filter"


def test_tokens_that_the_endpoint_does_not_count() -> None:
    assert ask(Say("Hi.", tokens=None))[0].usage == TokenUsage(0, 0)


@pytest.mark.parametrize(
    ("status", "kind", "sent"),
    [
        (400, "bad_request", False),
        (401, "not_permitted", False),
        (402, "not_permitted", False),
        (403, "not_permitted", False),
        (404, "bad_request", False),
        (408, "timeout", False),
        (413, "bad_request", False),
        (422, "bad_request", False),
        (429, "rate_limited", False),
        (500, "server", True),
        (502, "server", True),
        (503, "server", False),
        (504, "server", True),
        (529, "server", False),
    ],
)
def test_every_status_has_a_kind_and_says_whether_it_may_have_been_billed(status: int, kind: str, sent: bool) -> None:
    error = fail(Status(status, error={"message": f"you sent {CANARY}", "code": "some_code", "type": "t y p e"}))
    assert (error.kind, error.sent, error.code) == (kind, sent, f"model_{kind}")
    assert f"HTTP {status}, some_code)" in error.message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"date": "Wed, 01 Apr 2026 10:00:00 GMT", "retry-after": "Wed, 01 Apr 2026 10:00:30 GMT"}, 30.0),
        ({"date": "Wed, 01 Apr 2026 10:00:00 GMT", "retry-after": "Wed, 01 Apr 2026 09:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({}, None),
    ],
)
def test_how_long_the_endpoint_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert fail(Status(429, headers)).retry_after_seconds == seconds


def test_no_money_left_is_no_rate_limit() -> None:
    assert fail(Status(429, error={"message": "m", "code": "insufficient_quota"})).kind == "not_permitted"


def test_an_endpoint_that_hangs_is_left_in_time() -> None:
    error = fail(Hang(), seconds=0.2)
    assert (error.kind, error.sent) == ("timeout", True)
    assert "0.2 seconds" in error.message


@pytest.mark.parametrize("midway", [False, True])
def test_a_connection_that_breaks_may_have_been_billed(midway: bool) -> None:
    error = fail(Drop(midway))
    assert (error.kind, error.sent) == ("unreachable", True)


def test_nobody_listens_so_nothing_was_sent() -> None:
    with serve([]) as server:
        url = server.url
    with pytest.raises(ModelError) as raised:
        OpenAIModel("small", base_url=url).complete(ASKED)
    assert (raised.value.kind, raised.value.sent) == ("unreachable", False)


@pytest.mark.parametrize(
    "content",
    [
        b"<html>busy</html>",
        b"",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": 5}}]}',
        b'{"choices": [{"message": {"tool_calls": [{"id": "c"}]}}]}',
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_no_completion(content: bytes) -> None:
    error = fail(Raw(content))
    assert (error.kind, error.sent) == ("server", True)
    assert "no chat completion" in error.message


def test_an_answer_with_the_least_that_one_can_have() -> None:
    assert ask(Raw(b'{"choices": [{"message": {"content": "Hi."}}]}'))[0] == Reply(text="Hi.")


def test_what_is_asked_is_not_logged_even_when_the_client_is_told_to(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("openai").setLevel(logging.DEBUG)
    ask(Say(f"Hi {CANARY}."))
    assert CANARY not in caplog.text


def place(root: Path, model: str) -> Workspace:
    (root / "transect.toml").write_text(f"[model]\n{model}\n[access.roles.analyst]\n")
    return load_workspace(root)


def test_the_settings_open_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "s3cret")
    with serve([Say("Hi."), Say("Hi.")]) as server:
        workspace = place(tmp_path, f'name = "small"\nbase_url = "{server.url}"\napi_key_env = "SOME_KEY"')
        assert open_model(workspace).complete(ASKED).text == "Hi."
        assert open_model(workspace, "other").name == "other"
    assert (server.calls[0].authorization, server.calls[0].body["model"]) == ("Bearer s3cret", "small")


@pytest.mark.parametrize(
    ("model", "key", "code"),
    [
        ('name = "m"', None, "no_api_key"),
        ('name = "m"\nbase_url = "https://models.example/v1"', None, "no_api_key"),
        ('name = "m"\napi_key_env = ""', None, "no_api_key"),
        ('name = "m"', "two\nlines", "bad_api_key"),
        ("", None, "no_model"),
    ],
)
def test_a_model_that_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, key: str | None, code: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(InvalidInput) as raised:
        open_model(place(tmp_path, model))
    assert raised.value.code == code


def test_an_endpoint_on_this_machine_needs_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for host in ("127.0.0.1:1", "localhost", "[::1]:9", "models.localhost"):
        assert open_model(place(tmp_path, f'name = "m"\nbase_url = "http://{host}/v1"')).name == "m"
