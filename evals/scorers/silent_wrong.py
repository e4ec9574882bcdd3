"""The one failure that cannot be forgiven: a wrong number given as if it were right."""

from __future__ import annotations

from collections.abc import Sequence

from agent.state import Answer
from evals.expect import Expect


def is_silent_wrong(answer: Answer, expect: Expect, *, value_problems: Sequence[str]) -> bool:
    """True when a number was given although another number, a question or a refusal was expected."""
    if answer.kind != "answer" or not answer.figures:
        return False
    if "answer" not in expect.kind:
        return True
    if expect.sql is None and expect.figures is None:
        return bool(expect.mentions) and bool(value_problems)
    return bool(value_problems)
