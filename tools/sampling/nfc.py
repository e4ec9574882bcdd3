"""Whether text is in normal form C under Unicode 14, on any Python."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

UNICODE = "14.0.0"
_INERT = "\ufffe"  # a noncharacter: never composed, reordered or decomposed


def is_nfc(text: str) -> bool:
    """Whether `text` is NFC under Unicode 14, whatever version this Python knows.

    Characters that Unicode 14 had not assigned are inert in it: a newer Python would compose or reorder some of them.
    """
    if text.isascii() or unicodedata.unidata_version == UNICODE:
        return unicodedata.is_normalized("NFC", text)
    return unicodedata.is_normalized("NFC", text.translate(_inert_table()))


def unassigned_ranges() -> list[tuple[int, int]]:
    """First and last code point of every range that Unicode 14 left unassigned."""
    lines = files("tools.sampling").joinpath("unassigned_in_unicode_14.txt").read_text(encoding="ascii").split()
    return [(int(first, 16), int(last or first, 16)) for first, _, last in (line.partition("-") for line in lines)]


@cache
def _inert_table() -> dict[int, str]:
    """Those of the unassigned that this Python's newer Unicode does assign."""
    return {
        point: _INERT
        for first, last in unassigned_ranges()
        for point in range(first, last + 1)
        if unicodedata.category(chr(point)) != "Cn"
    }
