"""A question in, an Answer out: `answer(question, workspace=..., asker=...)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.state import Answer, Event, Question
    from agent.turn import answer, stream

__all__ = ["Answer", "Event", "Question", "answer", "stream"]

_HOMES = {
    "answer": "agent.turn",
    "stream": "agent.turn",
    "Answer": "agent.state",
    "Event": "agent.state",
    "Question": "agent.state",
}


def __getattr__(name: str) -> Any:
    """Load the graph only when it is asked for: `transect --version` needs none of it (start-up)."""
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'agent' has no attribute {name!r}")
