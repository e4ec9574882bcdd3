"""What the graph, the ledger of paid calls and the kept conversation add to a turn around a model of no latency."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median

from agent.check import check
from agent.graph import GRAPH, Scope, Turn
from agent.planners.model import Dialogue, ask_model, begin_dialogue, use_tools
from agent.state import Answer, Question
from agent.turn import stream
from agent.understand import understand
from agent.write import write_answer
from tests.bench.measure import quantile, seconds_of
from tests.bench.report import Measured
from tools.access import Asker
from tools.model import Model, Reply, Request, ScriptedModel, TokenUsage, ToolCall
from tools.workspace import Workspace, default_asker

LOST = "how zesty are our flumps"  # handed to the model: the embedded planner cannot read it
QUERY: dict[str, object] = {"metrics": ["messages_sent"], "by": ["surface"]}


def measure_turns(workspace: Workspace, *, rounds: int = 40) -> Iterator[Measured]:
    """A turn of three calls (search, query, words) against the same calls and tools one after another, in turn.

    The calls are recorded on both sides, so the difference is the graph's. What recording adds is shown beside it.
    """
    asker = default_asker(workspace, surface="python")
    section = workspace.settings.model.model_copy(update={"name": "scripted", "base_url": "http://127.0.0.1:9/v1"})
    place = replace(workspace, settings=workspace.settings.model_copy(update={"model": section}))
    sides: dict[str, Callable[[], Answer]] = {
        "bare": lambda: bare_turn(place, asker),
        "recorded": lambda: recorded_turn(place, asker),
        "graph": lambda: graph_turn(place, asker),
        "kept": lambda: kept_turn(place, asker),
    }
    texts = {name: side().text for name, side in sides.items()}
    if len(set(texts.values())) != 1:
        raise AssertionError("the turns do not come to the same answer")
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            times[name].append(seconds_of(side))
    part = "a turn around a model, 3 calls"
    compared: tuple[tuple[str, str, str, float | None], ...] = (
        ("graph", "recorded", "the graph adds, no conversation kept", 50),
        ("kept", "recorded", "the graph adds, conversation kept", 50),
        ("recorded", "bare", "recording the calls adds", None),
        ("kept", "bare", "all of it adds", None),
    )
    for ours, theirs, what, goal in compared:
        added = [a - b for a, b in zip(times[ours], times[theirs], strict=True)]
        detail = f"{median(times[ours]) * 1000:.1f} ms against {median(times[theirs]) * 1000:.1f} ms"
        detail += f"; p95 {quantile(added, 0.95) * 1000:.1f} ms"
        yield Measured(part, f"{what}, p50", median(added) * 1000, " ms", goal, detail)


def script() -> ScriptedModel:
    def use(name: str, arguments: dict[str, object]) -> Reply:
        return Reply(
            tool_calls=(ToolCall("c", name, json.dumps(arguments)),), finish="tool_calls", usage=TokenUsage(900, 40)
        )

    words = Reply(text="Most came by {f1.slice}: {f1.value}.", usage=TokenUsage(1200, 30))
    return ScriptedModel([use("search_catalog", {"words": "messages"}), use("query_metrics", QUERY), words])


def kept_turn(workspace: Workspace, asker: Asker) -> Answer:
    """A whole turn, as every surface runs it."""
    model = script()
    question = Question(text=LOST, id=uuid.uuid4().hex)
    events = list(stream(question, workspace=workspace, asker=asker, thread="bench", model=opened(model)))
    found = events[-1].data
    assert isinstance(found, Answer)
    return found


def graph_turn(workspace: Workspace, asker: Asker) -> Answer:
    """The graph and the ledger, without a checkpointer."""
    model = script()
    scope = Scope(workspace, asker, "bench", is_kept=False, model=opened(model))
    done = GRAPH.invoke(Turn(question=Question(text=LOST, id=uuid.uuid4().hex)), context=scope)
    found = done["answer"]
    assert isinstance(found, Answer)
    return found


def recorded_turn(workspace: Workspace, asker: Asker) -> Answer:
    """The same calls, recorded, and the same tools, one after another: no graph, nothing kept."""
    model, question = script(), Question(text=LOST, id=uuid.uuid4().hex)

    def asked(dialogue: Dialogue) -> Dialogue:
        return ask_model(
            dialogue, question=question, thread="bench", workspace=workspace, asker=asker, model=opened(model)
        )

    return in_order(question, workspace, asker, asked)


def bare_turn(workspace: Workspace, asker: Asker) -> Answer:
    """The same calls, not even recorded."""
    model = script()

    def asked(dialogue: Dialogue) -> Dialogue:
        return replace(dialogue, reply=model.complete(Request(messages=dialogue.messages, tools=dialogue.tools)))

    return in_order(Question(text=LOST, id="bare"), workspace, asker, asked)


def in_order(question: Question, workspace: Workspace, asker: Asker, asked: Callable[[Dialogue], Dialogue]) -> Answer:
    """What the nodes of the graph do, by plain calls."""
    plan = understand(question, workspace=workspace, asker=asker)
    dialogue = begin_dialogue(question, plan, workspace=workspace, asker=asker, conversation=())
    while dialogue.outcome is None:
        dialogue = use_tools(asked(dialogue), question=question, workspace=workspace, asker=asker)
    caveats = check(dialogue.outcome, dialogue.facts, workspace=workspace).caveats
    return write_answer(dialogue.outcome, dialogue.facts, caveats, workspace=workspace)


def opened(model: ScriptedModel) -> Callable[[], Model]:
    return lambda: model
