"""Text as a literal of SQL."""

from __future__ import annotations


def quote_text(text: str) -> str:
    """The text between single quotes."""
    return "'" + text.replace("'", "''") + "'"
