"""One rule of type inference: what every value must be, and what it becomes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`{v}` stands for the trimmed value in the SQL of `accepts`, `becomes` and `also`.

    Attributes:
        looks: a Python pattern that values begin with; a cheap reason to skip the rule.
        accepts: a condition every value must meet.
        becomes: the expression that turns a value into `type`.
        also: an aggregate condition over the column.
        choice: rules with the same choice differ in `also` only; when none is met the column is ambiguous.
        told: an aggregate whose text is the note.
    """

    type: str
    looks: str
    accepts: str
    becomes: str
    note: str = ""
    unit: str = ""
    also: str = ""
    choice: str = ""
    told: str = ""


def full_match(pattern: str) -> str:
    """The condition that the whole value matches `pattern` (RE2)."""
    escaped = pattern.replace("'", "''")
    return f"regexp_full_match({{v}}, '{escaped}')"
