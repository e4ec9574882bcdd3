"""The address that Slack calls: requests in, Bolt's answer out, nothing kept, everything bounded."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slack_bolt import App

PATH = "/slack/events"
HEALTH = "/healthz"
_MOST_BYTES = 1_000_000
_MOST_DROPPED = 10_000_000
_SECONDS = 10  # for a request to arrive


class SlackServer(ThreadingHTTPServer):
    """A thread a request; Slack sends each event on its own."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, app: App, *, host: str, port: int) -> None:
        self.app = app
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Where Slack's requests go."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}{PATH}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is nobody's fault."""


class _Handler(BaseHTTPRequestHandler):
    server: SlackServer
    timeout = _SECONDS
    server_version, sys_version = "transect", ""

    def do_GET(self) -> None:
        ok = self.path == HEALTH
        self._answer(HTTPStatus.OK if ok else HTTPStatus.NOT_FOUND, "ok" if ok else "")

    def do_POST(self) -> None:
        from slack_bolt import BoltRequest  # start-up

        path, _, query = self.path.partition("?")
        if path != PATH:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        body = self._body()
        if body is None:
            return
        if not self.headers.get("X-Slack-Request-Timestamp", "").isdigit():
            self._answer(HTTPStatus.UNAUTHORIZED)
            return
        try:
            request = BoltRequest(body=body, query=query, headers=dict(self.headers.items()))
        except (ValueError, TypeError, AttributeError, RecursionError):  # neither JSON nor a form
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        done = self.server.app.dispatch(request)
        text = done.body if isinstance(done.body, str) else json.dumps(done.body)
        self._answer(HTTPStatus(done.status), text, str(next(iter(done.headers.get("content-type", [])), "")))

    def _body(self) -> str | None:
        """The request's text; None when it was answered already because it cannot be one of Slack's."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self._answer(HTTPStatus.LENGTH_REQUIRED)
            return None
        if int(length) > _MOST_BYTES:
            self._drop(int(length))
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        try:
            return self.rfile.read(int(length)).decode("utf-8")
        except UnicodeDecodeError:
            self._answer(HTTPStatus.BAD_REQUEST)
            return None

    def _drop(self, length: int) -> None:
        """Read past what is too long, so that the caller hears the answer; not without end."""
        left = min(length, _MOST_DROPPED)
        while left > 0 and (part := self.rfile.read(min(left, 65536))):
            left -= len(part)

    def _answer(self, status: HTTPStatus, text: str = "", kind: str = "") -> None:
        raw = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind or "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: what people write stays in the inbox."""
