"""The answer to a question back ("2", "the second one") or to a planned study ("approve")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.state import ApprovePlan, Question
from agent.threads.past_turn import PastTurn
from agent.threads.readable import may_read
from tools.access import Asker
from tools.workspace import Workspace

_NUMBERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_CHOICE = re.compile(
    r"(?:(?:option|choice|number|no\.?|the)\s+|#)?([1-9]|first|second|third|fourth)(?:\s+one)?[.)!]?", re.I
)
_APPROVE = re.compile(
    r"(?:yes,?\s+)?(?:i\s+)?approved?(?:\s+it)?(?:,?\s+(?:up\s+to\s+|with\s+|budget\s+)*\$?\s*(\d{1,9}(?:\.\d{1,2})?)"
    r"(?:\s*(?:usd|dollars))?)?[.!]?",
    re.I,
)


@dataclass(frozen=True)
class Reply:
    """What a waiting conversation was given: the reading to ask next, or the approval of its study."""

    question: Question
    approve: ApprovePlan | None = None

    def as_json(self) -> dict[str, Any]:
        """For LangGraph to hand to the node that waits."""
        given: dict[str, Any] = {"question": self.question.model_dump(mode="json")}
        return given if self.approve is None else given | {"approve": self.approve.model_dump(mode="json")}


def read_reply(question: Question, asked: Sequence[PastTurn], *, workspace: Workspace, asker: Asker) -> Reply | None:
    """The question as a reply to the last turn; None when it is a question of its own, or the asker may not see what
    was asked."""
    if (
        question.choose is not None
        or not asked
        or not may_read(asked[-1], asker=asker, policy=workspace.settings.access)
    ):
        return None
    turn = asked[-1]
    if turn.study is not None:
        approve = read_approval(question.text, turn, asker)
        return None if approve is None else Reply(question, approve)
    number = read_choice(question.text, len(turn.choices))
    return None if number is None else Reply(question.model_copy(update={"text": turn.choices[number - 1].query}))


def read_choice(text: str, choices: int) -> int | None:
    """The number of a choice ("2", "option 2", "the second one"); None for any other text."""
    found = _CHOICE.fullmatch(text.strip())
    if found is None:
        return None
    number = _NUMBERS.get(found[1].lower()) or int(found[1])
    return number if 1 <= number <= choices else None


def read_approval(text: str, turn: PastTurn, asker: Asker) -> ApprovePlan | None:
    """ "approve", or "approve up to $250"; without an amount, what the plan costs."""
    found = _APPROVE.fullmatch(text.strip())
    if found is None or turn.study is None:
        return None
    budget = None if found[1] is None else float(found[1])
    return ApprovePlan(id=turn.study.id, path=turn.study.path, by=asker.person, budget_usd=budget)
