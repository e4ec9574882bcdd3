"""Records of a delimited text file, every one of them loaded or reported.

DuckDB's reader sniffs a sample and its rejects table cannot name a row that a stray quote
swallowed, so Python's csv module parses and DuckDB only ever sees a canonical file.

What happens to rows that do not fit the header:

- fewer fields: the missing ones at the end are empty, and the row is noted, when more than
  half of the fields are there; otherwise reported;
- more fields: loaded when the surplus is empty; otherwise reported, since which value
  belongs to which column is not known;
- every field empty: reported;
- a title line above the header, or a quote that opens and never closes: reported.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import InvalidInput
from tools.ingest.detect_encoding import Encoding, detect_encoding
from tools.ingest.dialect import Dialect, choose_dialect, raise_field_limit, unreadable, without_nul
from tools.ingest.find_header import Header, find_header
from tools.ingest.name_columns import name_columns
from tools.ingest.report import ReportedRow

if TYPE_CHECKING:
    from _csv import Writer as CsvWriter

REPORTED_SHOWN = 1000
_HEAD_LINES = 2000
_MOST_OPEN_QUOTES = 100
_CLOSED = "\ue000end of file\ue000"


@dataclass
class Parsed:
    """The account of one file while it is read; rows go to `canonical`, one line each."""

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


def read_csv(path: Path, *, canonical: Path, shown: str) -> Parsed:
    """Parse `path` and write its rows to `canonical`: UTF-8, comma, every field quoted, line number last.

    Arguments:
        shown: the file's name in reports.

    Raises:
        InvalidInput: empty, not text, or not CSV; `where` is `file:line`.
    """
    raise_field_limit()
    encoding = detect_encoding(path)
    lines, first = _first_lines(path, encoding)
    dialect = _declared(lines[0]) or choose_dialect(lines, suffix=path.suffix.lower())
    head = list(islice(_records(dialect, lines[first - 1 :], first), 500))
    header = find_header([record for _, record in head if record])
    parsed = Parsed(shown, name_columns(header.names), header.names, delimiter=dialect.delimiter)
    parsed.notes += encoding.notes + header.notes
    if dialect.delimiter != ",":
        parsed.notes.append(f"fields are separated by {_spoken(dialect.delimiter)}")
    with canonical.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        _copy(path, encoding, dialect, header, first, parsed, writer)
    return parsed


def _copy(
    path: Path, encoding: Encoding, dialect: Dialect, header: Header, first: int, parsed: Parsed, writer: CsvWriter
) -> None:
    width = len(header.names)
    padded: list[int] = []
    surplus: list[int] = []
    nul: set[int] = set()
    offset = first - 1
    open_quotes = 0
    skip_records = header.at + 1 if header.at is not None else 0
    while True:
        resume = None
        with _opened(path, encoding) as stream:
            source = without_nul(islice(stream, offset, None), nul, first=offset + 1)
            for line, record in _records(dialect, source, offset + 1, parsed):
                if record is None:
                    resume = line
                    break
                if not record:
                    parsed.blank_lines += 1
                    continue
                if skip_records:
                    skip_records -= 1
                    if skip_records or header.at is None:
                        parsed.rows_in_file += 1
                        parsed.report(line, "above the header: a title, not a row")
                    continue
                parsed.rows_in_file += 1
                if len(record) != width:
                    if (reason := _misfit(record, width)) is not None:
                        parsed.report(line, reason)
                        continue
                    if any(field.strip() for field in record):
                        (padded if len(record) < width else surplus).append(line)
                    fields = (record + [""] * width)[:width]
                else:
                    fields = record
                if not any(field and not field.isspace() for field in fields):
                    parsed.report(line, "every field is empty")
                    continue
                writer.writerow([*fields, line])
                parsed.rows_kept += 1
        if resume is None:
            break
        offset, open_quotes = resume, open_quotes + 1
        if open_quotes > _MOST_OPEN_QUOTES:
            raise InvalidInput("quotes open and never close on many lines", where=f"{parsed.file}:{resume}")
    _note(parsed, padded, "had fewer fields than the header; the missing ones at the end were left empty")
    _note(parsed, surplus, "had surplus empty fields at the end, which were ignored")
    _note(parsed, sorted(nul), "held NUL characters, which were removed", noun="line")
    if len(parsed.reported) > max(3, parsed.rows_in_file // 2):
        kinds = Counter(row.reason for row in parsed.reported)
        commonest, times = kinds.most_common(1)[0]
        if commonest != "every field is empty" and times > parsed.rows_in_file // 2:
            line = next(row.line for row in parsed.reported if row.reason == commonest)
            raise InvalidInput(f"most rows do not fit the header ({commonest})", where=f"{parsed.file}:{line}")


def _misfit(record: list[str], width: int) -> str | None:
    found = len(record)
    if not any(f.strip() for f in record):
        return "every field is empty"
    if found > width and any(f.strip() for f in record[width:]):
        return f"{found} fields where the header has {width}"
    if found < width and 2 * found <= width:
        return f"only {found} of {width} fields"
    return None


def _records(
    dialect: Dialect, lines: Iterator[str] | list[str], first: int, parsed: Parsed | None = None
) -> Iterator[tuple[int, list[str] | None]]:
    """(starting line, record) in file order; blank lines are empty lists.

    A record that a quote keeps open to the end of the file is reported as one row, and the
    pair (line, None) asks the caller to go on after that line.
    """

    def closed() -> Iterator[str]:
        yield from lines
        yield _CLOSED

    reader = dialect.reader(closed())
    line = 1
    name = parsed.file if parsed else ""
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise unreadable(name, first + line - 1, error) from error
        if record == [_CLOSED]:
            return
        if record and record[-1].endswith(_CLOSED):
            if parsed is not None:
                parsed.rows_in_file += 1
                parsed.report(first + line - 1, "a quote opens here and never closes")
                yield first + line - 1, None
            return
        yield first + line - 1, record
        line = reader.line_num + 1


def _first_lines(path: Path, encoding: Encoding) -> tuple[list[str], int]:
    with _opened(path, encoding) as stream:
        lines = [line.replace("\x00", "") for line in islice(stream, _HEAD_LINES)]
    return lines, 2 if _declared(lines[0]) else 1


def _declared(line: str) -> Dialect | None:
    """Excel's `sep=;` line."""
    text = line.strip().strip('"')
    return Dialect(text[4]) if text.lower().startswith("sep=") and len(text) == 5 else None


@contextmanager
def _opened(path: Path, encoding: Encoding) -> Iterator[io.TextIOWrapper]:
    with path.open("r", encoding=encoding.name, errors=encoding.errors, newline="") as stream:
        yield stream


def _spoken(delimiter: str) -> str:
    return {"\t": "tabs", ";": "semicolons", "|": "pipes"}.get(delimiter, delimiter)


def _note(parsed: Parsed, lines: list[int], what: str, *, noun: str = "row") -> None:
    if lines:
        where = ", ".join(str(line) for line in lines[:5]) + (", ..." if len(lines) > 5 else "")
        parsed.notes.append(f"{len(lines)} {noun}{'s' if len(lines) > 1 else ''} (line {where}) {what}")
