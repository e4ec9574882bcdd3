"""What each kind of metric is, over the rows of one cell."""

from __future__ import annotations

import math
from typing import Any

from tests.metrics.oracle.cell import Cell, Number
from tests.metrics.oracle.rows import Ints, Rows, holds
from tools.metrics.definitions import (
    Average,
    Count,
    Dataset,
    Distinct,
    Extreme,
    Metric,
    Operand,
    Percentile,
    Prevalence,
    Proportion,
    Ratio,
    Sum,
)


def aggregate(metric: Metric, at: Ints, dataset: Dataset, rows: Rows) -> Cell:
    """One cell of a metric that reads one dataset in full."""
    if isinstance(metric, Count):
        at = _one_time(metric, at, dataset, rows)
        return Cell(len(at), n=len(at))
    if isinstance(metric, (Proportion, Prevalence)):
        filled = _filled(metric.positive.column, at, dataset, rows)
        positives = sum(holds(metric.positive, v, strict=True) for v in filled)
        return Cell(positives / len(filled) if filled else None, n=len(filled), positives=positives)
    if isinstance(metric, Ratio):
        return quotient(
            operand(metric.numerator, at, dataset, rows), operand(metric.denominator, at, dataset, rows), metric
        )
    assert isinstance(metric, (Sum, Average, Percentile, Extreme, Distinct))
    if isinstance(metric, Sum):
        at = _one_time(metric, at, dataset, rows)
    filled = _filled(metric.column, at, dataset, rows)
    if isinstance(metric, Distinct):
        return Cell(len(set(filled)), n=len(filled))
    return Cell(_statistic(metric, filled) if filled else None, n=len(filled))


def _statistic(metric: Sum | Average | Percentile | Extreme, filled: list[Any]) -> Number:
    if isinstance(metric, Sum):
        return math.fsum(filled)
    if isinstance(metric, Average):
        return math.fsum(filled) / len(filled)
    if isinstance(metric, Extreme):
        return min(filled) if metric.which == "min" else max(filled)  # type: ignore[no-any-return]
    ordered = sorted(filled)
    place = (len(ordered) - 1) * metric.q
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])  # type: ignore[no-any-return]


def operand(side: Operand, at: Ints, dataset: Dataset, rows: Rows) -> Cell:
    """One side of a ratio: its value (None: nothing to add up) and its rows."""
    for predicate in side.where:
        passing = rows.column(dataset, predicate.column).mark(lambda v, p=predicate: holds(p, v))  # type: ignore[misc]
        at = at[passing[at]]
    if side.agg == "count":
        return Cell(len(at), n=len(at))
    assert side.column is not None
    filled = _filled(side.column, at, dataset, rows)
    if side.agg == "distinct":
        return Cell(len(set(filled)), n=len(at))
    return Cell(math.fsum(filled) if filled else None, n=len(at))


def quotient(top: Cell, bottom: Cell, metric: Ratio) -> Cell:
    """Numerator over denominator; a numerator without rows is 0 beside a denominator that exists."""
    scale = {"per_1000": 1000, "points": 100}.get(metric.unit or "", 1)
    over = 0 if top.value is None and not top.n else top.value
    if not bottom.value or over is None:
        return Cell(None, n=bottom.n)
    return Cell(scale * over / bottom.value, n=bottom.n)


def _filled(name: str, at: Ints, dataset: Dataset, rows: Rows) -> list[Any]:
    column = rows.column(dataset, name)
    return [v for c in column.codes[at].tolist() if (v := column.values[c]) is not None]


def _one_time(metric: Count | Sum, at: Ints, dataset: Dataset, rows: Rows) -> Ints:
    """Of a balance, the rows of the last (first) time point."""
    if metric.semi_additive is None or not len(at):
        return at
    name = metric.time or dataset.time
    assert name is not None
    column = rows.column(dataset, name)
    times = [column.values[c] for c in column.codes[at].tolist()]
    known = [t for t in times if t is not None]
    edge = (max if metric.semi_additive == "last" else min)(known)
    return at[[t == edge for t in times]]
