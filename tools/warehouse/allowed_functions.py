"""The functions that SQL text may call."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

TABLE_FUNCTIONS = frozenset({"generate_series", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest"})


@cache
def allowed_functions() -> frozenset[str]:
    """DuckDB's names of the functions and operators in functions.txt."""
    text = (files("tools.warehouse") / "functions.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(name for line in lines for name in line.split())
