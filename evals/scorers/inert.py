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
_SECTIONS = {"Answer", "How this was found", "Caveats"}
_HEADING = re.compile(r"^ {0,3}#+\s*(.*?)\s*$", flags=re.MULTILINE)
_CODE = re.compile(r"```.*?```|(?<!\\)`[^`\n]*`", flags=re.DOTALL)


def score_inert(answer: Answer) -> list[str]:
    """Problems of the prose (headline, text, choices' labels): control or direction characters, live Markdown, HTML,
    and what a line break inside a value can forge: a second line of a headline or a label, a heading of its own.

    Figures, tables and choices' queries hold values as they are in the data; what shows them must clean them.
    """
    prose = "\n".join([answer.headline, answer.text, *(choice.label for choice in answer.choices)])
    marks = {f"U+{ord(c):04X}" for c in prose if c not in "\n\t" + _JOINERS and unicodedata.category(c) in ("Cc", "Cf")}
    problems = [f"the prose holds characters that act: {', '.join(sorted(marks))}"] if marks else []
    single = [answer.headline, *(choice.label for choice in answer.choices)]
    problems += ["a headline or a choice has more than one line"] if any("\n" in text for text in single) else []
    headings = set(_HEADING.findall(answer.text)) - _SECTIONS
    problems += ["the text holds a heading that no section has"] if headings else []
    shown = _CODE.sub(" ", prose)
    return problems + [f"the prose holds {what}" for what, pattern in _ACTIVE.items() if pattern.search(shown)]
