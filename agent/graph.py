"""The agent: understand -> execute -> check -> write -> wait. One question in, one Answer out, a conversation kept."""

from __future__ import annotations

from dataclasses import dataclass
from operator import add
from typing import Annotated, Any, Literal, TypedDict

from langgraph.channels import UntrackedValue
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agent.check import check
from agent.execute import Facts, execute
from agent.state import Answer, ClarifyPlan, DeclinePlan, Plan, Question
from agent.threads import readable, remember
from agent.threads.open_threads import read_turns
from agent.understand import understand
from agent.write import write_answer
from tools.access import Asker
from tools.workspace import Workspace


@dataclass(frozen=True)
class Scope:
    """Who asks, and of what; handed to every node, never part of the state."""

    workspace: Workspace
    asker: Asker
    thread: str
    is_kept: bool  # the conversation is kept, so that a question back can wait for its answer


class Turn(TypedDict, total=False):
    """What one question becomes on its way. Only `turns` is kept: words, queries and headlines, no rows."""

    question: Annotated[Question, UntrackedValue]
    plan: Annotated[Plan, UntrackedValue]
    facts: Annotated[Facts, UntrackedValue]
    caveats: Annotated[tuple[str, ...], UntrackedValue]
    answer: Annotated[Answer, UntrackedValue]
    turns: Annotated[list[dict[str, Any]], add]


# --- nodes, in running order --------------------------------------------------------------------


def understand_node(state: Turn, *, runtime: Runtime[Scope]) -> dict[str, Any]:
    """Question -> plan, with the turns before that this asker may see."""
    workspace, asker = runtime.context.workspace, runtime.context.asker
    turns = readable(read_turns(state.get("turns", ())), asker=asker, policy=workspace.settings.access)
    return {"plan": understand(state["question"], workspace=workspace, asker=asker, conversation=turns)}


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
    """Facts and caveats -> answer, and what is kept of the turn."""
    workspace, asker = runtime.context.workspace, runtime.context.asker
    written = write_answer(state["plan"], state["facts"], state.get("caveats", ()), workspace=workspace)
    turn = remember(state["question"], state["plan"], written, workspace=workspace, asker=asker)
    return {"answer": written, "turns": [turn.model_dump(mode="json", exclude_defaults=True)]}


def wait_node(state: Turn) -> dict[str, Any]:
    """A question back waits for its answer, whoever gives it and whenever: the chosen reading is asked next."""
    chosen: dict[str, Any] = interrupt({"choices": len(read_turns(state["turns"])[-1].choices)})
    return {"question": Question.model_validate(chosen)}


# --- edges --------------------------------------------------------------------------------------


def after_writing(state: Turn, runtime: Runtime[Scope]) -> Literal["wait", "__end__"]:
    """Only a question back waits, and only where the conversation is kept."""
    return "wait" if isinstance(state["plan"], ClarifyPlan) and runtime.context.is_kept else "__end__"


STEPS = {
    "understand": "Read the question",
    "execute": "Looked it up",
    "check": "Checked the figures",
    "write": "Wrote the answer",
    "wait": "Took the choice",
}

_builder = StateGraph(Turn, context_schema=Scope)
_builder.add_node("understand", understand_node)
_builder.add_node("execute", execute_node)
_builder.add_node("check", check_node)
_builder.add_node("write", write_node)
_builder.add_node("wait", wait_node)
_builder.add_edge(START, "understand")
_builder.add_edge("understand", "execute")
_builder.add_edge("execute", "check")
_builder.add_edge("check", "write")
_builder.add_conditional_edges("write", after_writing, ["wait", END])
_builder.add_edge("wait", "understand")
GRAPH = _builder.compile()
