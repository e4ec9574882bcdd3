"""A metric's cells: leaves aggregated, the others made of them, empty buckets filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.metrics.oracle.aggregate import aggregate, operand, quotient
from tests.metrics.oracle.cell import Cell
from tests.metrics.oracle.rows import Rows
from tests.metrics.oracle.sampled import estimate
from tests.metrics.oracle.slice import (
    Key,
    Slice,
    before,
    bucket_end,
    buckets_in,
    cells_of,
    check_days,
    data_days,
)
from tools.figure import Period
from tools.metrics.definitions import Change, Count, Dataset, Derived, Distinct, Metric, Ratio

Cells = dict[Key, Cell]


class Unsupported(Exception):
    """The question makes no sense for this metric."""


def evaluate(metric: Metric, asked: Slice, rows: Rows) -> Cells:
    """Every cell; raises NoData or Unsupported."""
    if isinstance(metric, Derived):
        return _derived(metric, asked, rows)
    if isinstance(metric, Change):
        return _change(metric, asked, rows)
    days = _days_of(metric, rows)
    if asked.period is not None:
        for known in days:
            check_days(asked.period, known)
    cells = {k: _enough(metric, c) for k, c in _leaf(metric, asked, rows).items()}
    return _filled(metric, cells, asked, days, rows)


def share(metric: Metric, asked: Slice, over: tuple[str, ...], rows: Rows) -> Cells:
    """Each cell over the cell of the whole, which drops the grouping and the conditions on `over`."""
    parts, wholes = evaluate(metric, asked, rows), evaluate(metric, asked.over(over), rows)
    first = 1 if asked.grain is not None else 0
    kept = [first + i for i, name in enumerate(asked.by) if name not in over]
    found: Cells = {}
    for key, part in parts.items():
        whole = wholes.get((*key[:first], *(key[i] for i in kept)))
        amount = part.sum_wy if part.value is None else part.value
        amount = 0 if part.n == 0 else amount  # none of the sampled rows: no positive, which has a bound
        known = whole is not None and bool(whole.value) and not (part.sampled and amount is None)
        value = (amount or 0) / whole.value if known and whole is not None and whole.value else None
        found[key] = Cell(value, sampled=part.sampled, thin=part.thin)
    return found


def datasets_of(metric: Metric, rows: Rows) -> list[Dataset]:
    """The datasets a metric reads; the first is the one that names its dimensions."""
    if isinstance(metric, Ratio):
        names = [metric.denominator.of, metric.numerator.of]
    elif isinstance(metric, Derived):
        parts = [rows.catalog.metrics[m] for m in metric.metrics]
        ordered = reversed(parts) if metric.op == "ratio" else parts
        names = [d.name for part in ordered for d in datasets_of(part, rows)]
    elif isinstance(metric, Change):
        return datasets_of(rows.catalog.metrics[metric.metric], rows)
    else:
        names = [metric.of]
    return [rows.catalog.datasets[n] for n in dict.fromkeys(names)]


def empty(metric: Metric, rows: Rows) -> Cell:
    """A cell without a row: counts are 0, everything else is undefined."""
    sampled = any(d.design is not None for d in datasets_of(metric, rows))
    counts = isinstance(metric, (Count, Distinct)) and not sampled
    return Cell(0 if counts else None, n=0, sampled=sampled)


def _leaf(metric: Metric, asked: Slice, rows: Rows) -> Cells:
    assert not isinstance(metric, (Derived, Change))
    if isinstance(metric, Ratio) and metric.numerator.of != metric.denominator.of:
        return _two_facts(metric, asked, rows)
    dataset = rows.catalog.datasets[metric.denominator.of if isinstance(metric, Ratio) else metric.of]
    cells = cells_of(asked, dataset, rows, time=metric.time or dataset.time, where=metric.where)
    if dataset.design is not None:
        found = {key: estimate(metric, at, dataset, rows) for key, at in cells.items()}
        return {key: cell for key, cell in found.items() if cell.n or key == ()}
    return {key: aggregate(metric, at, dataset, rows) for key, at in cells.items()}


def _two_facts(metric: Ratio, asked: Slice, rows: Rows) -> Cells:
    sides = []
    for side in (metric.numerator, metric.denominator):
        dataset = rows.catalog.datasets[side.of]
        cells = cells_of(asked, dataset, rows, time=metric.time or dataset.time, where=(*metric.where, *side.where))
        bare = side.model_copy(update={"where": ()})
        sides.append({key: operand(bare, at, dataset, rows) for key, at in cells.items()})
    nothing = Cell(None, n=0)
    top, bottom = sides
    return {k: quotient(top.get(k, nothing), bottom.get(k, nothing), metric) for k in {**top, **bottom}}


def _enough(metric: Metric, cell: Cell) -> Cell:
    if cell.value is None or (cell.n or 0) >= metric.min_n:
        return cell
    return Cell(None, n=cell.n, too_few=True, sampled=cell.sampled)


def _days_of(metric: Metric, rows: Rows) -> list[Period]:
    if isinstance(metric, (Derived, Change)):
        inner = metric.metrics if isinstance(metric, Derived) else (metric.metric,)
        return [d for name in inner for d in _days_of(rows.catalog.metrics[name], rows)]
    named = [(d, metric.time or d.time) for d in datasets_of(metric, rows)]
    return [data_days(d, time, rows) for d, time in named if time is not None]


def _covered(days: list[Period]) -> Period:
    return Period(start=min(d.start for d in days), end=max(d.end for d in days))


def _filled(metric: Metric, cells: Cells, asked: Slice, days: list[Period], rows: Rows) -> Cells:
    """Inside the data's days every bucket is there, for every combination of the other keys."""
    if asked.grain is None:
        return cells
    known = _covered(days)
    start = max(known.start, asked.period.start) if asked.period else known.start
    end = min(known.end, asked.period.end) if asked.period else known.end
    groups = {key[1:] for key in cells} if asked.by else {()}
    buckets = buckets_in(Period(start=start, end=end), asked.grain)
    return {(b, *g): cells.get((b, *g), empty(metric, rows)) for b in buckets for g in groups}


