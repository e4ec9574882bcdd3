"""The first line of a text file: its separator and its column names."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

from tools.errors import InvalidInput
from tools.workspace.nearest import nearest

_LONGEST = 1 << 22
_SEPARATORS = (",", "\t", ";", "|")


def read_header(path: Path) -> tuple[str, tuple[str, ...]]:
    """What separates fields, and the names on the first line.

    Raises:
        InvalidInput: an empty file, or a first line that is not UTF-8.
    """
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        raw = stream.read(_LONGEST)
    try:
        first = _first_record(raw.decode("utf-8-sig", "strict" if len(raw) < _LONGEST else "ignore"))
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"{path.name} is not UTF-8: byte {raw[error.start]:#04x} at {error.start:,}.",
            code="unreadable_file",
            value=path.name,
            where=path.name,
        ) from None
    separator = max(_SEPARATORS, key=first.count)
    names = next(csv.reader(io.StringIO(first, newline=""), delimiter=separator), [])
    if not names:
        raise InvalidInput(
            f"{path.name} is empty.",
            code="unreadable_file",
            value=path.name,
            hint="The first line names the columns.",
            where=path.name,
        )
    return separator, tuple(names)


def find_column(name: str, header: Sequence[str], *, file: str) -> str:
    """The name, when the file has it exactly once.

    Raises:
        InvalidInput: no such column, or two of that name.
    """
    if header.count(name) > 1:
        raise InvalidInput(f"{file} has two columns named {name!r}.", code="duplicate_column", value=name, where=file)
    if name not in header:
        near = nearest(name, header)
        raise InvalidInput(
            f"{file} has no column {name!r}.",
            code="no_such_column",
            value=name,
            allowed=list(header),
            hint=f"Did you mean {near!r}?" if near else "The first line names the columns.",
            where=file,
        )
    return name


def _first_record(text: str) -> str:
    """Up to the first line end outside quotes."""
    quoted = False
    for place, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter in "\r\n" and not quoted:
            return text[:place]
    return text
