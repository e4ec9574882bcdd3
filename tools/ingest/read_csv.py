"""Records of a delimited text file, every one of them loaded or reported.

DuckDB's reader sniffs a sample and its rejects table cannot name a row that a stray quote
swallowed, so Python's csv module parses and DuckDB only ever sees a canonical file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from tools.errors import InvalidInput
from tools.ingest.detect_encoding import Encoding, detect_encoding
from tools.ingest.dialect import NONE, Dialect, choose_dialect, raise_field_limit, unreadable, without_nul
from tools.ingest.find_header import find_header
from tools.ingest.keep_rows import KeepRows
from tools.ingest.name_columns import name_columns
from tools.ingest.parsed import Parsed

_HEAD_LINES = 2000
_MOST_OPEN_QUOTES = 100
_CLOSED = "\ue000end of file\ue000"


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
    if dialect.delimiter == NONE:
        parsed.notes.append("the file has one column")
    elif dialect.delimiter != ",":
        parsed.notes.append(f"fields are separated by {_spoken(dialect.delimiter)}")
    with canonical.open("w", encoding="utf-8", newline="") as out:
        keeper = KeepRows(parsed, header, out)
        _copy(path, encoding, dialect, first, keeper)
        keeper.close()
    return parsed


def _copy(path: Path, encoding: Encoding, dialect: Dialect, first: int, keeper: KeepRows) -> None:
    """Every record to the keeper; after a quote that never closes, on from the next line."""
    offset, parsed = first - 1, keeper.parsed
    nul: set[int] = set()
    for _ in range(_MOST_OPEN_QUOTES):
        resume = None
        with _opened(path, encoding) as stream:
            source = without_nul(islice(stream, offset, None), nul, first=offset + 1)
            for line, record in _records(dialect, source, offset + 1, parsed):
                if record is None:
                    resume = line
                else:
                    keeper.take(line, record)
        if resume is None:
            parsed.note_lines(sorted(nul), "held NUL characters, which were removed", noun="line")
            return
        offset = resume
    raise InvalidInput("quotes open and never close on many lines", where=f"{parsed.file}:{offset}")


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
