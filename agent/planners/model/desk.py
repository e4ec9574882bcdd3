"""What a tool works with, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from agent.execute import Facts
from agent.planners.embedded import Context
from agent.planners.model.dialogue import Found
from agent.state import Plan
from tools.access import Asker
from tools.workspace import Workspace


class Arguments(BaseModel):
    """Arguments of a tool: a closed object."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


@dataclass(frozen=True)
class Desk:
    """Attributes:
    workspace, asker: where, and for whom.
    context: catalog, profile and words as the asker, and everyone who reads along, may see them.
    question: id of what was asked.
    figures: how many figures the turn has so far.
    """

    workspace: Workspace
    asker: Asker
    context: Context
    question: str
    figures: int


@dataclass(frozen=True)
class Told:
    """What a tool gives back.

    Attributes:
        data: for the model; it is fenced as data.
        step: what was done, in a few words for people.
        found: a result with figures.
        outcome, facts: the plan that ends the turn, and what it found already.
    """

    data: Any
    step: str
    found: Found | None = None
    outcome: Plan | None = None
    facts: Facts = field(default_factory=Facts)


class NotUsable(Exception):
    """The arguments do not fit; the message is for the model."""


@dataclass(frozen=True)
class Tool:
    """A tool: its name and description for the model, the form of its arguments, and what it does."""

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Any, Desk], Told]
