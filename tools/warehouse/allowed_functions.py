"""The functions that SQL text may call."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

TABLE_FUNCTIONS = frozenset({"generate_series", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest"})


@cache
def allowed_functions() -> frozenset[str]:
    """DuckDB's names of the functions and operators in functions.txt."""
    return frozenset(name for names in _sections().values() for name in names)


@cache
def functions_under(heading: str) -> frozenset[str]:
    """Those under one heading of the file, such as aggregates."""
    return _sections()[heading]


@cache
def _sections() -> dict[str, frozenset[str]]:
    text = (files("tools.warehouse") / "functions.txt").read_text("utf-8")
    found: dict[str, frozenset[str]] = {}
    for block in text.split("\n\n"):
        lines = block.splitlines()
        names = frozenset(name for line in lines if not line.startswith("#") for name in line.split())
        if names:
            found[lines[0].removeprefix("# ")] = names
    return found
