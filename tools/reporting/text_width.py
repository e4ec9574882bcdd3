"""How wide a text is: in columns of a terminal, in pixels of a chart; shortened and wrapped to fit.

Pixels use the widths of Liberation Sans (equal to Arial's), the font that the renderer carries with it.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

ELLIPSIS = "..."
_WIDE = {"W", "F"}
_WIDTHS = {  # thousandths of the font size; Arial
    **dict.fromkeys("ijl'|", 222),
    **dict.fromkeys("ftI.,:;!/ []\\", 278),
    **dict.fromkeys('r()-`{}"', 340),
    **dict.fromkeys("csvxyzkJ", 500),
    **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("CDHNRUw", 722),
    **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("mM", 833),
    **dict.fromkeys("W%", 920),
    "@": 1015,
}


def columns(text: str) -> int:
    """Columns that `text` takes in a terminal: two for wide characters, none for combining ones."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def fit(text: str, width: int, *, ellipsis: str = ELLIPSIS) -> str:
    """`text` in at most `width` columns; what does not fit ends in an ellipsis."""
    if columns(text) <= width:
        return text
    ellipsis = ellipsis[:width]
    room, kept = width - len(ellipsis), ""
    for character in text:
        if columns(kept + character) > room:
            break
        kept += character
    return kept.rstrip() + ellipsis


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled with blanks to `width` columns, on the left when `right`."""
    blanks = " " * max(0, width - columns(text))
    return blanks + text if right else text + blanks


def pixels(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels that `text` takes at a font size of `size` pixels (an estimate, a little generous)."""
    return sum(map(_thousandths, text)) * size / 1000 * (1.09 if bold else 1.0)


def wrap(text: str, width: float, size: float, *, lines: int = 2, bold: bool = False) -> list[str]:
    """`text` in at most `lines` lines of `width` pixels, broken at blanks where possible; the rest is an ellipsis."""
    rest = text.strip()
    done: list[str] = []
    while rest and len(done) < lines:
        if pixels(rest, size, bold=bold) <= width:
            done.append(rest)
            rest = ""
        elif len(done) == lines - 1:
            done.append(
                rest[: _fitting(rest, width - pixels(ELLIPSIS, size, bold=bold), size, bold)].rstrip() + ELLIPSIS
            )
            rest = ""
        else:
            end = max(1, _fitting(rest, width, size, bold))
            blank = rest.rfind(" ", 1, end + 1)
            if blank < end // 3:  # one long word: break inside it
                blank = end
            done.append(rest[:blank].rstrip())
            rest = rest[blank:].lstrip()
    return done or [""]


def _fitting(text: str, width: float, size: float, bold: bool) -> int:
    used = 0.0
    for index, character in enumerate(text):
        used += pixels(character, size, bold=bold)
        if used > width:
            return index
    return len(text)


@lru_cache(maxsize=4096)
def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


@lru_cache(maxsize=4096)
def _thousandths(character: str) -> int:
    if character in _WIDTHS:
        return _WIDTHS[character]
    columns_ = _columns_of(character)
    if columns_ != 1:
        return 1000 * columns_ // 2
    return 740 if character.isupper() else 560
