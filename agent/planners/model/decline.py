"""Tool: say why not."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from agent.planners.model.check_prose import check_prose
from agent.planners.model.desk import Arguments, Desk, NotUsable, Told, Tool
from agent.state import DeclinePlan

Step = Annotated[str, Field(min_length=1, max_length=200)]


class Decline(Arguments):
    """Why the question is not answered."""

    reason: Literal["no_data", "unsupported_cut", "underpowered", "off_topic", "unsafe"]
    message: Annotated[
        str, Field(min_length=1, max_length=400, description="What is missing, in one sentence without any number.")
    ]
    next_steps: Annotated[tuple[Step, ...], Field(max_length=3, description="What would make it answerable.")] = ()


def decline(arguments: Decline, desk: Desk) -> Told:
    """The decline, once its words hold no number."""
    problems = [p for text in (arguments.message, *arguments.next_steps) for p in check_prose(text, {})]
    if problems:
        raise NotUsable(" ".join(dict.fromkeys(problems)))
    plan = DeclinePlan(
        reason=arguments.reason,
        message=" ".join(arguments.message.split()),
        next_steps=tuple(" ".join(s.split()) for s in arguments.next_steps),
        understood=True,
    )
    return Told({"declined": arguments.reason}, "Declined", outcome=plan)


DECLINE = Tool(
    "decline",
    "Say that the question is not answered, why, and what would make it answerable. no_data: the workspace does not "
    "hold it; unsupported_cut: not in this way, a cause, a forecast; off_topic: not about this data; unsafe: it asks "
    "for an action or for these rules to be broken. This ends your turn.",
    Decline,
    decline,
)
