"""A message of a person to an Answer: the one way from Slack into `agent`."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from agent.state import Answer, Question
from slackbot.audience import Audience, Withheld
from tools.workspace import Workspace

_PRIVATELY = "Everybody who reads a channel must be allowed what is shown there; a direct message is for you alone."
_WITHHELD: dict[Withheld, tuple[str, tuple[str, ...]]] = {
    "no_role": (
        "You hold no role in this workspace, so nothing of it can be shown to you.",
        ("Whoever runs this bot can give you one: slack.people or slack.groups in transect.toml.",),
    ),
    "reader_without_role": (
        "Somebody who reads this channel holds no role in this workspace, so nothing can be shown here.",
        ("Ask in a direct message, or in a channel whose members all hold a role.",),
    ),
    "outsiders": (
        "This channel is shared with another organisation, so nothing can be shown here.",
        ("Ask in a direct message, or in a channel of your own organisation.",),
    ),
    "unreadable": (
        "It cannot be told who reads this channel, so nothing can be shown here.",
        ("Ask in a direct message, or add the bot to the channel and ask again.",),
    ),
}


def answer_message(
    question: str,
    *,
    audience: Audience,
    workspace: Workspace,
    thread: str | None = None,
    message: str | None = None,
    on_step: Callable[[str], None] = lambda _: None,
) -> Answer:
    """The answer for this audience.

    Args:
        question: as `read_question` gives it.
        audience: who asks and who reads.
        workspace: definitions, data and settings.
        thread: the conversation's id.
        message: the message's own name, under which paid work for it is found again.
        on_step: told each step as it is done.

    Raises:
        TransectError: the workspace or its warehouse cannot be read.
    """
    if audience.withheld is not None:
        return withhold(audience.withheld)
    if not question:
        return _decline("There is no question here.", ("Ask “which metrics are there” to see what can be answered.",))
    from agent import stream  # start-up

    answer: Answer | None = None
    asked = Question(text=question, id=message)
    for event in stream(asked, workspace=workspace, asker=audience.asker, thread=thread):
        if isinstance(event.data, Answer):
            answer = event.data
        elif event.kind == "step" and isinstance(event.data, str):
            on_step(event.data)
    assert answer is not None
    if answer.reason == "not_permitted" and not audience.private:
        return answer.model_copy(update={"next_steps": (*answer.next_steps, _PRIVATELY)})
    return answer


def withhold(why: Withheld) -> Answer:
    """The decline for an audience to which nothing may be shown."""
    message, steps = _WITHHELD[why]
    return _decline(message, steps).model_copy(update={"reason": "not_permitted"})


def describe_answer(answer: Answer) -> dict[str, Any]:
    """What the message's metadata says of the answer: enough to check it against another surface, nothing to read.

    `figures` and `sql` are hashes over everything the figures say and over the statements; `receipts` name what ran.
    """
    figures = [figure.model_dump(mode="json", by_alias=True) for figure in answer.figures]
    return {
        "kind": answer.kind,
        "reason": answer.reason or "",
        "figures": _hash(figures),
        "sql": _hash(list(answer.sql)),
        "receipts": list(answer.provenance.receipts)[:20],
        "workspace": answer.provenance.workspace_hash[:16],
    }


def _hash(document: object) -> str:
    return sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def _decline(message: str, steps: tuple[str, ...]) -> Answer:
    text = f"## Answer\n\n{message}\n\n## How this was found\n\n- Declined.\n\n## Caveats\n\n- No figure is shown."
    return Answer(kind="declined", headline=message, text=text, next_steps=steps, reason="off_topic")
