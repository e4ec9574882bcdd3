"""What a worker holds while it works: the store, the way to Slack, and what it knows of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.connect import Identity, open_client, who_am_i
from slackbot.directory import Directory
from slackbot.inbox import Said
from slackbot.post import Place
from slackbot.status import StatusLine
from tools.state import State, open_state
from tools.workspace import Workspace, load_workspace

if TYPE_CHECKING:
    from slack_sdk import WebClient


@dataclass
class Desk:
    """One worker's desk.

    Attributes:
        workspace: read anew for every message, so that an edit of roles or definitions counts at once.
        directory: who holds which role.
        lease_seconds: of a message and of posting it; a call to Slack is given up in half of that.
    """

    workspace: Workspace
    state: State
    client: WebClient
    identity: Identity
    directory: Directory
    status: StatusLine

    @property
    def lease_seconds(self) -> float:
        return self.workspace.settings.slack.lease_seconds

    def reload(self) -> None:
        """Read the workspace anew; raises InvalidWorkspace."""
        self.workspace = load_workspace(self.workspace.root)
        self.directory.workspace = self.workspace

    def place_of(self, said: Said) -> Place:
        """Where the answer goes."""
        return Place(said.channel, said.thread_ts or None, self.identity)


def open_desk(workspace: Workspace) -> Desk:
    """A desk for this workspace.

    Raises:
        InvalidInput: the token's variable is not set.
        TransectError: the store cannot be opened, or Slack does not know the token.
    """
    client = open_client(workspace, timeout=call_seconds(workspace))
    identity = who_am_i(client)
    directory = Directory(workspace, client, identity)
    return Desk(workspace, open_state(workspace), client, identity, directory, StatusLine(client))


def call_seconds(workspace: Workspace) -> int:
    """How long a call to Slack may take: well within the lease, so that nobody else takes over meanwhile."""
    return max(1, min(10, int(workspace.settings.slack.lease_seconds / 2)))


def conversation_of(said: Said) -> str:
    """The conversation's id: a thread, or a direct message as a whole."""
    return "-".join(part for part in ("slack", said.team, said.channel, said.thread_ts.replace(".", "-")) if part)
