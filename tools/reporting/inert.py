"""Text from the data that reads as text: no live links, no markup, no characters that hide or turn what follows."""

from __future__ import annotations

import re
import unicodedata

_LINK = re.compile(r"\](?=\()")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_HIDDEN = {"Cc", "Cf", "Cs", "Co"}
_JOINERS = {"\u200d", "\u200c"}  # needed inside words of some scripts and inside emoji


def make_inert(text: str) -> str:
    """The text with links and tags broken by a blank, and control and direction characters left out."""
    shown = "".join(c for c in text if c == "\n" or c in _JOINERS or unicodedata.category(c) not in _HIDDEN)
    return _TAG.sub("< ", _LINK.sub("] ", shown))
