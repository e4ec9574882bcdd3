"""The account of one file while it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.ingest.report import ReportedRow


@dataclass
class Parsed:
    """Columns, counts and what is to be said; the rows themselves go to a canonical file."""

    file: str
    names: list[str]
    headers: list[str]
    rows_in_file: int = 0
    rows_kept: int = 0
    blank_lines: int = 0
    reported: list[ReportedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    delimiter: str = ","

    def report(self, line: int, reason: str) -> None:
        self.reported.append(ReportedRow(self.file, line, reason))

    def note_lines(self, lines: Sequence[int], what: str, *, noun: str = "row") -> None:
        """Note that rows on these lines were treated in some way."""
        if lines:
            where = ", ".join(str(line) for line in lines[:5]) + (", ..." if len(lines) > 5 else "")
            self.notes.append(f"{len(lines)} {noun}{'s' if len(lines) > 1 else ''} (line {where}) {what}")
