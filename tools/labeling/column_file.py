"""A CSV, TSV or Parquet file as text columns, each row with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.errors import InvalidInput
from tools.workspace.nearest import nearest

MISSING = frozenset(("", "NA"))
SUFFIXES = (".csv", ".tsv", ".parquet", ".pq")
_MAX_BYTES = 2_000_000_000


@dataclass(frozen=True)
class ColumnFile:
    """Some columns of a file.

    Attributes:
        name: the file's name, for messages.
        columns: one tuple per row, its fields in the order asked for; an empty field or NA is None.
        lines: where each row starts: the line of a CSV file, from 1; the row of a Parquet file.
        header: every column of the file.
    """

    name: str
    columns: list[tuple[str | None, ...]]
    lines: list[int]
    header: tuple[str, ...]


def read_columns(path: Path, names: Sequence[str]) -> ColumnFile:
    """The columns `names` of a file, every value as the text it holds.

    Raises:
        InvalidInput: no such file or kind of file, not UTF-8, no such column, a column named twice, or a line with
            another number of fields than the first one.
    """
    kind = path.suffix.lower()
    if not path.is_file():
        raise InvalidInput(f"There is no file {str(path)!r}.", code="no_such_file", value=str(path), where=str(path))
    if kind not in SUFFIXES:
        raise InvalidInput(
            f"{path.name!r} is no kind of file that labels are read from.",
            code="file_kind",
            value=path.name,
            allowed=SUFFIXES,
            where=str(path),
        )
    if kind in (".parquet", ".pq"):
        return _read_parquet(path, names)
    return parse_columns(path.name, read_bytes(path), names, delimiter="\t" if kind == ".tsv" else ",")


def read_bytes(path: Path) -> bytes:
    """The file's bytes, when it is there and not absurdly large."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InvalidInput(f"{path.name} is larger than 2 GB.", code="too_large", value=str(path))
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{str(path)!r} cannot be read: {error.strerror}.", code="no_such_file", value=str(path), where=str(path)
        ) from None


def parse_columns(name: str, raw: bytes, names: Sequence[str], *, delimiter: str = ",") -> ColumnFile:
    """As `read_columns`, of the bytes of a CSV file."""
    reader = csv.reader(io.StringIO(_decode(name, raw), newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[str | None, ...]] = []
    lines: list[int] = []
    try:
        header = tuple(next(reader, []))
        places = _find(name, header, names)
        line = reader.line_num + 1
        for row in reader:
            if len(row) != len(header):
                if row:
                    raise _unreadable(name, line, f"{len(row)} fields where the first line has {len(header)}")
            else:
                rows.append(tuple(None if row[i] in MISSING else row[i] for i in places))
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise _unreadable(name, reader.line_num, str(error)) from None
    return ColumnFile(name, rows, lines, header)


def _read_parquet(path: Path, names: Sequence[str]) -> ColumnFile:
    import duckdb  # start-up

    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        relation = connection.read_parquet(str(path))
        header = tuple(relation.columns)
        places = _find(path.name, header, names)
        chosen = ", ".join('"' + header[i].replace('"', '""') + '"::varchar' for i in places)
        found = relation.project(chosen).fetchall()
    except duckdb.Error as error:
        raise _unreadable(path.name, 1, str(error).splitlines()[0]) from None
    finally:
        connection.close()
    rows = [tuple(None if field in MISSING else field for field in row) for row in found]
    return ColumnFile(path.name, rows, list(range(1, len(rows) + 1)), header)


def _decode(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _unreadable(name, line, f"byte {raw[error.start]:#04x} is not UTF-8") from None


def _find(name: str, header: Sequence[str], names: Sequence[str]) -> list[int]:
    for wanted in names:
        if header.count(wanted) > 1:
            raise InvalidInput(f"{name} has two columns named {wanted!r}.", code="duplicate_column", value=wanted)
        if wanted not in header:
            near = nearest(wanted, header)
            raise InvalidInput(
                f"{name} has no column {wanted!r}.",
                code="no_such_column",
                value=wanted,
                allowed=list(header),
                hint=f"Did you mean {near!r}?" if near else "The first line names the columns.",
                where=f"{name}:1",
            )
    return [list(header).index(wanted) for wanted in names]


def _unreadable(name: str, line: int, why: str) -> InvalidInput:
    return InvalidInput(
        f"{name} cannot be read, line {line}: {why}.",
        code="unreadable_file",
        value=name,
        hint="A label file is UTF-8, with one line of column names and as many fields on every line.",
        where=f"{name}:{line}",
    )
