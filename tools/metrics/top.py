"""The order of cells, and the largest few of them with the rest as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tools.metrics.definitions import Metric
from tools.metrics.evaluate import Cells, too_few_rows
from tools.metrics.outcome import CellKey, Outcome, add_vectors, folds, outcome_of
from tools.metrics.query import MetricQuery

OTHER = "other"


def sort_keys(cells: Cells, *, descending: bool | None) -> list[CellKey]:
    """Keys by value, undefined ones last, ties by the key itself; by the key alone when `descending` is None."""
    keys = sorted(cells, key=key_order)
    if descending is None:
        return keys

    def by_value(key: CellKey) -> tuple[bool, float]:
        value = cells[key].value
        return (value is None, 0.0 if value is None else -float(value) if descending else float(value))

    return sorted(keys, key=by_value)


def key_order(key: CellKey) -> list[Any]:
    """A sortable form of a key: numbers, then days, then words, then no value."""
    return [_part_order(part) for part in key]


def _part_order(part: Any) -> tuple[int, float, str]:
    if part is None:
        return (3, 0.0, "")
    if isinstance(part, (bool, int, float)):
        return (0, float(part), "")
    if isinstance(part, (date, datetime)):
        return (1, 0.0, part.isoformat())
    return (2, 0.0, str(part))


def other_key(kept: Sequence[CellKey], width: int) -> CellKey:
    """The key of the rest; longer where a value of the data has that name."""
    taken = {part for key in kept for part in key}
    name = OTHER if OTHER not in taken else "other (all the rest)"
    return (name,) * width


def fold_rest(metric: Metric, cells: Cells, rest: Sequence[CellKey]) -> Outcome | None:
    """The cells of the rest as one; None where they do not add up (or were estimated from a sample)."""
    vectors = [cells[k].vector for k in rest if k in cells]
    known = [v for v in vectors if v is not None]
    if not known or len(known) < len(vectors) or not folds(metric):
        return None
    total = known[0]
    for vector in known[1:]:
        total = add_vectors(total, vector)
    found = [cells[k] for k in rest if k in cells]
    other = outcome_of(metric, total)
    if other.value is not None and (other.n or 0) < metric.min_n:
        other = other.without_value(too_few_rows(metric))
    provisional = any(cell.provisional for cell in found)
    return replace(other, provisional=provisional, left_out=least_left_out(found))


def least_left_out(cells: Sequence[Outcome]) -> tuple[int, ...]:
    """What conditions exclude from several cells together: at least as much as from any one of them."""
    sizes = [cell.left_out for cell in cells if cell.left_out]
    return tuple(max(size[i] for size in sizes) for i in range(min(map(len, sizes), default=0)))


def wants_top(query: MetricQuery) -> bool:
    """Whether cells are ranked and cut off."""
    return query.limit is not None and bool(query.by)
