"""One rule of type inference: what every value must be, and what it becomes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`{v}` stands for the trimmed value in `accepts` and `becomes`."""

    type: str
    accepts: str
    becomes: str
    note: str = ""
    unit: str = ""
    also: str = ""  # an aggregate condition over the column, `{v}` as above


def full_match(pattern: str) -> str:
    """The condition that the whole value matches `pattern` (RE2)."""
    escaped = pattern.replace("'", "''")
    return f"regexp_full_match({{v}}, '{escaped}')"
