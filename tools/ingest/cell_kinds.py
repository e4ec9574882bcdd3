"""What the text of a cell looks like: a number, a date, a code, or words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

NUMBER, WORDS = "number", "words"
_MOSTLY = 0.9
_MISSING = frozenset(("", "na", "n/a", "#n/a", "<na>", "null", "nan", "none", "nil", "\\n", "-", "--", "?", "."))
_SIGNED = r"\(?[-+]?\s?[$€£]?\s?[-+]?(\d[\d., '\u00a0\u202f]*|\.\d+)(e[+-]?\d+)?\s?[%$€£]?\)?"
_KINDS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for kind, pattern in (
        ("date", r"\d{4}[-/]\d{1,2}[-/]\d{1,2}\b.*|\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})\b.*"),
        ("clock", r"\d{1,4}:\d{2}(:\d{2}([.,]\d+)?)?( ?[ap]m)?"),
        (NUMBER, _SIGNED),
        ("address", r"[^@\s]+@[^@\s]+\.\w+"),
        ("link", r"https?://.*"),
        ("hex", r"[0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("flag", r"true|false|yes|no|y|n"),
    )
)
UNMISTAKABLE = frozenset(("date", "address", "link", "hex"))  # no column is called so


def cell_kind(text: str) -> str:
    """The kind of one cell, empty when it holds nothing; codes carry their pattern: `T-001` is `aa 9`."""
    text = text.strip()
    if text.lower() in _MISSING:
        return ""
    for kind, pattern in _KINDS:
        if pattern.fullmatch(text):
            return kind
    if len(text) <= 30 and re.search(r"\d", text) and not re.search(r"\s", text):
        return "code " + re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))
    return WORDS


def column_kind(cells: Sequence[str]) -> str:
    """The kind of nearly all cells that hold something, else words; empty when none does."""
    kinds = Counter(kind for kind in map(cell_kind, cells) if kind)
    if not kinds:
        return ""
    kind, times = kinds.most_common(1)[0]
    return kind if times >= _MOSTLY * kinds.total() else WORDS
