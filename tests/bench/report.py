"""One line of the bench: what was measured, against what, and its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """A measurement. `goal` is the most it should be; None where it is only shown."""

    part: str
    what: str
    value: float
    unit: str
    goal: float | None
    detail: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.value <= self.goal


def write_table(rows: Sequence[Measured]) -> str:
    """The measurements as a Markdown table."""
    lines = ["| part | what | measured | goal | met | detail |", "|---|---|---|---|---|---|"]
    for row in rows:
        goal = "" if row.goal is None else f"<= {row.goal:g}{row.unit}"
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        lines.append(f"| {row.part} | {row.what} | {row.value:.3g}{row.unit} | {goal} | {met} | {row.detail} |")
    return "\n".join(lines)
