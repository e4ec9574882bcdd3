"""What a condition leaves out: it must be as large as a shown cell, because the total minus the answer gives it."""

from __future__ import annotations

from dataclasses import replace

from tools.metrics.cut import Condition, Cut
from tools.metrics.definitions import Metric
from tools.metrics.evaluate import Cells, evaluate
from tools.metrics.session import Session


def guard_left_out(metric: Metric, cells: Cells, cut: Cut, session: Session) -> Cells:
    """The cells, each with the sizes of what every excluding condition leaves out of its slice and period.

    A slice that a condition takes nothing from is as it was. Only `not_in` and `is_null: false` exclude; the same rows
    named one by one (every country but one) do not count as an exclusion here.
    """
    if not session.guarded:
        return cells
    unseen = replace(session, sql=[], caveats=[])  # what is checked is no part of the answer
    for i, condition in enumerate(cut.conditions):
        excluded = _excluded(condition)
        if excluded is None:
            continue
        others = (*cut.conditions[:i], excluded, *cut.conditions[i + 1 :])
        left_out = evaluate(metric, replace(cut, conditions=others), unseen)
        cells = {
            key: replace(cell, left_out=(*cell.left_out, *left_out[key].guard)) if key in left_out else cell
            for key, cell in cells.items()
        }
    return cells


def _excluded(condition: Condition) -> Condition | None:
    """The condition that keeps exactly what this one leaves out; None when it does not exclude values."""
    if condition.kind == "not_in":
        return replace(condition, kind="in_")
    if condition.kind == "is_null" and not condition.operand:
        return replace(condition, operand=True)
    return None
