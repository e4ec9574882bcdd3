"""How the fields of a delimited text file are separated and quoted."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from tools.errors import InvalidInput

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

NONE = "\x1f"  # a delimiter that occurs nowhere: one column
_DELIMITERS = (",", "\t", ";", "|")
_JUDGED_RECORDS = 500


@dataclass(frozen=True)
class Dialect:
    """A delimiter, and whether quotes inside quotes are doubled or escaped by a backslash."""

    delimiter: str
    backslash: bool = False

    def reader(self, lines: Iterable[str]) -> CsvReader:
        if self.backslash:
            return csv.reader(lines, delimiter=self.delimiter, doublequote=False, escapechar="\\")
        return csv.reader(lines, delimiter=self.delimiter)


def choose_dialect(lines: list[str], *, suffix: str = "") -> Dialect:
    """The dialect under which the first records are most alike.

    Arguments:
        lines: the first lines, with their line ends.
        suffix: the file's last suffix; `.tsv` and `.tab` prefer the tab.
    """
    order = sorted(_DELIMITERS, key=lambda d: not (d == "\t" and suffix in {".tsv", ".tab"}))
    best = max((Dialect(d) for d in order), key=lambda d: _alikeness(d, lines))
    if _alikeness(best, lines)[1] < 0.5 and not any(d in lines[0] for d in _DELIMITERS):
        return Dialect(NONE)
    escaped = Dialect(best.delimiter, backslash=True)
    if any('\\"' in line for line in lines) and _alikeness(escaped, lines) > _alikeness(best, lines):
        return escaped
    return best


def _alikeness(dialect: Dialect, lines: list[str]) -> tuple[float, float, int]:
    """How well the dialect explains the records; the share of the commonest width above one; that width.

    The share counts, more so when the first record is split too, most when it is as wide as the others.
    """
    records = islice(dialect.reader(lines), _JUDGED_RECORDS)
    widths = [len(record) for record in records if record]
    common = Counter(width for width in widths if width > 1).most_common(1)
    if not common:
        return (0.0, 0.0, 1)
    width, n = common[0]
    share = round(n / len(widths), 2)
    return (share + (widths[0] == width) + 0.25 * (widths[0] > 1), share, width)


def without_nul(lines: Iterable[str], seen: set[int], *, first: int) -> Iterator[str]:
    """Lines with NUL characters removed; the numbers of such lines (from `first`) are added to `seen`."""
    for number, line in enumerate(lines, start=first):
        if "\x00" in line:
            seen.add(number)
            yield line.replace("\x00", "")
        else:
            yield line


def raise_field_limit() -> None:
    """Let one field be as long as 256 MB; Python's default of 128 KB is shorter than real texts."""
    if csv.field_size_limit() < (1 << 28):
        csv.field_size_limit(1 << 28)


def unreadable(name: str, line: int, error: csv.Error) -> InvalidInput:
    return InvalidInput(f"cannot be read as CSV: {error}", where=f"{name}:{line}")
