"""A message of the bot, as far as a press on it must be judged."""

from __future__ import annotations

import json
from dataclasses import dataclass

from slackbot.inbox import Said
from tools.state import State


@dataclass(frozen=True)
class Post:
    """What is kept of a message: its kind, hashes of the choices it offered, the plan that it offered to approve."""

    kind: str
    choices: tuple[str, ...]
    study: str
    posted_at: float


def read_post(state: State, said: Said) -> Post | None:
    """The post that the pressed button is on; None when the bot knows of none."""
    from tools.state.tables import slack_posts as posts  # start-up

    ours = (posts.c.channel == said.channel) & (posts.c.ts == said.ts)
    with state.snapshot() as connection:
        row = connection.execute(posts.select().where(ours)).one_or_none()
    return None if row is None else Post(row.kind, tuple(json.loads(row.choices)), row.study, row.posted_at)
