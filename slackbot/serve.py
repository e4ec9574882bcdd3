"""The listening process: over HTTP, where Slack calls us, or in Socket Mode, where we call Slack."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from slackbot.connect import LOG, open_client, read_secret, who_am_i
from slackbot.listen import build_app
from tools.errors import InvalidInput
from tools.state import open_state
from tools.workspace import Workspace

_CONNECTIONS = 10


def listen(workspace: Workspace, *, stop: threading.Event, ready: Callable[[str], None] = lambda _: None) -> None:
    """Keep what is said until told to stop.

    Args:
        workspace: whose inbox.
        stop: set from outside.
        ready: told where it listens, once it does.

    Raises:
        InvalidInput: a secret's variable is not set, or the port is taken.
        TransectError: the store cannot be opened, or Slack does not know the token.
    """
    if workspace.settings.slack.mode == "http":
        _listen_http(workspace, stop, ready)
    else:
        _listen_socket(workspace, stop, ready)


def _listen_http(workspace: Workspace, stop: threading.Event, ready: Callable[[str], None]) -> None:
    from slackbot.http_server import SlackServer  # start-up

    secret = read_secret(workspace, "signing_secret")
    client = open_client(workspace)
    app = build_app(state=open_state(workspace), client=client, identity=who_am_i(client), signing_secret=secret)
    settings = workspace.settings.slack
    try:
        server = SlackServer(app, host=settings.host, port=settings.port)
    except OSError as error:
        raise InvalidInput(
            f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}.",
            code="no_port",
            value=settings.port,
            hint="Name another with slack.port, or end what uses it.",
        ) from None
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        ready(server.url)
        _wait(stop)
        server.shutdown()


def _listen_socket(workspace: Workspace, stop: threading.Event, ready: Callable[[str], None]) -> None:
    from slack_bolt.adapter.socket_mode import SocketModeHandler  # start-up
    from slack_sdk.errors import SlackClientError

    token = read_secret(workspace, "app_token")
    client = open_client(workspace)
    app = build_app(state=open_state(workspace), client=client, identity=who_am_i(client), signing_secret=None)
    handler: Any = SocketModeHandler(app, app_token=token, web_client=client, concurrency=_CONNECTIONS)
    try:
        handler.connect()
    except SlackClientError as error:
        reason = getattr(error, "response", {}).get("error", type(error).__name__)
        raise InvalidInput(
            f"Slack refuses the connection of Socket Mode: {reason}.",
            code="no_socket",
            value=reason,
            hint="The app-level token needs the scope connections:write, and the app Socket Mode switched on.",
        ) from None
    ready("Socket Mode")
    _wait(stop)
    LOG.info("closing the connection")
    handler.close()


def _wait(stop: threading.Event) -> None:
    """Until told to stop. In short waits: a signal that another thread receives is handled between them."""
    while not stop.wait(0.5):
        pass
