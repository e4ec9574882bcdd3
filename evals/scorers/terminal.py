"""Is what a terminal got plain text?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_JOINERS = "\u200c\u200d"  # part of how some scripts and emoji are written


def score_terminal(shown: Iterable[str]) -> list[str]:
    """One problem when anything printed holds a control or direction character: those move the cursor or hide text."""
    found = {
        f"U+{ord(c):04X}"
        for text in shown
        for c in text
        if c not in "\n" + _JOINERS and unicodedata.category(c) in ("Cc", "Cf")
    }
    return [f"the terminal got characters that act: {', '.join(sorted(found))}"] if found else []
