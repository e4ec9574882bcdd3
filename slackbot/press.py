"""What a press of a button does: a chosen reading is answered once, a verdict is recorded once a person."""

from __future__ import annotations

from typing import Any

from slackbot.blocks import strip_buttons
from slackbot.desk import Desk
from slackbot.failures import call_slack
from slackbot.inbox import Said, finish, finish_in
from slackbot.post import key_hash
from slackbot.read_post import Post, read_post
from slackbot.reply import reply
from slackbot.tell import tell
from tools.access import Asker
from tools.errors import TransectError
from tools.state import NotSent, append_audit_in, effect

_HOUR = 3600.0


def press_choice(desk: Desk, said: Said) -> None:
    """Answer the chosen reading, for the person who pressed: once a question asked back, whoever presses and how often.

    Raises:
        TransectError, NotPosted: as `reply`.
    """
    post = read_post(desk.state, said)
    key = f"slack:{said.team}:{said.channel}:{said.ts}:chosen"
    refusal = _refuse_choice(desk, said, post, key)
    if refusal:
        finish(desk.state, said, outcome="refused")
        tell(desk, said, refusal)
        return
    done = reply(desk, said, question=said.text, key=key)
    if done.posted is not None and done.posted.replayed:
        finish(desk.state, said, outcome="already answered")
    _close_choices(desk, said, key)


def press_verdict(desk: Desk, said: Said) -> None:
    """Record Right or Wrong; a person's first word counts."""
    from tools.state.tables import slack_feedback as feedback  # start-up

    roles = desk.directory.roles_of([said.person]).get(said.person, ())
    if not roles or read_post(desk.state, said) is None or said.text not in ("right", "wrong"):
        finish(desk.state, said, outcome="refused")
        tell(desk, said, "This was not recorded: you hold no role in this workspace, or the message is not known.")
        return
    asker = Asker(desk.directory.person_of(said.person), roles, surface="slack")
    row: dict[str, Any] = {"channel": said.channel, "ts": said.ts, "person": said.person, "verdict": said.text}
    ours = (feedback.c.channel == said.channel) & (feedback.c.ts == said.ts) & (feedback.c.person == said.person)
    with desk.state.transaction() as connection:
        if connection.execute(feedback.select().where(ours)).one_or_none() is None:
            connection.execute(feedback.insert().values(**row, recorded_at=desk.state.now(connection)))
            detail = {"channel": said.channel, "posted": said.ts, "verdict": said.text}
            append_audit_in(connection, desk.state, action="slack_feedback", asker=asker, detail=detail)
        finish_in(connection, desk.state, said, outcome=said.text)
    tell(desk, said, f"Recorded as {said.text}. Thank you.")


def _refuse_choice(desk: Desk, said: Said, post: Post | None, key: str) -> str:
    """Why this press is not answered; empty when it is."""
    from tools.state.tables import effects  # start-up

    if post is None or key_hash(said.text) not in post.choices:
        return "These choices are not known any more. Please ask again."
    with desk.state.snapshot() as connection:
        hours = (desk.state.now(connection) - post.posted_at) / _HOUR
        row = connection.execute(effects.select().where(effects.c.key == key)).one_or_none()
    if row is not None and row.status == "recorded":
        return "This question is answered already, below."
    if hours > desk.workspace.settings.slack.choice_hours:
        return "These choices have expired. Please ask again."
    return ""


def _close_choices(desk: Desk, said: Said, key: str) -> None:
    """Take the buttons away; that they stay changes nothing, for they answer once."""

    def send(_: object) -> dict[str, Any]:
        page = call_slack(
            desk.client.conversations_history if not said.thread_ts else desk.client.conversations_replies,
            channel=said.channel,
            ts=said.thread_ts or None,
            oldest=said.ts,
            latest=said.ts,
            inclusive=True,
            include_all_metadata=True,
        )
        found = [message for message in page.get("messages") or () if message.get("ts") == said.ts]
        blocks = strip_buttons(found[0].get("blocks") or [], said="Answered below.") if found else []
        if blocks:
            text = str(found[0].get("text") or "")
            call_slack(desk.client.chat_update, channel=said.channel, ts=said.ts, text=text, blocks=blocks)
        return {}

    try:
        effect(
            desk.state,
            f"{key}:closed",
            send=send,
            look_up=lambda _: NotSent(),
            lease_seconds=desk.lease_seconds,
            wait_seconds=0.0,
        )
    except TransectError:
        return
