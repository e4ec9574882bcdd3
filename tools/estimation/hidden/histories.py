"""Capture histories: which lists each unit is on, as counts of the 2^T - 1 histories that can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import InvalidInput
from tools.estimation.tables import Floats, Ints

MOST_LISTS = 12


@dataclass(frozen=True, eq=False)
class Histories:
    """How many units have each history.

    Attributes:
        lists: (T,) names.
        cells: (2^T - 1, T) histories, 1 where a unit is on the list; the first list changes slowest.
        counts: (2^T - 1,) units with that history; fractions only after a correction.
        on_none: units given that are on none of the lists; they are left out.
    """

    lists: tuple[str, ...]
    cells: Ints
    counts: Floats
    on_none: float = 0.0

    @property
    def seen(self) -> float:
        """Distinct units on any list."""
        return float(self.counts.sum())

    @property
    def times(self) -> Ints:
        """(2^T - 1,) lists in each history."""
        return np.asarray(self.cells.sum(axis=1), dtype=np.int64)

    @property
    def recaptured(self) -> float:
        """Units on at least two lists."""
        return float(self.counts[self.times >= 2].sum())

    @property
    def sizes(self) -> Floats:
        """(T,) units on each list."""
        return np.asarray(self.counts @ self.cells, dtype=np.float64)

    @property
    def frequencies(self) -> Floats:
        """(T,) units on exactly 1, 2, ... T lists."""
        found = np.bincount(self.times, weights=self.counts, minlength=len(self.lists) + 1)
        return np.asarray(found[1:], dtype=np.float64)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        return tuple(combinations(range(len(self.lists)), 2))

    def overlap(self, a: int, b: int) -> float:
        """Units on both lists."""
        return float(self.counts[(self.cells[:, a] == 1) & (self.cells[:, b] == 1)].sum())


def count_histories(lists: Sequence[str], marks: ArrayLike, counts: ArrayLike | None = None) -> Histories:
    """Histories from 0/1 columns.

    Args:
        lists: (T,) names of at least two lists.
        marks: (n, T) 1 where the row is on the list, else 0.
        counts: (n,) units a row stands for; None: one each. Units on no list were not seen by these, and are left out.

    Raises:
        InvalidInput: fewer than two lists or more than 12, names twice, marks other than 0 and 1, counts that are
            negative or no whole numbers.
    """
    table = np.asarray(marks, dtype=np.float64)
    _check_lists(lists, table)
    rows = len(table)
    number = np.ones(rows) if counts is None else np.asarray(counts, dtype=np.float64)
    if number.shape != (rows,):
        raise InvalidInput("counts must have one value a row", value=list(number.shape), allowed=[str(rows)])
    _refuse(~np.isin(table, (0, 1)).all(axis=1), "a list's column holds something else than 0 and 1", "not_zero_one")
    _refuse(~np.isfinite(number) | (number < 0), "a history has a negative count", "negative_count", number)
    _refuse(number != np.round(number), "a history has a count that is no whole number", "not_whole", number)
    width = len(lists)
    code = (table.astype(np.int64) @ (1 << np.arange(width)[::-1])).astype(np.int64)
    found = np.asarray(np.bincount(code, weights=number, minlength=1 << width), dtype=np.float64)
    return Histories(tuple(lists), history_cells(width), found[1:], float(found[0]))


def history_cells(lists: int) -> Ints:
    """(2^T - 1, T) every history but the empty one, in binary order."""
    codes = np.arange(1, 1 << lists)[:, None]
    return np.asarray((codes >> np.arange(lists)[::-1]) & 1, dtype=np.int64)


def _check_lists(lists: Sequence[str], table: Floats) -> None:
    if not 2 <= len(lists) <= MOST_LISTS:
        raise InvalidInput(
            f"Between 2 and {MOST_LISTS} lists are needed, not {len(lists)}.", code="usage", value=list(lists)
        )
    if len(set(lists)) < len(lists):
        raise InvalidInput("A list is named twice.", code="usage", value=list(lists))
    if table.ndim != 2 or table.shape[1] != len(lists):
        raise InvalidInput("marks must be a table with one column a list", value=list(table.shape))


def _refuse(bad: NDArray[np.bool_] | np.bool_, fault: str, code: str, values: Floats | None = None) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        more = f" ({int(bad.sum()):,} such rows)" if bad.sum() > 1 else ""
        value = None if values is None else float(values[row])
        raise InvalidInput(f"Row {row + 1:,}: {fault}{more}.", code=code, value=value, where=f"row {row + 1}")
