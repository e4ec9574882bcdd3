"""Answer one message and post the answer once, for the audience that reads it at that moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.state import Answer
from slackbot.answer_message import answer_message, describe_answer
from slackbot.audience import Audience, read_audience
from slackbot.blocks import DETAILS, DETAILS_WITHOUT_PICTURE, Rendered, render_answer, render_notice
from slackbot.desk import Desk, conversation_of
from slackbot.inbox import Said, finish, finish_in
from slackbot.picture import upload_picture
from slackbot.post import post_once, record_post
from slackbot.read_question import read_question
from slackbot.study_approval import Offer, offer_of
from tools.errors import TransectError
from tools.state import NothingSent, Recorded, append_audit_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MOST_CHANGES = 5
_PICTURE_SECONDS = 1.0  # Slack needs a moment before a new file can be shown
_SILENT = {"off_topic", "no_data", "unsupported_cut", "unsafe"}


class AudienceChanged(NothingSent):
    """Others read the place than the answer was made for."""


class RestlessAudience(TransectError):
    """The readers changed each time an answer was ready."""

    code = "restless_audience"


@dataclass(frozen=True)
class Reply:
    """What came of it: the answer and its post; both None where nothing was said."""

    answer: Answer | None
    posted: Recorded | None


def reply(desk: Desk, said: Said, *, question: str | None = None, key: str | None = None) -> Reply:
    """Answer what was said and post it.

    The audience is read before answering and again at the moment of posting; an answer made for other readers is made
    anew. A reply in a thread that did not call the bot and is no question about the data is left to people.

    Args:
        desk: the worker's.
        said: a message or a chosen reading.
        question: instead of the message's words.
        key: instead of the message's own.

    Raises:
        NotPosted, SlackUnclear, OutcomeUnknown, EffectBusy: as `post_once`.
        TransectError: the workspace or its warehouse cannot be read, or Slack cannot be asked who reads.
    """
    asked = question if question is not None else read_question(said.text, bot=desk.identity.user)
    for _ in range(_MOST_CHANGES):
        audience = _audience(desk, said)
        answer = answer_message(
            asked,
            audience=audience,
            workspace=desk.workspace,
            thread=conversation_of(said),
            message=said.key,
            on_step=lambda step: desk.status.change(said, step),
        )
        if not said.called and (audience.withheld or answer.reason in _SILENT):
            finish(desk.state, said, outcome="left to people")
            desk.status.clear(said)
            return Reply(None, None)
        try:
            return Reply(answer, _post(desk, said, key or f"slack:{said.key}", answer, audience))
        except AudienceChanged:
            continue
    raise RestlessAudience("The readers of the channel changed each time an answer was ready.", value=said.channel)


def say(desk: Desk, said: Said, text: str, *, steps: tuple[str, ...] = ()) -> Recorded:
    """A message of ours in the place of an answer, under the same key: still one message for one message."""
    asker = _audience(desk, said).asker
    return post_once(
        desk.state,
        desk.client,
        f"slack:{said.key}",
        place=desk.place_of(said),
        versions=lambda: iter((render_notice(text, steps=steps),)),
        about={"kind": "notice"},
        record=_recorder(desk, said, f"slack:{said.key}", asker=asker, kind="notice"),
        lease_seconds=desk.lease_seconds,
    )


def _post(desk: Desk, said: Said, key: str, answer: Answer, audience: Audience) -> Recorded:
    picture = upload_picture(desk.state, desk.client, key, answer, lease_seconds=desk.lease_seconds)
    offer = offer_of(desk.workspace, answer)
    notes = ("The attached files were not read.",) if said.files else ()

    def versions() -> Iterator[Rendered]:
        desk.status.clear(said)
        if _audience(desk, said) != audience:
            raise AudienceChanged("others read here now")
        yield from versions_of(
            answer, picture, notes=notes, judged=audience.withheld is None, approval=offer.label if offer else None
        )

    return post_once(
        desk.state,
        desk.client,
        key,
        place=desk.place_of(said),
        versions=versions,
        about=describe_answer(answer),
        record=_recorder(desk, said, key, asker=audience.asker, kind=answer.kind, answer=answer, offer=offer),
        lease_seconds=desk.lease_seconds,
    )


def versions_of(
    answer: Answer, picture: str | None, *, notes: tuple[str, ...] = (), judged: bool, approval: str | None = None
) -> Iterator[Rendered]:
    """The message, then shorter forms; with a picture the same once more first, for Slack may not have it ready yet."""
    for detail in DETAILS if picture else DETAILS_WITHOUT_PICTURE:
        version = render_answer(answer, picture=picture, notes=notes, detail=detail, judged=judged, approval=approval)
        yield version
        if picture and detail == "full":
            time.sleep(_PICTURE_SECONDS)
            yield version


def _recorder(
    desk: Desk, said: Said, key: str, *, asker: Any, kind: str, answer: Answer | None = None, offer: Offer | None = None
) -> Callable[[Connection, dict[str, Any]], None]:
    """In one transaction: it is posted, it is done, and the audit says so."""

    def record(connection: Connection, posted: dict[str, Any]) -> None:
        choices = [choice.query for choice in answer.choices] if answer else []
        study = offer.mark if offer else ""
        record_post(connection, desk.state, key, posted, kind=kind, choices=choices, study=study)
        finish_in(connection, desk.state, said, outcome=f"{kind}:{posted['ts']}")
        detail = {"channel": said.channel, "message": said.ts, "posted": posted["ts"], "kind": kind}
        if answer is not None:
            detail |= {"reason": answer.reason, "receipts": list(answer.provenance.receipts)}
        append_audit_in(connection, desk.state, action="slack_answer", asker=asker, detail=detail)

    return record


def _audience(desk: Desk, said: Said) -> Audience:
    return read_audience(desk.directory, channel=said.channel, place=said.place, person=said.person)
