"""The agent on one page: understand, plan with a model where that failed, execute, check, write, wait for a choice.

One question in, one Answer out. What is kept of a conversation is `turns`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from langgraph.channels import UntrackedValue
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agent.check import check
from agent.execute import Facts, execute
from agent.state import Answer, ApprovePlan, ClarifyPlan, DeclinePlan, Plan, Question, StudyPlan
from agent.threads import PastTurn, add_turns, read_turns, readable, remember, turns_before
from agent.understand import understand
from agent.write import write_answer
from tools.access import Asker
from tools.workspace import Workspace

if TYPE_CHECKING:
    from agent.planners.model import Dialogue
    from tools.model import Model


@dataclass(frozen=True)
class Scope:
    """Who asks, and of what; handed to every node, never part of the state.

    Attributes:
        thread: the conversation's id.
        is_kept: the conversation is kept, so that a question back can wait for its answer.
        model: opens the model that plans what the embedded planner cannot read; None for none.
    """

    workspace: Workspace
    asker: Asker
    thread: str
    is_kept: bool
    model: Callable[[], Model] | None = None

    def conversation(self, state: Turn) -> tuple[PastTurn, ...]:
        """The turns before this question that the asker, and everyone who reads along, may see."""
        turns = read_turns(turns_before(state.get("turns", []), state["question"].id))
        return readable(turns, asker=self.asker, policy=self.workspace.settings.access)


class Turn(TypedDict, total=False):
    """What one question becomes on its way. Only `turns` is kept: words, queries and headlines, no rows."""

    question: Annotated[Question, UntrackedValue]
    plan: Annotated[Plan, UntrackedValue]
    dialogue: Annotated[Any, UntrackedValue]  # a Dialogue: what model and tools said
    facts: Annotated[Facts, UntrackedValue]
    caveats: Annotated[tuple[str, ...], UntrackedValue]
    answer: Annotated[Answer, UntrackedValue]
    turns: Annotated[list[dict[str, Any]], add_turns]


# --- nodes, in running order --------------------------------------------------------------------


def understand_node(state: Turn, *, runtime: Runtime[Scope]) -> dict[str, Any]:
    """Question -> plan, by the embedded planner; a fragment is read onto the question before."""
    scope = runtime.context
    conversation = scope.conversation(state)
    plan = understand(state["question"], workspace=scope.workspace, asker=scope.asker, conversation=conversation)
    return {"plan": plan}


def plan_with_model_node(state: Turn, *, runtime: Runtime[Scope]) -> dict[str, Any]:
    """One call of the model, told what was said so far and nothing that this asker may not see."""
    from agent.planners.model import ask_model, begin_dialogue  # start-up

    scope, question = runtime.context, state["question"]
    workspace, asker = scope.workspace, scope.asker
    dialogue = state.get("dialogue") or begin_dialogue(
        question, state["plan"], workspace=workspace, asker=asker, conversation=scope.conversation(state)
    )
    assert scope.model is not None
    return _after(
        ask_model(dialogue, question=question, thread=scope.thread, workspace=workspace, asker=asker, model=scope.model)
    )


def use_tools_node(state: Turn, *, runtime: Runtime[Scope]) -> dict[str, Any]:
    """What the model called, run; or its words, checked."""
    from agent.planners.model import use_tools  # start-up

    scope = runtime.context
    question = state["question"]
    return _after(use_tools(state["dialogue"], question=question, workspace=scope.workspace, asker=scope.asker))


def _after(dialogue: Dialogue) -> dict[str, Any]:
    if dialogue.outcome is None:
        return {"dialogue": dialogue}
    return {"dialogue": dialogue, "plan": dialogue.outcome, "facts": dialogue.facts}


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
    workspace, asker, dialogue = runtime.context.workspace, runtime.context.asker, state.get("dialogue")
    written = write_answer(state["plan"], state["facts"], state.get("caveats", ()), workspace=workspace)
    written = written if dialogue is None else dialogue.sign(written)
    turn = remember(state["question"], state["plan"], written, workspace=workspace, asker=asker)
    return {"answer": written, "turns": [turn.model_dump(mode="json", exclude_defaults=True)]}


def wait_node(state: Turn) -> dict[str, Any]:
    """A question back waits for its choice, a planned study for its approval; the reply is what comes next."""
    asked = read_turns(state["turns"][-1:])[0]
    reply: dict[str, Any] = interrupt({"choices": len(asked.choices), "study": asked.study and asked.study.id})
    question = {"question": Question.model_validate(reply["question"])}
    return question | ({"plan": ApprovePlan.model_validate(reply["approve"])} if "approve" in reply else {})


# --- edges --------------------------------------------------------------------------------------

REFUSALS = ("unsafe", "not_permitted", "small_cell")


def after_understanding(state: Turn, *, runtime: Runtime[Scope]) -> Literal["plan_with_model", "execute"]:
    """A model is asked only where one is configured and the question was not understood; never after a refusal."""
    plan = state["plan"]
    lost = isinstance(plan, ClarifyPlan | DeclinePlan) and not plan.understood
    refused = isinstance(plan, DeclinePlan) and plan.reason in REFUSALS
    return "plan_with_model" if lost and not refused and runtime.context.model is not None else "execute"


def after_model(state: Turn) -> Literal["use_tools", "check"]:
    return "use_tools" if state["dialogue"].outcome is None else "check"


def after_tools(state: Turn) -> Literal["plan_with_model", "check"]:
    return "plan_with_model" if state["dialogue"].outcome is None else "check"


def after_writing(state: Turn, *, runtime: Runtime[Scope]) -> Literal["wait", "__end__"]:
    """A question back and a planned study wait, where the conversation is kept."""
    waits = isinstance(state["plan"], ClarifyPlan | StudyPlan) and runtime.context.is_kept
    return "wait" if waits else "__end__"


def after_waiting(state: Turn) -> Literal["understand", "execute"]:
    return "execute" if isinstance(state.get("plan"), ApprovePlan) else "understand"


STEPS = {
    "understand": "Read the question",
    "plan_with_model": "Asked the model",
    "use_tools": "Did what the model asked for",
    "execute": "Looked it up",
    "check": "Checked the figures",
    "write": "Wrote the answer",
    "wait": "Took the reply",
}

_builder = StateGraph(Turn, context_schema=Scope)
_builder.add_node("understand", understand_node)
_builder.add_node("plan_with_model", plan_with_model_node)
_builder.add_node("use_tools", use_tools_node)
_builder.add_node("execute", execute_node)
_builder.add_node("check", check_node)
_builder.add_node("write", write_node)
_builder.add_node("wait", wait_node)
_builder.add_edge(START, "understand")
_builder.add_conditional_edges("understand", after_understanding)
_builder.add_conditional_edges("plan_with_model", after_model)
_builder.add_conditional_edges("use_tools", after_tools)
_builder.add_edge("execute", "check")
_builder.add_edge("check", "write")
_builder.add_conditional_edges("write", after_writing)
_builder.add_conditional_edges("wait", after_waiting)
GRAPH = _builder.compile()
