"""Values as literals of SQL."""

from __future__ import annotations


def quote_text(text: str) -> str:
    """The text between single quotes."""
    return "'" + text.replace("'", "''") + "'"


def double(value: float) -> str:
    """A DuckDB literal of type DOUBLE with exactly this value."""
    text = repr(value)
    return text if "e" in text else f"{text}e0"