def _derived(metric: Derived, asked: Slice, rows: Rows) -> Cells:
    parts = [rows.catalog.metrics[m] for m in metric.metrics]
    first, second = (evaluate(p, asked, rows) for p in parts)
    scale = {"per_1000": 1000, "points": 100}.get(metric.unit or "", 1)
    operations: dict[str, Callable[[float, float], float | None]] = {
        "ratio": lambda a, b: a / b if b else None,
        "difference": lambda a, b: a - b,
        "sum": lambda a, b: a + b,
        "product": lambda a, b: a * b,
    }
    found: Cells = {}
    for key in {**first, **second}:
        a, b = first.get(key) or empty(parts[0], rows), second.get(key) or empty(parts[1], rows)
        unknown = a.value is None or b.value is None or a.no_error or b.no_error
        value = None if unknown else operations[metric.op](a.value or 0, b.value or 0)
        cell = Cell(None if value is None else value * scale, sampled=a.sampled or b.sampled)
        found[key] = replace(cell, too_few=a.too_few or b.too_few, thin=a.thin or b.thin or a.no_error or b.no_error)
    return found


def subtract(new: Cell, old: Cell, *, relative: bool = False) -> Cell:
    """New minus old, or growth."""
    value = None
    if new.value is not None and old.value is not None and not (relative and old.value == 0):
        value = new.value / old.value - 1 if relative else new.value - old.value
    few = new.too_few or old.too_few
    return Cell(value, too_few=few, sampled=new.sampled, thin=new.thin or old.thin)


def _change(metric: Change, asked: Slice, rows: Rows) -> Cells:
    inner = rows.catalog.metrics[metric.metric]
    if asked.grain is not None:
        return _change_by_bucket(metric, inner, asked, rows)
    if asked.period is None:
        raise Unsupported
    new = evaluate(inner, asked, rows)
    old = evaluate(inner, replace(asked, period=before(asked.period)), rows)
    nothing = empty(inner, rows)
    keys = {**new, **old}
    return {k: subtract(new.get(k, nothing), old.get(k, nothing), relative=metric.relative) for k in keys}


def _change_by_bucket(metric: Change, inner: Metric, asked: Slice, rows: Rows) -> Cells:
    """Each bucket against the one before, where both lie wholly in days that were asked for (or before) and covered."""
    assert asked.grain is not None
    known = _covered(_days_of(inner, rows))
    period = asked.period or known
    check_days(period, known)
    first = buckets_in(period, asked.grain)[0]
    day_before = Period(start=first - timedelta(days=1), end=first)
    earliest = max(buckets_in(day_before, asked.grain)[0], known.start)
    cells = evaluate(inner, replace(asked, period=Period(start=earliest, end=period.end)), rows)
    groups, starts = {key[1:] for key in cells}, sorted({key[0] for key in cells})
    found: Cells = {}
    for at, bucket in enumerate(starts):
        if bucket < first:
            continue
        earlier = starts[at - 1] if at else None
        whole = earlier is not None and earlier >= known.start
        whole = whole and bucket >= period.start and bucket_end(bucket, asked.grain) <= min(known.end, period.end)
        for group in groups:
            new, old = cells[(bucket, *group)], cells.get((earlier, *group), empty(inner, rows))
            change = subtract(new, old, relative=metric.relative)
            found[(bucket, *group)] = change if whole else replace(change, value=None, too_few=False)
    return found
