"""A CSV, TSV or Parquet file as text columns, each row with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import InvalidInput
from tools.reporting.csv_cell import without_mark
from tools.workspace.nearest import nearest

if TYPE_CHECKING:
    import duckdb

MISSING = frozenset(("", "NA"))
SUFFIXES = (".csv", ".tsv", ".parquet", ".pq")
_MAX_BYTES = 2_000_000_000
_BLOCK = 50_000


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


@dataclass(frozen=True, eq=False)
class ColumnStream:
    """The same, read as it is used: `rows` are (line, fields)."""

    name: str
    header: tuple[str, ...]
    rows: Iterator[tuple[int, tuple[str | None, ...]]]


def read_columns(path: Path, names: Sequence[str]) -> ColumnFile:
    """The columns `names` of a file, every value as the text it holds; raises as `stream_columns`."""
    with stream_columns(path, names) as stream:
        return _gather(stream)


@contextmanager
def stream_columns(path: Path, names: Sequence[str]) -> Iterator[ColumnStream]:
    """The columns `names` of a file, row by row, while the context lasts.

    Raises:
        InvalidInput: no such file or kind of file, not UTF-8, no such column, a column named twice, or a line with
            another number of fields than the first one; some of these only as rows are read.
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
        with _stream_parquet(path, names) as stream:
            yield stream
        return
    _check_size(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield _stream_csv(path.name, handle, names, delimiter="\t" if kind == ".tsv" else ",")
    except UnicodeDecodeError:
        _decode(path.name, path.read_bytes())  # raises, with the line
        raise
    except OSError as error:
        raise _unopened(path, error) from None


def read_bytes(path: Path) -> bytes:
    """The file's bytes, when it is there and not absurdly large."""
    try:
        _check_size(path)
        return path.read_bytes()
    except OSError as error:
        raise _unopened(path, error) from None


def parse_columns(name: str, raw: bytes, names: Sequence[str], *, delimiter: str = ",") -> ColumnFile:
    """As `read_columns`, of the bytes of a CSV file."""
    return _gather(_stream_csv(name, io.StringIO(_decode(name, raw), newline=""), names, delimiter=delimiter))


def _gather(stream: ColumnStream) -> ColumnFile:
    rows: list[tuple[str | None, ...]] = []
    lines: list[int] = []
    for line, row in stream.rows:
        lines.append(line)
        rows.append(row)
    return ColumnFile(stream.name, rows, lines, stream.header)


def _stream_csv(name: str, text: Iterable[str], names: Sequence[str], *, delimiter: str) -> ColumnStream:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        header = tuple(next(reader, []))
    except csv.Error as error:
        raise _unreadable(name, reader.line_num, str(error)) from None
    places = _find(name, header, names)

    def rows() -> Iterator[tuple[int, tuple[str | None, ...]]]:
        line = reader.line_num + 1
        try:
            for row in reader:
                if len(row) == len(header):
                    yield line, tuple(None if row[i] in MISSING else without_mark(row[i]) for i in places)
                elif row:
                    raise _unreadable(name, line, f"{len(row)} fields where the first line has {len(header)}")
                line = reader.line_num + 1
        except csv.Error as error:
            raise _unreadable(name, reader.line_num, str(error)) from None

    return ColumnStream(name, header, rows())


@contextmanager
def _stream_parquet(path: Path, names: Sequence[str]) -> Iterator[ColumnStream]:
    import duckdb  # start-up

    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        relation = connection.read_parquet(str(path))
        header = tuple(relation.columns)
        places = _find(path.name, header, names)
        chosen = ", ".join('"' + header[i].replace('"', '""') + '"::varchar' for i in places)
        yield ColumnStream(path.name, header, _fetch(connection.execute(f"select {chosen} from relation")))
    except duckdb.Error as error:
        raise _unreadable(path.name, 1, str(error).splitlines()[0]) from None
    finally:
        connection.close()


def _fetch(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    number = 0
    while block := found.fetchmany(_BLOCK):
        for row in block:
            number += 1
            yield number, tuple(None if field in MISSING else field for field in row)


def _check_size(path: Path) -> None:
    if path.stat().st_size > _MAX_BYTES:
        raise InvalidInput(f"{path.name} is larger than 2 GB.", code="too_large", value=str(path))


def _unopened(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(
        f"{str(path)!r} cannot be read: {error.strerror}.", code="no_such_file", value=str(path), where=str(path)
    )


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
