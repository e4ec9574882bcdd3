"""Cells about too few people stay hidden, and so does what would give them away."""

from __future__ import annotations

from tools.metrics.outcome import CellKey, Outcome


def suppress_small(cells: dict[CellKey, Outcome], *, min_cell: int) -> dict[CellKey, Outcome]:
    """The cells with small ones hidden.

    A cell is small when its protected units or its positives, or those of what the query excludes from it, are fewer
    than `min_cell`. A line of the table (all keys but one held fixed) never hides exactly one cell: its total can be
    asked for, and the difference would be the hidden value, so the line's smallest shown cell is hidden too.
    """
    if min_cell <= 1:
        return cells
    hidden = {key for key, cell in cells.items() if is_small(cell, min_cell)}
    while more := _exposed(cells, hidden):
        hidden |= more
    return {key: cell.hidden() if key in hidden else cell for key, cell in cells.items()}


def is_small(cell: Outcome, min_cell: int) -> bool:
    """Whether the cell alone must be hidden."""
    return any(count < min_cell for count in (*cell.guard, *cell.left_out))


def _exposed(cells: dict[CellKey, Outcome], hidden: set[CellKey]) -> set[CellKey]:
    """Cells to hide so that no line has exactly one hidden cell."""
    lines: dict[tuple[int, CellKey], list[CellKey]] = {}
    for key in cells:
        for i in range(len(key)):
            lines.setdefault((i, key[:i] + key[i + 1 :]), []).append(key)
    more = set()
    for line in lines.values():
        shown = [key for key in line if key not in hidden]
        if len(line) - len(shown) == 1 and shown:
            more.add(min(shown, key=lambda k: (min(cells[k].guard, default=0), repr(k))))
    return more
