"""What the oracle says to a whole query, row by row."""

from __future__ import annotations

from dataclasses import replace

from tests.metrics.oracle.cell import Cell
from tests.metrics.oracle.evaluate import Cells, datasets_of, empty, evaluate, share, subtract
from tests.metrics.oracle.rows import Rows
from tests.metrics.oracle.slice import Key, Slice, before
from tools.metrics import MetricQuery
from tools.metrics.definitions import Average, Count, Metric, Prevalence, Proportion, Ratio, Sum

Rows_ = dict[Key, list[Cell]]


def answer(query: MetricQuery, rows: Rows) -> Rows_:
    """For each key the cells in the order of the figures: each metric, or each metric's difference, new, old.

    With a limit every cell is there; see `rest`.
    """
    columns: list[list[tuple[Cells, Cell]]] = []
    for name in dict.fromkeys(query.metrics):
        metric = rows.catalog.metrics[name]
        asked = slice_of(query, metric, rows)
        nothing = empty(metric, rows)
        new = _cells(metric, asked, query, rows)
        if query.compare is None:
            columns.append([(new, nothing)])
            continue
        assert query.period is not None
        period = before(query.period) if query.compare == "previous" else query.compare
        old = _cells(metric, replace(asked, period=period), query, rows)
        difference = {k: subtract(new.get(k, nothing), old.get(k, nothing)) for k in {**new, **old}}
        columns.append([(difference, subtract(nothing, nothing)), (new, nothing), (old, nothing)])
    flat = [column for group in columns for column in group]
    keys = {key for cells, _ in flat for key in cells}
    return {key: [cells.get(key, nothing) for cells, nothing in flat] for key in keys}


def slice_of(query: MetricQuery, metric: Metric, rows: Rows) -> Slice:
    """The query's cut, as a metric of that dataset sees it."""
    base = datasets_of(metric, rows)[0]
    return Slice(base, query.by, query.where, query.period, query.grain)


def rest(query: MetricQuery, kept: set[Key], rows: Rows) -> Cell | None:
    """All cells but the kept ones as one; None where cells of the metric do not add up."""
    metric = rows.catalog.metrics[query.metrics[0]]
    if not _folds(metric) or any(d.design is not None for d in datasets_of(metric, rows)):
        return None
    asked = slice_of(query, metric, rows)
    others = frozenset(evaluate(metric, asked, rows)) - kept
    return evaluate(metric, replace(asked, only=others), rows)[("other",) * len(query.by)]


def _folds(metric: Metric) -> bool:
    if isinstance(metric, (Count, Sum)):
        return metric.semi_additive is None
    if isinstance(metric, Ratio):
        return "distinct" not in (metric.numerator.agg, metric.denominator.agg)
    return isinstance(metric, (Average, Proportion, Prevalence))


def _cells(metric: Metric, asked: Slice, query: MetricQuery, rows: Rows) -> Cells:
    if query.share_over:
        return share(metric, asked, query.share_over, rows)
    return evaluate(metric, asked, rows)
