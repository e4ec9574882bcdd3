"""An event or a press of a button, as Slack sends it, to what a person said; None for what is not for the bot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slackbot.connect import Identity
from slackbot.inbox import Kind, Said
from slackbot.read_question import is_to_somebody_else, mentions

_HUMAN_SUBTYPES = {None, "file_share", "thread_broadcast"}
_MOST_TEXT = 40_000
_ACTIONS: dict[str, Kind] = {"choose": "choice", "feedback": "feedback", "study": "approval"}

AskedIn = Callable[[str, str, str], bool]


def read_event(body: dict[str, Any], *, identity: Identity, asked_in: AskedIn) -> Said | None:
    """What a person said to the bot in this event.

    A direct message is for the bot, and so is a message that mentions it; the mention comes twice, as `app_mention` and
    as `message`, under one key. A reply without a mention is for the bot when the same person has asked it in that
    thread before and the reply does not begin by naming somebody else. Edits, joins, apps' and own messages are not.

    Args:
        body: the event callback.
        identity: the bot's ids.
        asked_in: whether (channel, thread, person) has asked the bot before.
    """
    event = body.get("event") or {}
    person, channel, ts = (str(event.get(name) or "") for name in ("user", "channel", "ts"))
    if event.get("type") not in ("message", "app_mention") or event.get("subtype") not in _HUMAN_SUBTYPES:
        return None
    if not (person and channel and ts) or person == identity.user or event.get("bot_id") or event.get("edited"):
        return None
    text = str(event.get("text") or "")[:_MOST_TEXT]
    place = "im" if channel.startswith("D") else str(event.get("channel_type") or "")
    thread = str(event.get("thread_ts") or ("" if place == "im" else ts))
    team = str(body.get("team_id") or identity.team)
    called = event["type"] == "app_mention" or place == "im" or mentions(text, identity.user)
    if not called and (
        thread == ts or is_to_somebody_else(text, bot=identity.user) or not asked_in(channel, thread, person)
    ):
        return None
    return Said(
        key=f"{team}:{channel}:{ts}",
        kind="message",
        team=team,
        channel=channel,
        place=place,
        ts=ts,
        thread_ts=thread,
        person=person,
        text=text,
        files=len(event.get("files") or ()),
        called=called,
    )


def read_press(body: dict[str, Any], *, identity: Identity) -> Said | None:
    """The button that a person pressed on a message of the bot; each person counts once a message and kind."""
    action: dict[str, Any] = next(iter(body.get("actions") or ()), {})
    kind = _ACTIONS.get(str(action.get("action_id") or "").partition(":")[0])
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ts = str(message.get("ts") or container.get("message_ts") or "")
    person = str((body.get("user") or {}).get("id") or "")
    if kind is None or not (channel and ts and person):
        return None
    team = str((body.get("team") or {}).get("id") or identity.team)
    place = "im" if channel.startswith("D") else ""
    return Said(
        key=f"{team}:{channel}:{ts}:{kind}:{person}",
        kind=kind,
        team=team,
        channel=channel,
        place=place,
        ts=ts,
        thread_ts=str(message.get("thread_ts") or container.get("thread_ts") or ("" if place == "im" else ts)),
        person=person,
        text=str(action.get("value") or "")[:_MOST_TEXT],
    )
