"""Listening: verify that Slack speaks, keep what a person said, and only then say that it was received.

A message is on disk before Slack hears of it, so that nothing acknowledged can be lost; nothing else happens here, so
that the acknowledgement comes within Slack's three seconds whatever the workers do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from slackbot.connect import BOLT_LOG, Identity
from slackbot.inbox import was_asked_in
from slackbot.keeper import Keeper
from slackbot.understand_event import read_event, read_press
from tools.state import State

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_sdk import WebClient

_ANYTHING = re.compile(r"")


def build_app(*, state: State, client: WebClient, identity: Identity, signing_secret: str | None) -> App:
    """A Bolt app that keeps what is said and acknowledges it.

    Args:
        state: whose inbox it is; things that come at once are written together.
        client: Bolt wants one; nothing is called.
        identity: the bot's ids.
        signing_secret: what requests over HTTP are signed with; None for Socket Mode, whose connection is ours.
    """
    from slack_bolt import App  # start-up
    from slack_bolt.authorization import AuthorizeResult

    known = AuthorizeResult(
        enterprise_id=None,
        team_id=identity.team,
        bot_user_id=identity.user,
        bot_id=identity.bot,
        bot_token=client.token,
    )
    app = App(
        name="transect",
        logger=BOLT_LOG,
        client=client,
        signing_secret=signing_secret or "",
        request_verification_enabled=signing_secret is not None,
        authorize=lambda **_: known,
        process_before_response=True,  # kept first, acknowledged after
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    keeper = Keeper(state)

    def keep_event(body: dict[str, Any]) -> None:
        said = read_event(body, identity=identity, asked_in=asked_in)
        if said is not None:
            keeper.keep(said)

    def keep_press(body: dict[str, Any], ack: Any) -> None:
        said = read_press(body, identity=identity)
        if said is not None:
            keeper.keep(said)
        ack()

    def asked_in(channel: str, thread: str, person: str) -> bool:
        return was_asked_in(state, channel=channel, thread_ts=thread, person=person)

    app.event(_ANYTHING)(keep_event)
    app.action(_ANYTHING)(keep_press)
    return app
