"""Ask one question and post its answer into a channel: for jobs, exactly once a key."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agent.state import Answer
from slackbot.answer_message import answer_message, describe_answer
from slackbot.audience import audience_of
from slackbot.blocks import Rendered
from slackbot.desk import Desk, open_desk
from slackbot.failures import SlackRateLimited, SlackUnclear, call_slack
from slackbot.picture import upload_picture
from slackbot.post import NotPosted, Place, post_once, record_post
from slackbot.reply import AudienceChanged, versions_of
from tools.access import Asker
from tools.errors import InvalidInput
from tools.state import Recorded, append_audit_in
from tools.workspace import Workspace

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TRIES = 4
_LONGEST_WAIT = 60.0
_MOST_PAGES = 50


@dataclass(frozen=True)
class PostedAnswer:
    """What came of it: `answer` is None when an earlier run posted under this key, `ts` empty when nothing was."""

    channel: str
    ts: str
    replayed: bool
    answer: Answer | None


def post_answer(workspace: Workspace, channel: str, question: str, *, asker: Asker, key: str | None) -> PostedAnswer:
    """Post the answer to `question` in `channel`, for everyone who reads it there.

    A question that is declined or has several readings is not posted.

    Args:
        workspace: whose definitions.
        channel: Slack's id of a channel, or its name.
        question: in full.
        asker: in whose roles; every reader's role must allow the answer as well.
        key: a name for this post, such as `weekly-2026-W14`: under it only one message is ever posted.

    Raises:
        InvalidInput: no such channel.
        TransectError: Slack refused, or cannot be reached, or it is not known whether it was posted.
    """
    desk = open_desk(workspace)
    name = f"slack:post:{key or uuid.uuid4().hex}"
    if (earlier := _recorded(desk, name)) is not None:
        return earlier
    where = _find_channel(desk, channel)
    for left in range(_TRIES - 1, -1, -1):
        audience = audience_of(desk.directory, replace(asker, surface="slack"), channel=where)
        answer = answer_message(question, audience=audience, workspace=workspace, message=name)
        if answer.kind not in ("answer", "study"):
            return PostedAnswer(where, "", False, answer)
        try:
            done = _post(desk, name, where, answer, asker=asker, expected=audience)
            return PostedAnswer(where, str(done.result["ts"]), done.replayed, None if done.replayed else answer)
        except NotPosted as refused:
            cause = refused.cause
            if not isinstance(cause, SlackRateLimited) or not left:
                raise cause from None
            time.sleep(min(cause.retry_after, _LONGEST_WAIT))
        except (SlackUnclear, AudienceChanged):
            if not left:
                raise
    raise AssertionError("unreachable")


def _post(desk: Desk, key: str, channel: str, answer: Answer, *, asker: Asker, expected: Any) -> Recorded:
    picture = upload_picture(desk.state, desk.client, key, answer, lease_seconds=desk.lease_seconds)

    def versions() -> Iterator[Rendered]:
        if audience_of(desk.directory, replace(asker, surface="slack"), channel=channel) != expected:
            raise AudienceChanged("others read here now")
        yield from versions_of(answer, picture, judged=True)

    def record(connection: Connection, posted: dict[str, Any]) -> None:
        record_post(connection, desk.state, key, posted, kind=answer.kind, choices=[], study="")
        detail = {"channel": channel, "posted": posted["ts"], "receipts": list(answer.provenance.receipts)}
        append_audit_in(connection, desk.state, action="slack_post", asker=expected.asker, detail=detail)

    return post_once(
        desk.state,
        desk.client,
        key,
        place=Place(channel, None, desk.identity),
        versions=versions,
        about=describe_answer(answer),
        record=record,
        lease_seconds=desk.lease_seconds,
        wait_seconds=desk.lease_seconds + 5.0,
    )


def _recorded(desk: Desk, key: str) -> PostedAnswer | None:
    """What an earlier run posted under this key."""
    from tools.state.tables import slack_posts as posts  # start-up

    with desk.state.snapshot() as connection:
        row = connection.execute(posts.select().where(posts.c.key == key)).one_or_none()
    return None if row is None else PostedAnswer(row.channel, row.ts, True, None)


def _find_channel(desk: Desk, channel: str) -> str:
    """Slack's id of a channel that is given by id or name."""
    name = channel.lstrip("#")
    if name.isupper() and name[:1] in "CGD" and name.isalnum():
        return name
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = call_slack(
            desk.client.conversations_list,
            types="public_channel,private_channel",
            exclude_archived=True,
            limit=200,
            cursor=cursor,
        )
        for found in page.get("channels") or ():
            if found.get("name") == name:
                return str(found["id"])
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "") or None
        if cursor is None:
            break
    raise InvalidInput(
        f"The bot sees no channel {channel!r}.", value=channel, hint="Add the bot to the channel, or give its id."
    )
