"""One turn of a conversation: a question in, an Answer out, and what the next turn may refer to."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from langgraph.types import Command

from agent.graph import GRAPH, STEPS, Scope, Turn
from agent.state import Answer, Event, Question
from agent.threads import Threads, open_threads, read_turns
from agent.write.add_caveat import add_caveat
from tools.access import Asker
from tools.workspace import Workspace

if TYPE_CHECKING:
    from agent.threads.read_reply import Reply
    from tools.model import Model


_TRIM_EVERY = 8  # turns of a conversation


def answer(question: Question, *, workspace: Workspace, asker: Asker, thread: str | None = None) -> Answer:
    """Answer one question.

    Args:
        question: as typed. In a thread that waits for a choice, its number is the choice.
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


def stream(
    question: Question,
    *,
    workspace: Workspace,
    asker: Asker,
    thread: str | None = None,
    model: Callable[[], Model] | None = None,
) -> Iterator[Event]:
    """As `answer`, step by step: steps, figures, text, and at the end the answer itself.

    Args:
        question, workspace, asker, thread: as in `answer`.
        model: opens another model than the settings name; for tests and evals.
    """
    begun = time.perf_counter()
    place = _find_place(workspace, thread)
    question = question.model_copy(update={"id": question.id or _derive_id(question, place, workspace, asker)})
    again = next((t for t in place.turns if (t["id"], t["person"]) == (question.id, asker.person)), None)
    if again is not None:  # a message that is delivered again: what it chose then is what it chooses now
        question, place.is_waiting = question.model_copy(update={"text": again["question"]}), False
    reply = _read_reply(question, place, workspace, asker) if place.is_waiting else None
    model = model or _configured(workspace)
    scope = Scope(workspace, asker, place.thread, is_kept=place.threads is not None, model=model)
    done: Answer | None = None
    for step, changed in _run(question, reply, place, scope):
        yield Event("step", step)
        done = changed.get("answer", done)
    assert done is not None
    usage = done.usage.model_copy(update={"seconds": round(time.perf_counter() - begun, 4)})
    kept = place.thread if thread is not None or place.threads is not None else None
    done = done.model_copy(update={"usage": usage, "thread": kept})
    if place.trouble:
        done = add_caveat(done, place.trouble)
    for figure in done.figures:
        yield Event("figure", figure)
    yield Event("text", done.text)
    yield Event("answer", done)


@dataclass
class _Place:
    """A conversation and where it is kept, as far as it could be read.

    Attributes:
        thread: its id.
        threads: None where nothing is kept.
        turns: those before as they are kept, oldest first.
        is_waiting: for a choice from the last turn's clarification.
        trouble: why a conversation that was asked for could not be read or kept.
    """

    thread: str
    threads: Threads | None
    turns: tuple[dict[str, Any], ...] = ()
    is_waiting: bool = False
    trouble: str = ""


def _find_place(workspace: Workspace, thread: str | None) -> _Place:
    import sqlite3  # start-up

    place = _Place(thread or uuid.uuid4().hex[:12], open_threads(workspace))
    if thread is None:
        return place
    if place.threads is None:
        place.trouble = "What was asked before is not known: the file of the conversations cannot be used."
        return place
    try:
        kept = place.threads.kept(thread)
        place.turns, place.is_waiting = kept.turns, kept.is_waiting
    except (sqlite3.Error, ValueError):
        place.threads, place.trouble = None, "What was asked before is not known: the conversation cannot be read."
    return place


def _read_reply(question: Question, place: _Place, workspace: Workspace, asker: Asker) -> Reply | None:
    from agent.threads.read_reply import read_reply  # start-up

    return read_reply(question, read_turns(place.turns[-1:]), workspace=workspace, asker=asker)


def _configured(workspace: Workspace) -> Callable[[], Model] | None:
    """The model that the settings name, opened when it is needed."""
    if workspace.settings.model.name == "embedded":
        return None

    def _open() -> Model:
        from tools.model import open_model  # start-up

        return open_model(workspace)

    return _open


def _run(question: Question, reply: Reply | None, place: _Place, scope: Scope) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each step and what it changed. What cannot be kept of the conversation does not fail the answer."""
    import sqlite3  # start-up

    given = Turn(question=question if reply is None else reply.question)
    most = 2 * scope.workspace.settings.limits.model_calls + 20  # supersteps of the longest turn
    if place.threads is not None:
        graph = GRAPH.copy({"checkpointer": place.threads.saver})
        config: Any = {"configurable": {"thread_id": place.thread}, "recursion_limit": most}
        start: Any = given if reply is None else Command(resume=reply.as_json())
        written = False
        try:
            for mode, update in graph.stream(start, config, context=scope, stream_mode=_MODES, durability="exit"):
                written |= mode == "updates" and "write" in update
                yield from _steps(mode, update)
            if len(place.turns) % _TRIM_EVERY == _TRIM_EVERY - 1:
                place.threads.trim(place.thread)
            return
        except sqlite3.Error:
            place.threads, place.trouble = None, "This turn of the conversation could not be kept."
            if written:
                return
    unkept = replace(scope, is_kept=False)
    for mode, update in GRAPH.stream(given, {"recursion_limit": most}, context=unkept, stream_mode=_MODES):
        yield from _steps(mode, update)


_MODES: Any = ["updates", "tasks"]  # not "custom": with it nodes run in a thread, which Ctrl-C does not reach


def _steps(mode: str, update: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a node did; for the model, that it is being asked, which takes long. What LangGraph says of itself is not
    told."""
    if mode == "tasks":
        if update["name"] == "plan_with_model" and "input" in update:
            yield "Asking the model", {}
        return
    for node, changed in update.items():
        if node in STEPS:
            dialogue = (changed or {}).get("dialogue")
            yield (dialogue.step if dialogue is not None and dialogue.step else STEPS[node]), changed or {}


def _derive_id(question: Question, place: _Place, workspace: Workspace, asker: Asker) -> str:
    """The same for the same words of the same roles at the same place of a conversation, day and definitions."""
    before = str(place.turns[-1]["id"]) if place.turns else ""
    roles = (*sorted(asker.roles), "", *sorted(asker.audience_roles))
    parts = (place.thread, before, question.text, str(workspace.today()), workspace.hash(), *roles)
    return sha256("\0".join(parts).encode()).hexdigest()[:16]
