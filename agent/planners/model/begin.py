"""What the model is told before its first call."""

from __future__ import annotations

import time
from collections.abc import Sequence

from agent.planners.embedded import Context
from agent.planners.model.dialogue import Dialogue
from agent.planners.model.fence import as_data
from agent.planners.model.prompts import fill_prompt
from agent.planners.model.search_catalog import visible_metrics
from agent.planners.model.toolbox import specify, tools_for
from agent.state import ClarifyPlan, DeclinePlan, Plan, Question
from agent.threads.past_turn import PastTurn
from agent.understand import planner_context
from tools.access import Asker
from tools.metrics.definitions import Metric
from tools.model import Message
from tools.workspace import Workspace

_MOST_TURNS = 6
_MOST_METRICS = 40
_MOST_CHARACTERS = 120


def begin_dialogue(
    question: Question,
    embedded: Plan,
    *,
    workspace: Workspace,
    asker: Asker,
    conversation: Sequence[PastTurn],
) -> Dialogue:
    """The rules, the question, and what this asker and everyone who reads along may know of the workspace.

    Args:
        question: as typed.
        embedded: what the embedded planner said of it: a question back, or why not.
        workspace, asker: where, and for whom.
        conversation: the turns before that may be seen; their numbers are not told.
    """
    assert isinstance(embedded, ClarifyPlan | DeclinePlan)
    context = planner_context(workspace, asker)
    asked = fill_prompt(
        "question",
        today=workspace.today().isoformat(),
        timezone=workspace.settings.workspace.timezone,
        conversation=as_data([_describe(turn) for turn in conversation[-_MOST_TURNS:]]),
        metrics=as_data({m.name: m.description[:_MOST_CHARACTERS] for m in _own_metrics(context)[:_MOST_METRICS]}),
        more="; search_catalog finds the others"
        if len(visible_metrics(context)) > len(_own_metrics(context)[:_MOST_METRICS])
        else "",
        embedded=as_data(_say(embedded)),
        question=as_data(question.text),
    )
    return Dialogue(
        messages=(Message("system", fill_prompt("planner")), Message("user", asked)),
        tools=tuple(specify(tool) for tool in tools_for(workspace, asker)),
        embedded=embedded,
        begun=time.monotonic(),
    )


def _own_metrics(context: Context) -> list[Metric]:
    """The metrics that somebody wrote; those expanded from measures are found by searching."""
    expanded = {m.metric for m in context.catalog.measures}
    return [m for m in visible_metrics(context) if m.name not in expanded]


def _describe(turn: PastTurn) -> dict[str, str]:
    return {"question": turn.question, "became": turn.kind} | ({"query": turn.query} if turn.query else {})


def _say(plan: ClarifyPlan | DeclinePlan) -> dict[str, object]:
    if isinstance(plan, DeclinePlan):
        return {"declined": plan.reason, "because": plan.message}
    return {"asked": plan.question, "choices": [c.query for c in plan.choices]}
