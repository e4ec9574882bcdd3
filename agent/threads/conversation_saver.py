"""LangGraph's SQLite checkpoints, holding what is kept of a conversation and nothing that a turn left half done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

_KEPT = ("__interrupt__", "__resume__")  # that a thread waits for a choice, and the choice


class ConversationSaver(SqliteSaver):
    """A turn that is broken off has written plans and figures that no later step took up: they are not stored.

    Only plain values are read back; a type that a checkpoint names is not imported.
    """

    def __init__(self, connection: Any) -> None:
        super().__init__(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))

    def put_writes(self, config: Any, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Store that a thread waits, or what it waited for."""
        kept = [write for write in writes if write[0] in _KEPT]
        if kept:
            super().put_writes(config, kept, task_id, task_path)
