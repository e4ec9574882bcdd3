"""A sign that a question is being looked at: Slack's status line where there is one, else a reaction, else nothing.

It is decoration: set twice it is the same, and no failure of it keeps an answer back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slackbot.failures import SlackRefused, call_slack
from slackbot.inbox import Said
from tools.errors import TransectError

if TYPE_CHECKING:
    from slack_sdk import WebClient

REACTION = "hourglass_flowing_sand"
_UNSUPPORTED = {"unknown_method", "missing_scope", "not_allowed_token_type", "no_permission", "method_deprecated"}
_BETWEEN_SECONDS = 2.0


@dataclass
class StatusLine:
    """Shows and clears the sign; remembers what Slack does not support here."""

    client: WebClient
    _unsupported: set[str] = field(default_factory=set)
    _said_at: float = 0.0

    def show(self, said: Said, words: str = "is looking it up…") -> None:
        """Show it, beside the question."""
        self._said_at = time.monotonic()
        if not self._say(said, words):
            self._react(said, add=True)

    def change(self, said: Said, step: str) -> None:
        """Another step, at most one in two seconds."""
        if time.monotonic() - self._said_at >= _BETWEEN_SECONDS:
            self._said_at = time.monotonic()
            self._say(said, f"{step[:1].lower()}{step[1:]}…")

    def clear(self, said: Said) -> None:
        """Take a reaction away; Slack clears a status line itself when the answer comes."""
        if "assistant" in self._unsupported:
            self._react(said, add=False)

    def _say(self, said: Said, words: str) -> bool:
        if "assistant" in self._unsupported:
            return False
        try:
            call_slack(
                self.client.assistant_threads_setStatus,
                channel_id=said.channel,
                thread_ts=said.thread_ts or said.ts,
                status=words,
            )
        except SlackRefused as refused:
            if refused.reason in _UNSUPPORTED:
                self._unsupported.add("assistant")
            return False
        except TransectError:
            return False
        return True

    def _react(self, said: Said, *, add: bool) -> None:
        if "reaction" in self._unsupported or said.kind != "message":
            return
        method = self.client.reactions_add if add else self.client.reactions_remove
        try:
            call_slack(method, channel=said.channel, timestamp=said.ts, name=REACTION)
        except SlackRefused as refused:
            if refused.reason in _UNSUPPORTED:
                self._unsupported.add("reaction")
        except TransectError:
            return
