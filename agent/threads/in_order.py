"""The order of a conversation's turns: a message that is answered again takes its own place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_TURNS = 200
MOST_REFERRED_TO = 20  # turns that a question can lean on


def add_turns(before: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The turns with the new ones, each under its own id once; the oldest go when there are more than MOST_TURNS."""
    turns = list(before)
    for turn in new:
        at = next((i for i, known in enumerate(turns) if known.get("id") == turn.get("id")), None)
        if at is None:
            turns.append(turn)
        else:
            turns[at] = turn
    return turns[-MOST_TURNS:]


def turns_before(turns: Sequence[dict[str, Any]], question: str | None) -> list[dict[str, Any]]:
    """The last turns before a question's own, which is there when its message is answered again."""
    at = next((i for i, turn in enumerate(turns) if turn.get("id") == question), len(turns))
    return list(turns[max(at - MOST_REFERRED_TO, 0) : at])
