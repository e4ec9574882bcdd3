"""The agent: understand -> execute -> check -> write. One question in, one Answer out."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agent.check import check
from agent.execute import Facts, execute
from agent.state import Answer, DeclinePlan, Event, Plan, Question, Usage
from agent.understand import understand
from agent.write import write_answer
from tools.access import Asker
from tools.workspace import Workspace


@dataclass(frozen=True)
class Scope:
    """Who asks, and of what; handed to every node, never part of the state."""

    workspace: Workspace
    asker: Asker


class Turn(TypedDict, total=False):
    """What one question becomes on its way."""

    question: Question
    plan: Plan
    facts: Facts
    caveats: tuple[str, ...]
    answer: Answer


def answer(question: Question, *, workspace: Workspace, asker: Asker, thread: str | None = None) -> Answer:
    """Answer one question.

    Args:
        question: as typed.
        workspace: definitions, data and settings.
        asker: who asks and who will read; nothing that any of them may not see is shown.
        thread: an id to continue with; a new one is made where none is given.

    Raises:
        TransectError: the workspace or its warehouse cannot be read. A decline is an Answer, not an error.
    """
    last: Answer | None = None
    for event in stream(question, workspace=workspace, asker=asker, thread=thread):
        if isinstance(event.data, Answer):
            last = event.data
    assert last is not None
    return last


def stream(question: Question, *, workspace: Workspace, asker: Asker, thread: str | None = None) -> Iterator[Event]:
    """As `answer`, step by step: steps, figures, text, and at the end the answer itself."""
    begun = time.perf_counter()
    scope = Scope(workspace, asker)
    for update in GRAPH.stream(Turn(question=question), context=scope, stream_mode="updates"):
        for node, changed in update.items():
            yield Event("step", STEPS[node])
            if "answer" in changed:
                done: Answer = changed["answer"].model_copy(
                    update={
                        "usage": Usage(seconds=round(time.perf_counter() - begun, 4)),
                        "thread": thread or uuid.uuid4().hex[:12],
                    }
                )
                for figure in done.figures:
                    yield Event("figure", figure)
                yield Event("text", done.text)
                yield Event("answer", done)


# --- nodes, in running order --------------------------------------------------------------------


def understand_node(state: Turn, *, runtime: Runtime[Scope]) -> dict[str, Any]:
    """Question -> plan."""
    scope = runtime.context
    return {"plan": understand(state["question"], workspace=scope.workspace, asker=scope.asker)}


def execute_node(state: Turn, *, runtime: Runtime[Scope]) -> dict[str, Any]:
    """Plan -> facts; what may not be shown turns the plan into a decline."""
    scope = runtime.context
    found = execute(state["plan"], workspace=scope.workspace, asker=scope.asker)
    return {"plan": found, "facts": Facts()} if isinstance(found, DeclinePlan) else {"facts": found}


def check_node(state: Turn, *, runtime: Runtime[Scope]) -> dict[str, Any]:
    """Facts -> caveats, or a decline."""
    checked = check(state["plan"], state["facts"], workspace=runtime.context.workspace)
    return {"plan": checked.decline, "facts": Facts()} if checked.decline else {"caveats": checked.caveats}


def write_node(state: Turn, *, runtime: Runtime[Scope]) -> dict[str, Any]:
    """Facts and caveats -> answer."""
    written = write_answer(state["plan"], state["facts"], state.get("caveats", ()), workspace=runtime.context.workspace)
    return {"answer": written}


STEPS = {
    "understand": "Read the question",
    "execute": "Looked it up",
    "check": "Checked the figures",
    "write": "Wrote the answer",
}

_builder = StateGraph(Turn, context_schema=Scope)
_builder.add_node("understand", understand_node)
_builder.add_node("execute", execute_node)
_builder.add_node("check", check_node)
_builder.add_node("write", write_node)
_builder.add_edge(START, "understand")
_builder.add_edge("understand", "execute")
_builder.add_edge("execute", "check")
_builder.add_edge("check", "write")
_builder.add_edge("write", END)
GRAPH = _builder.compile()
