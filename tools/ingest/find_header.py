"""Which record of a file names its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from tools.errors import InvalidInput
from tools.ingest.cell_kinds import NUMBER, UNMISTAKABLE, WORDS, cell_kind, column_kind
from tools.ingest.column_words import ABBREVIATIONS, ID_WORDS, TIME_WORDS, split_words
from tools.ingest.word_set import word_set

_NUMBERED = "the first line holds values, not names: it was loaded as a row and the columns are numbered"
_TAKEN = "the first line is taken as column names"
_USUAL = TIME_WORDS | ID_WORDS | frozenset(ABBREVIATIONS) | frozenset(ABBREVIATIONS.values()) | word_set(
    """
    name names text label title type value status state country city region email url category group language gender
    sex role team source tag tags note notes comment question answer prompt response body subject author description
    """
)  # fmt: skip
_MOST_UNIT_LINES = 2


@dataclass(frozen=True)
class Header:
    """Column names as in the file.

    Attributes:
        at: the index of the header's record, None when there is none.
        below: records right below it that are no rows either: units, or names in another language.
        record: the header's record, empty when nothing shows that it is one.
    """

    names: list[str]
    at: int | None
    notes: tuple[str, ...] = ()
    below: int = 0
    record: tuple[str, ...] = ()


def find_header(records: Sequence[Sequence[str]]) -> Header:
    """The header among the first records of a file.

    The first record as wide as most is the header, unless its cells are what the columns hold: then the
    columns are numbered. Where nothing tells, it is the header and a note says so.
    """
    if not records:
        raise InvalidInput("the file has no rows")
    at = _first_wide(records)
    first, below = list(records[at]), [list(r) for r in records[at + 1 :]]
    notes = [f"the header is record {at + 1}; what stands above it is reported"] if at else []
    if below and all(len(r) == len(first) + 1 for r in below) and any(r[-1].strip() for r in below):
        notes.append("every row has one field more than the header; the first one was taken as row names")
        return Header(["row_name", *first], at, tuple(notes), record=tuple(first))
    names = _are_names(first, below)
    if names is False:
        return Header([f"column_{i}" for i in range(1, len(first) + 1)], None, (_NUMBERED,))
    if names is None:
        notes.append(_TAKEN)
    units = _unit_lines([r for r in below if r != first])
    return Header(first, at, tuple(notes), units, tuple(first) if names else ())


def _first_wide(records: Sequence[Sequence[str]]) -> int:
    common = Counter(len(r) for r in records).most_common(1)[0][0]
    if len(records[0]) >= common - 1 or 2 * len([f for f in records[0] if f.strip()]) > common:
        return 0
    return next((i for i, r in enumerate(records) if len(r) == common), 0)


def _are_names(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool | None:
    """Whether the first record names columns; None when it cannot be told."""
    cells = [c.strip() for c in first]
    filled = [i for i, c in enumerate(cells) if cell_kind(c)]
    if not filled or not below:
        return None if _all_words(cells) else bool(_are_number_names(cells, below))
    others = [r for r in below if list(r) != list(first)] or below
    columns = {i: column_kind([r[i] for r in others if i < len(r)]) for i in filled}
    alike = [i for i in filled if columns[i] not in ("", WORDS) and cell_kind(cells[i]) == columns[i]]
    if any(columns[i] in UNMISTAKABLE for i in alike):
        return False
    if any(columns[i] not in ("", WORDS) and i not in alike for i in filled):
        return True
    if alike:
        return None if _are_number_names(cells, below) else False
    recurring = _recurring(filled, first, below)
    if recurring < 2 and any(_is_usual(cells[i]) for i in filled):
        return True
    return False if recurring else None


def _all_words(cells: Sequence[str]) -> bool:
    return all(cell_kind(c) in ("", WORDS) or cell_kind(c).startswith("code") for c in cells)


def _are_number_names(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Years, or 0, 1, 2, ..., above other numbers."""
    numbers = [(i, c) for i, c in enumerate(cells) if cell_kind(c) == NUMBER]
    if not numbers or not all(c.isdecimal() for _, c in numbers) or len({c for _, c in numbers}) < len(numbers):
        return False
    held = [[r[i].strip() for r in below if i < len(r)] for i, _ in numbers]
    if all(1900 <= int(c) <= 2100 for _, c in numbers):
        return not all(all(_is_year(v) for v in column if v) for column in held) or not below
    counts = [int(c) for _, c in numbers]
    return len(counts) > 2 and counts[0] in (0, 1) and counts == list(range(counts[0], counts[0] + len(counts)))


def _is_year(text: str) -> bool:
    return text.isdecimal() and 1900 <= int(text) <= 2100


def _recurring(filled: Sequence[int], first: Sequence[str], below: Sequence[Sequence[str]]) -> int:
    """How many columns have repeats, if each holds its first cell again in rows that are not all of the first."""
    others = [r for r in below if list(r) != list(first)]
    columns = {i: [r[i].strip() for r in below if i < len(r) and r[i].strip()] for i in filled}
    repeating = [i for i in filled if 2 * len(set(columns[i])) <= len(columns[i])]
    again = all(any(i < len(r) and r[i].strip() == first[i].strip() for r in others) for i in repeating)
    return len(repeating) if again else 0


def _is_usual(cell: str) -> bool:
    """A word that columns are often called by, or words joined as names are: `created_at`, `userName`."""
    words = split_words(cell)
    if len(words) > (3 if " " in cell else 6):
        return False
    return bool(set(words) & _USUAL) or (len(words) > 1 and " " not in cell and "-" not in cell)


def _unit_lines(below: Sequence[Sequence[str]]) -> int:
    """Records that hold only words where two or more columns hold numbers or dates: units, other names."""
    rows = below[_MOST_UNIT_LINES:]
    if len(rows) < 3:
        return 0
    kinds = [column_kind([r[i] for r in rows if i < len(r)]) for i in range(len(rows[0]))]
    typed = [i for i, kind in enumerate(kinds) if kind not in ("", WORDS)]

    def names(record: Sequence[str]) -> bool:
        found = {i: cell_kind(record[i]) for i in typed if i < len(record)}
        named = [i for i, kind in found.items() if kind == WORDS or (kind.startswith("code") and kind != kinds[i])]
        if len(typed) < 2 or not named or len(named) < sum(map(bool, found.values())):
            return False
        alone = not any(cell_kind(c) for i, c in enumerate(record) if i not in typed)
        return alone or len({record[i].strip() for i in named}) > 1

    return len(list(takewhile(names, below[:_MOST_UNIT_LINES])))
