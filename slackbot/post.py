"""One message into Slack, exactly once: reserve, send, record, and look in the thread after an unknown outcome."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from slackbot.blocks import Rendered
from slackbot.connect import Identity
from slackbot.failures import SlackRateLimited, SlackRefused, SlackUnreachable, call_slack
from tools.state import Attempt, NothingSent, NotSent, Recorded, Sent, State, Unknown, effect

if TYPE_CHECKING:
    from slack_sdk import WebClient
    from sqlalchemy import Connection

EVENT_TYPE = "transect_answer"
_TOO_MUCH = {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "too_many_attachments"}
_MOST_PAGES = 20
_EARLIER = 120.0  # seconds before the reservation that a look into a channel begins


@dataclass(frozen=True)
class Place:
    """Where a message goes and who posts it; `thread_ts` is None for a message of its own in the channel."""

    channel: str
    thread_ts: str | None
    poster: Identity


class NotPosted(NothingSent):
    """Slack said why nothing was posted; `cause` is one of slackbot.failures."""

    def __init__(self, cause: SlackRefused | SlackRateLimited | SlackUnreachable) -> None:
        super().__init__(str(cause))
        self.cause = cause


def post_once(
    state: State,
    client: WebClient,
    key: str,
    *,
    place: Place,
    versions: Callable[[], Iterable[Rendered]],
    about: dict[str, Any],
    record: Callable[[Connection, dict[str, Any]], None],
    lease_seconds: float,
    wait_seconds: float = 0.0,
) -> Recorded:
    """Post a message under a key that names it for ever.

    Args:
        state: the store.
        client: whose time-out is shorter than the lease.
        key: such as `slack:T1:C1:1700000000.000100`.
        place: where.
        versions: called at the moment of posting; the message, then shorter forms of it for when Slack refuses its
            size or blocks. It may raise NothingSent to stop: the audience is another, say.
        about: goes into the message's metadata beside the key.
        record: in the transaction that marks the message posted; gets its `channel` and `ts`.
        lease_seconds: longer than posting can take.
        wait_seconds: for another process that is at it.

    Raises:
        NotPosted: Slack refused, asked to wait, or could not be reached: nothing was posted.
        NothingSent: as raised by `versions`.
        SlackUnclear, OutcomeUnknown: it may have been posted; the next call looks first.
        EffectBusy: another worker is at it.
    """
    metadata = {"event_type": EVENT_TYPE, "event_payload": {**about, "key": key_hash(key)}}

    def send(attempt: Attempt) -> dict[str, Any]:
        last: SlackRefused | None = None
        for version in versions():
            try:
                return _post(client, place, version, metadata)
            except SlackRefused as refused:
                last = refused
                if refused.reason not in _TOO_MUCH:
                    break
            except (SlackRateLimited, SlackUnreachable) as later:
                raise NotPosted(later) from None
        assert last is not None
        raise NotPosted(last)

    def look_up(attempt: Attempt) -> Sent | NotSent | Unknown:
        return find_post(client, place, key, since=attempt.request["at"])

    return effect(
        state,
        key,
        reserve=lambda connection: {"channel": place.channel, "at": state.now(connection)},
        send=send,
        look_up=look_up,
        record=record,
        lease_seconds=lease_seconds,
        wait_seconds=wait_seconds,
    )


def find_post(client: WebClient, place: Place, key: str, *, since: float) -> Sent | NotSent | Unknown:
    """Whether the message with this key is in its thread, or in the channel since a little before `since`."""
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        options = {"channel": place.channel, "include_all_metadata": True, "limit": 200, "cursor": cursor}
        try:
            if place.thread_ts is not None:
                page = call_slack(client.conversations_replies, ts=place.thread_ts, **options)
            else:
                page = call_slack(client.conversations_history, oldest=f"{since - _EARLIER:.6f}", **options)
        except SlackRefused as refused:
            if refused.reason == "thread_not_found":
                return NotSent()
            return Unknown(f"the conversation cannot be read: {refused.reason}")
        for message in page.get("messages") or ():
            if _carries(message, key, place.poster):
                return Sent({"channel": place.channel, "ts": str(message["ts"]), "thread_ts": place.thread_ts})
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "") or None
        if cursor is None:
            return NotSent()
    return Unknown("the conversation is too long to be read to its end")


def key_hash(key: str) -> str:
    """The key as it stands in a message's metadata, which others can read."""
    return sha256(key.encode()).hexdigest()[:24]


def record_post(
    connection: Connection, state: State, key: str, posted: dict[str, Any], *, kind: str, choices: list[str], study: str
) -> None:
    """Remember what a press on this message may do."""
    from tools.state.tables import slack_posts  # start-up

    row = {
        "key": key,
        "channel": posted["channel"],
        "ts": posted["ts"],
        "thread_ts": posted.get("thread_ts") or posted["ts"],
        "kind": kind,
        "choices": json.dumps([key_hash(choice) for choice in choices]),
        "study": study,
        "posted_at": state.now(connection),
    }
    connection.execute(slack_posts.insert().values(**row))


def _post(client: WebClient, place: Place, version: Rendered, metadata: dict[str, Any]) -> dict[str, Any]:
    done = call_slack(
        client.chat_postMessage,
        channel=place.channel,
        thread_ts=place.thread_ts,
        text=version.text,
        blocks=list(version.blocks),
        metadata=metadata,
        mrkdwn=False,
        parse="none",
        link_names=False,
        unfurl_links=False,
        unfurl_media=False,
    )
    posted = {"channel": str(done.get("channel") or place.channel), "ts": str(done["ts"])}
    return {**posted, "thread_ts": place.thread_ts}


def _carries(message: dict[str, Any], key: str, poster: Identity) -> bool:
    found = message.get("metadata") or {}
    payload = found.get("event_payload") or {}
    ours = poster.user == message.get("user") or poster.bot == message.get("bot_id")
    return ours and found.get("event_type") == EVENT_TYPE and payload.get("key") == key_hash(key)
