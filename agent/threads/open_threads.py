"""`.transect/threads.db`: LangGraph's checkpoints, one file a workspace, holding conversation only.

It is a memory, not a record: a workspace whose folder cannot be written to, or whose file is damaged or deleted,
answers every question all the same.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from agent.threads.past_turn import PastTurn

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

    from tools.workspace import Workspace

_BUSY_SECONDS = 10.0
_open: dict[tuple[str, int], tuple[int, SqliteSaver]] = {}
_opening = Lock()


@dataclass(frozen=True)
class Kept:
    """A thread as it is kept.

    Attributes:
        turns: oldest first, not yet read as PastTurn.
        is_waiting: the last one waits for a choice or an approval.
    """

    turns: tuple[dict[str, Any], ...] = ()
    is_waiting: bool = False


@dataclass(frozen=True)
class Threads:
    """The conversations of a workspace.

    Attributes:
        saver: LangGraph's, on our connection.
    """

    saver: SqliteSaver

    def kept(self, thread: str) -> Kept:
        """A thread as it is kept; empty for an unknown one.

        Raises:
            sqlite3.Error, ValueError: the file, or this thread in it, is damaged.
        """
        found = self.saver.get_tuple({"configurable": {"thread_id": thread, "checkpoint_ns": ""}})
        if found is None:
            return Kept()
        values = found.checkpoint.get("channel_values") if isinstance(found.checkpoint, dict) else None
        turns = values.get("turns", []) if isinstance(values, dict) else None
        if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
            raise ValueError(f"the conversation {thread!r} is damaged")
        waits = any(channel == "__interrupt__" for _, channel, _ in found.pending_writes or ())
        return Kept(tuple(turns), waits)

    def turns(self, thread: str) -> tuple[PastTurn, ...]:
        """Every turn of a thread, oldest first; raises as `kept`."""
        return read_turns(self.kept(thread).turns)

    def ids(self) -> list[str]:
        """Every thread, the one that was used last first."""
        newest = "select thread_id from checkpoints group by thread_id order by max(checkpoint_id) desc"
        with self.saver.cursor(transaction=False) as cursor:
            return [str(row[0]) for row in cursor.execute(newest).fetchall()]

    def trim(self, thread: str) -> None:
        """Leave the newest checkpoint of a thread: it holds the whole conversation."""
        newest = "(select max(checkpoint_id) from checkpoints where thread_id = :thread)"
        with self.saver.cursor() as cursor:
            for table in ("checkpoints", "writes"):
                older = f"delete from {table} where thread_id = :thread and checkpoint_id < {newest}"
                cursor.execute(older, {"thread": thread})


def open_threads(workspace: Workspace, *, make: bool = True) -> Threads | None:
    """The conversations; None where their file cannot be made, read or written.

    Args:
        workspace: whose.
        make: the file where there is none; without it None is returned.
    """
    import sqlite3  # start-up

    path = workspace.state_dir / "threads.db"
    if not make and not path.is_file():
        return None
    try:
        with _opening:
            return Threads(_saver(path))
    except (OSError, sqlite3.Error):
        return None


def read_turns(kept: Sequence[Any]) -> tuple[PastTurn, ...]:
    """Turns as they were kept; what another release wrote otherwise is left out."""
    found = []
    for each in kept:
        try:
            found.append(PastTurn.model_validate(each))
        except ValidationError:
            continue
    return tuple(found)


def _saver(path: Path) -> SqliteSaver:
    """One connection a file and process; a file that was deleted or replaced is opened anew."""
    key = (str(path), os.getpid())
    known = _open.get(key)
    if known is not None and path.exists() and path.stat().st_ino == known[0]:
        return known[1]
    saver = _connect(path)
    _open[key] = (path.stat().st_ino, saver)
    return saver


def _connect(path: Path) -> SqliteSaver:
    import sqlite3  # start-up

    from agent.threads.conversation_saver import ConversationSaver

    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, timeout=_BUSY_SECONDS)
    saver = ConversationSaver(connection)
    saver.setup()
    connection.execute("pragma synchronous = normal")  # the last turn may go with the power; nothing paid does
    return saver
