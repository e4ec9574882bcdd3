"""Names and texts as SQL writes them."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in single quotes."""
    return "'" + text.replace("'", "''") + "'"


def dotted(table: str) -> str:
    """`table`, or `schema.table` outside the schema main, as SQL."""
    schema, _, plain = table.rpartition(".")
    return f"{quoted(schema or 'main')}.{quoted(plain)}"
