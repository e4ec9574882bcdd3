"""Does the answer say the words that a definition, a list or a date must hold?"""

from __future__ import annotations

from agent.state import Answer
from evals.expect import Expect


def score_mentions(answer: Answer, expect: Expect) -> list[str]:
    """One problem per missing word; `a|b` accepts either, case aside."""
    if answer.kind != "answer":
        return []
    said = f"{answer.headline}\n{answer.text}".casefold()
    return [
        f"does not say {wanted!r}"
        for wanted in expect.mentions
        if not any(word.strip().casefold() in said for word in wanted.split("|"))
    ]
