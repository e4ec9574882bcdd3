"""Cells as figures and as the table that shows the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from tools.figure import Figure, Period, Unit
from tools.metrics.cut import Condition, Cut
from tools.metrics.evaluate import period_of
from tools.metrics.outcome import CellKey, Outcome
from tools.metrics.panel import Panel, compared
from tools.metrics.query import MetricQuery, Table
from tools.metrics.session import Session
from tools.metrics.units import unit_for


def figures_of(
    panels: Sequence[Panel], keys: Sequence[CellKey], session: Session, *, dated: bool
) -> tuple[tuple[Figure, ...], list[list[Figure]]]:
    """All figures in order, and the same by row: for each key, each metric, [difference, new, old] or the value.

    Args:
        dated: the asker may know the times of the data.
    """
    rows: list[list[Figure]] = []
    numbers = iter(range(1, 10**9))
    for key in keys:
        row: list[Figure] = []
        for panel in panels:
            for (outcome, period), where in zip(_outcomes(panel, key, session), _slices(panel, key), strict=False):
                row.append(_figure(f"f{next(numbers)}", panel, where, outcome, period, session, dated=dated))
        rows.append(row)
    return tuple(f for row in rows for f in row), rows


def _outcomes(panel: Panel, key: CellKey, session: Session) -> Iterator[tuple[Outcome, Period | None]]:
    period = period_of(panel.metric, key, panel.cut, session)
    if panel.old is None:
        from tools.metrics.evaluate import empty_outcome

        yield panel.cells.get(key) or empty_outcome(panel.metric, session), period
        return
    difference, new, old = compared(panel, key, session)
    yield difference, period
    yield new, period
    yield old, panel.old_period if panel.old_cut is None else period


def _slices(panel: Panel, key: CellKey) -> tuple[dict[str, Any], ...]:
    """The slice of each outcome: of two slices side by side, the difference has what they share."""
    first = slice_of(panel.cut, key)
    if panel.old_cut is None:
        return (first, first, first)
    second = slice_of(panel.old_cut, key)
    return ({k: v for k, v in first.items() if second.get(k) == v}, first, second)


def _figure(
    name: str,
    panel: Panel,
    where: dict[str, Any],
    cell: Outcome,
    period: Period | None,
    session: Session,
    *,
    dated: bool,
) -> Figure:
    metric = panel.metric
    unit: Unit = "share" if panel.shared else unit_for(metric, session.catalog)
    return Figure(
        id=name,
        metric=metric.name,
        version=metric.version,
        value=cell.value,
        low=cell.low if cell.sampled else None,
        high=cell.high if cell.sampled else None,
        level=cell.level if cell.sampled else None,
        unit=unit,
        n=cell.n,
        n_eff=cell.n_eff,
        positives=cell.positives,
        basis="sample" if cell.sampled else "full_count",
        method=cell.method,
        period=period if dated else None,
        slice=where,
        as_of=newest_of(panel, session) if dated else None,
        status="provisional" if cell.provisional else "final",
        undefined=cell.undefined,
        one_sided=cell.one_sided,
    )


def newest_of(panel: Panel, session: Session) -> datetime | date | None:
    """The newest time in the metric's base dataset."""
    from tools.metrics.evaluate import metric_times

    return next((t.newest for _, t in metric_times(panel.metric, session)), None)


def slice_of(cut: Cut, key: CellKey) -> dict[str, Any]:
    """What a cell was grouped by, then what it was filtered to."""
    offset = 1 if cut.grain is not None else 0
    found = {k.name: value for k, value in zip(cut.keys, key[offset:], strict=True)}
    for condition in cut.conditions:
        if condition.name not in found:
            found[condition.name] = _condition(condition)
    return found


def _condition(condition: Condition) -> Any:
    if condition.kind == "in_":
        return condition.operand[0] if len(condition.operand) == 1 else list(condition.operand)
    if condition.kind == "is_null":
        return None if condition.operand else {"is_null": False}
    if condition.kind == "not_in":
        return {"not_in": list(condition.operand)}
    return {condition.kind: condition.operand}


def table_of(
    query: MetricQuery, panels: Sequence[Panel], keys: Sequence[CellKey], rows: Sequence[Sequence[Figure]]
) -> Table | None:
    """One row a key, the figures of the row side by side; None for a single figure."""
    if not keys or (len(keys) == 1 and len(keys[0]) == 0 and sum(map(len, rows)) == 1):
        return None
    head = [*([query.grain] if query.grain is not None else []), *(k.name for k in panels[0].cut.keys)]
    sampled = [any(f.low is not None for f in column) for column in zip(*rows, strict=True)]
    names = [n for panel in panels for n in _names(panel, several=len(panels) > 1)]
    columns: list[str] = list(head)
    for name, limits in zip(names, sampled, strict=True):
        columns += [name, f"{name}_low", f"{name}_high"] if limits else [name]
    body = []
    for key, row in zip(keys, rows, strict=True):
        cells: list[Any] = list(key)
        for figure, limits in zip(row, sampled, strict=True):
            cells += [figure.value, figure.low, figure.high] if limits else [figure.value]
        body.append(tuple(cells))
    return Table(columns=tuple(columns), rows=tuple(body))


def _names(panel: Panel, *, several: bool) -> list[str]:
    if panel.old is None:
        return [panel.metric.name]
    prefix = f"{panel.metric.name}_" if several else ""
    sides = ("new", "old") if panel.old_cut is None else ("first", "second")
    return [f"{prefix}{part}" for part in ("difference", *sides)]
