"""Did a declined answer give the expected reason?"""

from __future__ import annotations

from agent.state import Answer
from evals.expect import Expect


def score_reason(answer: Answer, expect: Expect) -> list[str]:
    """One problem when a declined answer gives another reason; other kinds are left to the kind's scorer."""
    if answer.kind != "declined" or not expect.reason or answer.reason in expect.reason:
        return []
    return [f"reason is {answer.reason}, expected {' or '.join(expect.reason)}"]
