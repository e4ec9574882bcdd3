"""The conversations that are kept, as far as an asker may see them."""

from __future__ import annotations

from dataclasses import dataclass

from agent.threads.open_threads import open_threads
from agent.threads.past_turn import PastTurn
from agent.threads.readable import may_read
from tools.access import Asker
from tools.errors import InvalidInput
from tools.workspace import Workspace


@dataclass(frozen=True)
class Listed:
    """One conversation: its id, how many turns may be seen, the last of them and when."""

    id: str
    turns: int
    last: str
    at: str


def list_threads(workspace: Workspace, *, asker: Asker) -> list[Listed]:
    """Conversations with a turn that the asker may see, the one used last first."""
    kept = open_threads(workspace, make=False)
    found = []
    for thread in kept.ids() if kept is not None else ():
        assert kept is not None
        turns = [t for t in kept.turns(thread) if may_read(t, asker=asker, policy=workspace.settings.access)]
        if turns:
            found.append(Listed(thread, len(turns), turns[-1].question, turns[-1].at))
    return found


def show_thread(workspace: Workspace, thread: str, *, asker: Asker) -> list[PastTurn | None]:
    """Every turn of a conversation, oldest first; None in the place of one that the asker may not see.

    Raises:
        InvalidInput: there is no such conversation, or none of it may be seen.
    """
    kept = open_threads(workspace, make=False)
    turns = kept.turns(thread) if kept is not None else ()
    policy = workspace.settings.access
    shown = [turn if may_read(turn, asker=asker, policy=policy) else None for turn in turns]
    if not any(shown):
        known = [t.id for t in list_threads(workspace, asker=asker)]
        raise InvalidInput(
            f"There is no conversation {thread!r} that this role may see.",
            code="unknown_thread",
            value=thread,
            allowed=known[:8],
            hint="`transect threads list` shows those that are kept.",
        )
    return shown
