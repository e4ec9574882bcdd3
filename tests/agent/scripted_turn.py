"""A turn with a scripted model: what it is told, what it says, what comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from agent.state import Answer, Question
from agent.turn import stream
from tools.access import Asker
from tools.model import Model, Reply, ScriptedModel, TokenUsage, ToolCall
from tools.model.scripted import Step
from tools.workspace import Workspace, default_asker

LOST = "how zesty are our flumps"  # nothing that the embedded planner could read


@dataclass(frozen=True)
class Told:
    """The answer, the steps on the way, and the model that was asked."""

    answer: Answer
    steps: tuple[str, ...]
    model: ScriptedModel

    @property
    def prompt(self) -> str:
        """Everything that the model was ever told."""
        return "\n".join(message.content for request in self.model.requests for message in request.messages)


def use(name: str, **arguments: Any) -> Reply:
    """A reply that wants one tool called."""
    call = ToolCall("call-1", name, json.dumps(arguments))
    return Reply(tool_calls=(call,), finish="tool_calls", usage=TokenUsage(100, 20), served_by="scripted-1")


def say(text: str, **more: Any) -> Reply:
    """A reply in words."""
    return Reply(text=text, usage=TokenUsage(100, 30), served_by="scripted-1", **more)


def with_endpoint(workspace: Workspace, url: str = "http://127.0.0.1:9/v1", **model: Any) -> Workspace:
    """The workspace with a model on this machine, where calls cost nothing unless prices are given."""
    section = workspace.settings.model.model_copy(update={"name": "scripted", "base_url": url, **model})
    return replace(workspace, settings=workspace.settings.model_copy(update={"model": section}))


def with_limits(workspace: Workspace, **limits: Any) -> Workspace:
    section = workspace.settings.limits.model_copy(update=limits)
    return replace(workspace, settings=workspace.settings.model_copy(update={"limits": section}))


def ask(
    workspace: Workspace,
    text: str,
    steps: Iterable[Step] = (),
    *,
    thread: str | None = None,
    asker: Asker | None = None,
    id: str | None = None,
) -> Told:
    """One turn; every step of the script need not be used."""
    model = ScriptedModel(steps)

    def opened() -> Model:
        return model

    events = list(
        stream(
            Question(text=text, id=id),
            workspace=workspace,
            asker=asker or default_asker(workspace),
            thread=thread,
            model=opened,
        )
    )
    answer = events[-1].data
    assert isinstance(answer, Answer)
    return Told(answer, tuple(str(e.data) for e in events if e.kind == "step"), model)
