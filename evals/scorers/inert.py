"""Is every word from the data only a word, or could it act where the answer is shown?"""

from __future__ import annotations

import re
import unicodedata

from agent.state import Answer

_JOINERS = "\u200c\u200d"  # part of how some scripts and emoji are written
_ACTIVE = {
    "a live link or image": re.compile(r"(?<!\\)\]\((?!#)"),
    "an HTML tag": re.compile(r"(?<!\\)<[a-z!/][^>\n]*>", flags=re.IGNORECASE),
}
_CODE = re.compile(r"```.*?```|(?<!\\)`[^`\n]*`", flags=re.DOTALL)


def score_inert(answer: Answer) -> list[str]:
    """Problems of the prose (headline, text, choices' labels): control or direction characters, live Markdown, HTML.

    Figures, tables and choices' queries hold values as they are in the data; what shows them must clean them.
    """
    prose = "\n".join([answer.headline, answer.text, *(choice.label for choice in answer.choices)])
    marks = {f"U+{ord(c):04X}" for c in prose if c not in "\n\t" + _JOINERS and unicodedata.category(c) in ("Cc", "Cf")}
    problems = [f"the prose holds characters that act: {', '.join(sorted(marks))}"] if marks else []
    shown = _CODE.sub(" ", prose)
    return problems + [f"the prose holds {what}" for what, pattern in _ACTIVE.items() if pattern.search(shown)]
