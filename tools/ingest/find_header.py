"""Which record of a file names its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.errors import InvalidInput

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_VALUE = re.compile(
    r"\d{4}-\d{2}-\d{2}.*|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}.*|[+-]?\d+\.\d+|[^@\s]+@[^@\s]+\.\w+|https?://.*"
    r"|[0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Header:
    """Column names as in the file; `at` is the index of the header's record, None when there is none."""

    names: list[str]
    at: int | None
    notes: tuple[str, ...] = ()


def find_header(records: Sequence[Sequence[str]]) -> Header:
    """The header among the first records of a file.

    The first record as wide as most is the header, unless it holds values: then the
    columns are numbered.
    """
    if not records:
        raise InvalidInput("the file has no rows")
    at = _first_wide(records)
    first, below = list(records[at]), [list(r) for r in records[at + 1 :]]
    if _holds_values(first, below):
        names = [f"column_{i}" for i in range(1, len(first) + 1)]
        return Header(names, None, ("the first row holds values, not names; columns are numbered",))
    notes: list[str] = []
    if at:
        notes.append(f"the header is record {at + 1}; what stands above it is reported")
    if below and all(len(r) == len(first) + 1 for r in below) and any(r[-1].strip() for r in below):
        notes.append("every row has one field more than the header; the first one was taken as row names")
        first = ["row_name", *first]
    return Header(first, at, tuple(notes))


def _first_wide(records: Sequence[Sequence[str]]) -> int:
    common = Counter(len(r) for r in records).most_common(1)[0][0]
    if len(records[0]) >= common - 1 or 2 * len([f for f in records[0] if f.strip()]) > common:
        return 0
    return next((i for i, r in enumerate(records) if len(r) == common), 0)


def _holds_values(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Numbers or dates where names are expected, in columns that go on in the same way."""
    cells = [c.strip() for c in first]
    filled = [c for c in cells if c]
    if not filled or not below:
        return False
    if all(_NUMBER.fullmatch(c) or _VALUE.fullmatch(c) for c in filled):
        return not _is_year_row(filled)
    values = [i for i, c in enumerate(cells) if _VALUE.fullmatch(c)]
    if len(values) > 1 and len({_shape(cells[i]) for i in values}) == 1 and len(values) > len(cells) // 2:
        return False  # a table spread over dates
    return any(_goes_on(i, cells[i], below) for i in values)


def _is_year_row(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and all(c.isdigit() and 1900 <= int(c) <= 2100 for c in cells)


def _goes_on(column: int, cell: str, below: Sequence[Sequence[str]]) -> bool:
    same = [_shape(r[column].strip()) == _shape(cell) for r in below if column < len(r) and r[column].strip()]
    return bool(same) and sum(same) >= 0.9 * len(same)


def _shape(text: str) -> str:
    if re.fullmatch(r"[0-9a-f-]{16,}", text, re.IGNORECASE):
        return "hex"
    if "@" in text:
        return "email"
    if text.lower().startswith("http"):
        return "url"
    return re.sub(r"\d+", "9", text)[:8]
