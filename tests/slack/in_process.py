"""The bot inside the test's process: the same listener and the same work, without the start of two programs."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from sqlalchemy import text

from slackbot.connect import open_client, read_secret, who_am_i
from slackbot.http_server import SlackServer
from slackbot.listen import build_app
from slackbot.work import work
from tests.slack.local_slack import BOT_USER, LocalSlack
from tools.state import State, open_state
from tools.workspace import Workspace, load_workspace


class InProcess:
    """A served listener; `work` does what is in the inbox."""

    def __init__(self, root: Path, slack: LocalSlack) -> None:
        self.root, self.slack = root, slack
        self.workspace: Workspace = load_workspace(root)
        self.state: State = open_state(self.workspace)
        client = open_client(self.workspace)
        secret = read_secret(self.workspace, "signing_secret")
        app = build_app(state=self.state, client=client, identity=who_am_i(client), signing_secret=secret)
        self.server = SlackServer(app, host="127.0.0.1", port=0)
        slack.app_url = self.server.url

    def __enter__(self) -> InProcess:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def work(self) -> int:
        """Do everything that is due; how many things that was."""
        return work(load_workspace(self.root), stop=threading.Event(), until_empty=True)

    def let_time_pass(self) -> None:
        """Everything that was put off, or that a dead worker holds, is due."""
        with self.state.transaction() as connection:
            connection.execute(text("update slack_inbox set due_at = 0, lease_until = 0"))
            connection.execute(text("update effects set lease_until = 0 where status = 'reserved'"))

    def ask(self, user: str, channel: str, question: str, **more: Any) -> list[dict[str, Any]]:
        """A person asks, the bot works; the bot's new messages there."""
        before = {post["ts"] for post in self.slack.posts(channel)}
        called = question if self.slack.channels[channel].kind == "im" else f"<@{BOT_USER}> {question}"
        self.slack.say(user, channel, called, **more)
        self.work()
        return [post for post in self.slack.posts(channel) if post["ts"] not in before]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table of the store."""
        with self.state.snapshot() as connection:
            return [dict(row._mapping) for row in connection.execute(text(f"select * from {table}"))]
