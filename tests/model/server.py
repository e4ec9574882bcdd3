"""A chat-completions endpoint on this machine that follows a script, and remembers what it was asked.

In a test: `with serve([Say('{"label": "spam"}'), Status(429, {"retry-after": "1"}), Hang()]) as server: server.url`.
In a process of its own: `python -m tests.model.server [--seconds S] [--announce]` prints its URL, then, when told to
announce, the idempotency key of every call as it comes in, and serves until its input ends.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tools.model import ToolCall


@dataclass(frozen=True)
class Call:
    """One request as it came in; `number` counts from 1."""

    number: int
    path: str
    idempotency_key: str
    authorization: str
    body: dict[str, Any]

    @property
    def last_text(self) -> str:
        """The last message's text."""
        return str(self.body["messages"][-1]["content"])


@dataclass(frozen=True)
class Say:
    """A completion with this text; None leaves out its tokens."""

    text: str
    tokens: tuple[int, int] | None = (10, 5)
    finish: str = "stop"


@dataclass(frozen=True)
class Use:
    """A completion that wants tools called."""

    calls: tuple[ToolCall, ...]
    text: str = ""
    tokens: tuple[int, int] | None = (10, 5)


@dataclass(frozen=True)
class Refuse:
    """A completion whose message is a refusal."""

    text: str = "I cannot help with that."
    tokens: tuple[int, int] | None = (10, 5)


@dataclass(frozen=True)
class Status:
    """An error, as OpenAI words them."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=lambda: {"message": "the prompt was: ...", "code": "some_code"})


@dataclass(frozen=True)
class Hang:
    """No answer, until the server closes or so many seconds have passed; then the connection is closed."""

    seconds: float = 60.0


@dataclass(frozen=True)
class Drop:
    """The connection is closed without an answer, or in the middle of one."""

    midway: bool = False


@dataclass(frozen=True)
class Raw:
    """These bytes, with status 200."""

    content: bytes


Action = Say | Use | Refuse | Status | Hang | Drop | Raw
Script = Iterable[Action] | Callable[[Call], Action]


class Server:
    """The running endpoint.

    Attributes:
        url: for `model.base_url`.
        calls: every completion that was asked for, in order, whatever came of it.
    """

    def __init__(self, script: Script, *, announce: bool = False) -> None:
        self._steps = None if callable(script) else iter(script)
        self._function = script if callable(script) else None
        self._lock = threading.Lock()
        self._announce = announce
        self.calls: list[Call] = []
        self.closing = threading.Event()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.script = self
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def keys(self) -> list[str]:
        """The idempotency key of every call."""
        return [call.idempotency_key for call in self.calls]

    def next_action(self, path: str, headers: Any, body: dict[str, Any]) -> Action:
        """Note the call; then the script's next step."""
        with self._lock:
            authorization = headers.get("Authorization", "")
            call = Call(len(self.calls) + 1, path, headers.get("Idempotency-Key", ""), authorization, body)
            self.calls.append(call)
            if self._announce:
                print(call.idempotency_key, flush=True)
            if self._steps is not None:
                return next(self._steps, Status(500, error={"message": "the script has ended", "code": "script_ended"}))
        assert self._function is not None
        return self._function(call)

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@contextmanager
def serve(script: Script, *, announce: bool = False) -> Iterator[Server]:
    """An endpoint for the length of the block. Steps that run out are answered with 500."""
    server = Server(script, announce=announce)
    try:
        yield server
    finally:
        server.close()


def completion(action: Say | Use | Refuse, *, model: str, number: int) -> dict[str, Any]:
    """A chat completion as the interface has it."""
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    finish = "stop"
    if isinstance(action, Refuse):
        message["refusal"] = action.text
    elif isinstance(action, Use):
        message["content"] = action.text or None
        message["tool_calls"] = [
            {"id": each.id, "type": "function", "function": {"name": each.name, "arguments": each.arguments}}
            for each in action.calls
        ]
        finish = "tool_calls"
    else:
        message["content"], finish = action.text, action.finish
    found: dict[str, Any] = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
    }
    if action.tokens is not None:
        read, written = action.tokens
        found["usage"] = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return found


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    script: Server

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        content = self.rfile.read(size)
        if len(content) < size:  # the client was killed while it sent
            self.close_connection = True
            return
        body = json.loads(content)
        script = self.server.script
        action = script.next_action(self.path, self.headers, body)
        number = len(script.calls)
        match action:
            case Status():
                self._answer(action.code, action.headers, json.dumps({"error": action.error}).encode())
            case Hang():
                script.closing.wait(action.seconds)
                self._cut()
            case Drop():
                if action.midway:
                    self.wfile.write(
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"
                    )
                    self.wfile.flush()
                self._cut()
            case Raw():
                self._answer(200, {}, action.content)
            case _:
                found = completion(action, model=str(body.get("model")), number=number)
                self._answer(200, {"x-request-id": f"req_{number}"}, json.dumps(found).encode())

    def _answer(self, code: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(code)  # no date of its own: a script may give one
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet."""


def label_by_hash(call: Call) -> Action:
    """A label out of the schema's choices that depends on the prompt alone, so that every run gives the same."""
    schema = call.body["response_format"]["json_schema"]["schema"]
    choices = schema["properties"]["label"]["enum"]
    place = int(sha256(call.last_text.encode()).hexdigest(), 16) % len(choices)
    return Say(json.dumps({"label": choices[place]}), tokens=(len(call.last_text) // 4, 6))


def main() -> None:
    """Serve in a process of its own until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.0, help="how long each answer takes")
    parser.add_argument("--announce", action="store_true", help="print a line a call")
    given = parser.parse_args()

    def answer(call: Call) -> Action:
        if given.seconds:
            time.sleep(given.seconds)
        return label_by_hash(call)

    server = Server(answer, announce=given.announce)
    print(server.url, flush=True)
    sys.stdin.read()
    server.close()


if __name__ == "__main__":
    main()
