"""Column names a person recognises and SQL accepts.

One rule: symbols with a word become it (% pct, $ usd, # num, & and), every other run of
characters that are not letters, digits or underscores becomes one underscore, case is
kept; empty names become column_<position>, repeated ones get _2, _3; a leading digit is
preceded by an underscore.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_SYMBOLS = {"%": " pct ", "$": " usd ", "€": " eur ", "£": " gbp ", "#": " num ", "&": " and "}


def name_columns(headers: Sequence[str]) -> list[str]:
    """Names for `headers`, unique without regard to case."""
    taken: set[str] = set()
    names = []
    for position, header in enumerate(headers, start=1):
        base = usable(header) or f"column_{position}"
        name, n = base, 2
        while name.casefold() in taken:
            name, n = f"{base}_{n}", n + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def usable(text: str) -> str:
    """One identifier made of `text`, or an empty string."""
    text = unicodedata.normalize("NFC", text)
    for symbol, word in _SYMBOLS.items():
        text = text.replace(symbol, word)
    name = re.sub(r"_{2,}", "_", re.sub(r"\W+", "_", text.strip()))
    if not text.strip().startswith("_"):
        name = name.lstrip("_")
    if not text.strip().endswith("_"):
        name = name.rstrip("_")
    name = name if name.strip("_") else ""
    return f"_{name}" if name[:1].isdigit() else name[:100]
