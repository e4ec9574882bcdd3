"""One more caveat on an answer that is written."""

from __future__ import annotations

from agent.state import Answer
from tools.reporting.inert import make_inert

_NONE = ("- None known.", "- No figure is shown.")


def add_caveat(answer: Answer, caveat: str) -> Answer:
    """The answer with a caveat at the end of its list and of its text, whose last section is the caveats."""
    line = f"- {make_inert(caveat)}"
    text = answer.text.rstrip()
    ends = next((end for end in _NONE if text.endswith(end)), None)
    text = text.removesuffix(ends) + line if ends == _NONE[0] else f"{text}\n{line}"
    return answer.model_copy(update={"caveats": (*answer.caveats, caveat), "text": text})
