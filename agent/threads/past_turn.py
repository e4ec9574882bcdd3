"""One turn of a conversation as it is kept."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.state import Choice, StudyRef
from tools.access.asker import Surface
from tools.errors import Reason


class PastTurn(BaseModel):
    """A question and what came of it. It holds no figure's cell, no row of SQL text and no item text.

    Attributes:
        id: of the question; paid calls of the turn are recorded under it.
        question: as typed, or as chosen from a clarification.
        at: when it was answered, ISO 8601 in UTC.
        person, roles, audience_roles, surface: who asked, and who read along.
        kind, reason: what the answer was.
        headline: the answer's one sentence.
        query: the metric query as a sentence that reads back as itself; empty for every other kind of answer.
        relative: the query's period was relative to the day of asking.
        figures: ids of the answer's figures.
        choices: of a clarification.
        tables, columns: what the query used; None where no query was answered.
        min_cell: fewest units behind a number that was shown.
        access: hash of the access settings when it was answered.
        study: of a study's turn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    at: str
    person: str
    roles: tuple[str, ...]
    audience_roles: tuple[str, ...] = ()
    surface: Surface
    kind: Literal["answer", "clarification", "declined", "study"]
    reason: Reason | None = None
    headline: str
    query: str = ""
    relative: bool = False
    figures: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    tables: tuple[str, ...] | None = None
    columns: tuple[str, ...] | None = None
    min_cell: int = 1
    access: str
    study: StudyRef | None = None
