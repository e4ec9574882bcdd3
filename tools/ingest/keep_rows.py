"""Which records of a file are rows of its table, and which are reported.

What happens to rows that do not fit the header:

- fewer fields: the missing ones at the end are empty, and the row is noted, when more than
  half of the fields are there; otherwise reported;
- more fields: loaded when the surplus is empty; otherwise reported, since which value
  belongs to which column is not known;
- every field empty: reported;
- a title line above the header, a line of units or names below it, the header again: reported;
- a quote that opens and never closes: reported;
- a last line that begins with Total: reported.
"""

from __future__ import annotations

import csv
from collections import Counter
from typing import TextIO

from tools.errors import InvalidInput
from tools.ingest.find_header import Header
from tools.ingest.parsed import Parsed

_TOTALS = frozenset(("total", "totals", "grand total", "sum", "summe", "gesamt", "overall total", "total:", "totals:"))
_SWALLOWED = 3


class KeepRows:
    """Takes records in file order and writes rows to `out`: every field quoted, the line number last."""

    def __init__(self, parsed: Parsed, header: Header, out: TextIO) -> None:
        self.parsed = parsed
        self._width = len(header.names)
        self._above = header.at if header.at is not None else -1  # records above the header, then the header itself
        self._below = header.below
        self._header = list(header.record)
        self._writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        self._padded: list[int] = []
        self._surplus: list[int] = []
        self._swallowing: list[int] = []
        self._totals = 0
        self._held: tuple[int, list[str]] | None = None

    def take(self, line: int, record: list[str]) -> None:
        """One record, blank lines as empty lists."""
        if not record:
            self.parsed.blank_lines += 1
        elif self._above >= 0:
            if self._above:
                self._report(line, "above the header: a title, not a row")
            self._above -= 1
        elif self._below:
            self._below -= 1
            self._report(line, "below the header: units or names, not a row")
        elif record == self._header:
            self._report(line, "the header again, not a row")
        elif not any(field and not field.isspace() for field in record):
            self._report(line, "every field is empty")
        elif len(record) == self._width:
            self._keep(line, record)
        else:
            self._fit(line, record)

    def close(self) -> None:
        """After the last record: the total line, the notes, and whether the file made sense at all."""
        if self._held is not None:
            line, record = self._held
            if self._totals == 1 and self._is_total(record) and self.parsed.rows_kept > 1:
                self._report(line, "a line of totals, not a row")
            else:
                self._write(line, record)
        parsed = self.parsed
        parsed.note_lines(self._padded, "had fewer fields than the header; the missing ones at the end were left empty")
        parsed.note_lines(self._surplus, "had surplus empty fields at the end, which were ignored")
        parsed.note_lines(self._swallowing, "hold a field whose lines look like rows; a closing quote may be missing")
        self._decline_if_most_misfit()

    def _fit(self, line: int, record: list[str]) -> None:
        width, found = self._width, len(record)
        if found > width and any(field.strip() for field in record[width:]):
            self._report(line, f"{found} fields where the header has {width}")
        elif found < width and 2 * found <= width:
            self._report(line, f"only {found} of {width} fields")
        else:
            (self._padded if found < width else self._surplus).append(line)
            self._keep(line, (record + [""] * width)[:width])

    def _keep(self, line: int, record: list[str]) -> None:
        if self._held is not None:
            self._write(*self._held)
        self._held = (line, record)
        self._totals += self._is_total(record)
        if self._width > 1 and any(field.count("\n") >= _SWALLOWED for field in record):
            self._look_inside(line, record)

    def _write(self, line: int, record: list[str]) -> None:
        self._writer.writerow([*record, line])
        self.parsed.rows_in_file += 1
        self.parsed.rows_kept += 1

    def _report(self, line: int, reason: str) -> None:
        self.parsed.rows_in_file += 1
        self.parsed.report(line, reason)

    def _is_total(self, record: list[str]) -> bool:
        first = next((field for field in record if field), "")
        return len(first) <= 12 and self._width > 1 and first.strip().lower() in _TOTALS

    def _look_inside(self, line: int, record: list[str]) -> None:
        longest = max(record, key=len)
        inside = [part for part in longest.splitlines()[1:-1] if part.strip()]
        alike = sum(part.count(self.parsed.delimiter) == self._width - 1 for part in inside)
        if inside and alike >= 0.8 * len(inside):
            self._swallowing.append(line)

    def _decline_if_most_misfit(self) -> None:
        parsed = self.parsed
        if len(parsed.reported) <= max(3, parsed.rows_in_file // 2):
            return
        reason, times = Counter(row.reason for row in parsed.reported).most_common(1)[0]
        if reason != "every field is empty" and times > parsed.rows_in_file // 2:
            line = next(row.line for row in parsed.reported if row.reason == reason)
            raise InvalidInput(f"most rows do not fit the header ({reason})", where=f"{parsed.file}:{line}")
