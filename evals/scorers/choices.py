"""Is a clarification one that a person can answer?"""

from __future__ import annotations

from collections.abc import Callable

from agent.state import Answer
from evals.expect import Expect


def score_choices(answer: Answer, expect: Expect, *, ask_again: Callable[[str], Answer]) -> list[str]:
    """Problems of a clarification: words missing among its labels, or a choice that is not answered when asked."""
    if answer.kind != "clarification":
        return []
    labels = " | ".join(choice.label for choice in answer.choices).casefold()
    problems = [
        f"no choice is about {wanted!r}"
        for wanted in expect.choices_include
        if not any(word.strip().casefold() in labels for word in wanted.split("|"))
    ]
    for choice in answer.choices:
        again = ask_again(choice.query)
        if again.kind != "answer":
            problems.append(f"choice {choice.label!r}, asked as {choice.query!r}, is {again.kind}, not an answer")
    return problems
