"""Tool: a question back, every choice of which the embedded planner answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agent.check import check
from agent.execute import execute
from agent.planners.embedded import plan_question
from agent.planners.embedded.canonical import write_query
from agent.planners.label_reading import label_reading
from agent.planners.model.check_prose import check_prose
from agent.planners.model.desk import Arguments, Desk, NotUsable, Told, Tool
from agent.planners.model.metric_arguments import MetricArguments, read_metric_arguments
from agent.state import Choice, ClarifyPlan, DeclinePlan, QueryPlan
from tools.metrics.query import MetricQuery


class AskBack(Arguments):
    """A question with its choices."""

    question: Annotated[str, Field(min_length=1, max_length=300, description="One short sentence without any number.")]
    choices: Annotated[
        tuple[MetricArguments, ...],
        Field(min_length=1, max_length=4, description="Readings of the question, each as a query."),
    ]


def ask_back(arguments: AskBack, desk: Desk) -> Told:
    """The clarification; a choice that could not be answered is named instead."""
    problems = check_prose(arguments.question, {})
    queries = [read_metric_arguments(c, desk.context) for c in arguments.choices]
    for number, query in enumerate(dict.fromkeys(queries), start=1):
        if why := _why_not(query, desk):
            problems.append(f"Choice {number} would not be answered: {why}")
    if problems:
        raise NotUsable(" ".join(problems))
    choices = tuple(Choice(label=label_reading(q, desk.context), query=write_query(q)) for q in dict.fromkeys(queries))
    plan = ClarifyPlan(question=arguments.question.strip(), choices=choices, understood=True)
    return Told({"asked": True}, "Asked back", outcome=plan)


def _why_not(query: MetricQuery, desk: Desk) -> str:
    """Why the written query, asked as a question, would not be answered; empty when it would."""
    plan = plan_question(write_query(query), context=desk.context)
    if not isinstance(plan, QueryPlan) or plan.query != query:
        return "it cannot be written as a question."
    facts = execute(plan, workspace=desk.workspace, asker=desk.asker)
    if isinstance(facts, DeclinePlan):
        return facts.message
    decline = check(plan, facts, workspace=desk.workspace).decline
    return decline.message if decline is not None else ""


ASK_BACK = Tool(
    "ask_back",
    "Ask which of up to four readings is meant. Each is a query that can be answered. This ends your turn.",
    AskBack,
    ask_back,
)
