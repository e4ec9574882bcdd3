"""Did the answer have the expected kind?"""

from __future__ import annotations

from agent.state import Answer
from evals.expect import Expect


def score_kind(answer: Answer, expect: Expect) -> list[str]:
    """One problem when the kind is none of those expected."""
    if answer.kind in expect.kind:
        return []
    detail = f" ({answer.reason})" if answer.reason else ""
    return [f"kind is {answer.kind}{detail}, expected {' or '.join(expect.kind)}"]
