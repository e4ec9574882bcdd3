"""A word to one person that nobody else sees: said at most once, since Slack cannot be asked whether it was."""

from __future__ import annotations

from typing import Any

from slackbot.desk import Desk
from slackbot.failures import call_slack
from slackbot.inbox import Said
from slackbot.plain import for_notification
from tools.errors import TransectError
from tools.state import Attempt, Sent, effect


def tell(desk: Desk, said: Said, text: str) -> None:
    """Say it to whoever pressed a button; that it cannot be said changes nothing."""

    def send(attempt: Attempt) -> dict[str, Any]:
        call_slack(
            desk.client.chat_postEphemeral,
            channel=said.channel,
            user=said.person,
            text=for_notification(text),
            thread_ts=said.thread_ts or None,
            mrkdwn=False,
            parse="none",
        )
        return {}

    key = f"slack:{said.key}:told"
    try:
        effect(
            desk.state,
            key,
            send=send,
            look_up=lambda _: Sent({}),
            lease_seconds=desk.lease_seconds,
            wait_seconds=0.0,
        )
    except TransectError:
        return
