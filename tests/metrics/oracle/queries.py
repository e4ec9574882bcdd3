"""Random queries that make sense for a catalog: metrics of every kind, cuts, conditions, periods."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.metrics.oracle.dimensions import find
from tests.metrics.oracle.evaluate import datasets_of
from tests.metrics.oracle.rows import Rows
from tools.figure import Period
from tools.metrics import MetricQuery, Where
from tools.metrics.definitions import Count, Metric, Sum

FIRST, LAST = date(2025, 10, 1), date(2026, 4, 6)
MONTHS = ((2026, 2), (2026, 1), (2026, 3), (2025, 12), (2025, 11))
KINDS = (
    "count", "sum", "average", "percentile", "extreme", "distinct", "ratio", "proportion", "prevalence", "derived",
    "change",
)  # fmt: skip


def queries(rows: Rows) -> st.SearchStrategy[MetricQuery]:
    """Queries of the catalog. Hypothesis draws the seed, so that kinds come equally often and not in runs."""
    return st.integers(0, 2**40).map(lambda seed: draw_query(Random(seed), rows))


def draw_query(draw: Random, rows: Rows) -> MetricQuery:
    """One query; all kinds are equally likely."""
    catalog = rows.catalog
    kind = draw.choice(KINDS)
    covered = sorted((m for m in catalog.metrics.values() if _is_covered(m, rows)), key=lambda m: m.name)
    names = [draw.choice([m.name for m in covered if m.kind == kind])]
    if draw.random() < 0.2:
        names.append(draw.choice([m.name for m in covered]))
    metrics = [catalog.metrics[n] for n in dict.fromkeys(names)]
    known = [catalog.shared_dimensions_for(m.name) for m in metrics]
    named = sorted(k for k in known[0] if all(k in other for other in known) and k != "trainer")
    cuts = [k for k in named if not any(other[k][0].measured for other in known)]
    by = _some(draw, cuts, most=2)
    where = tuple(_condition(draw, metrics[0], key, rows) for key in _some(draw, named, most=2))
    changes = any(m.kind == "change" for m in metrics)
    period = _period(draw, needed=changes)
    grain = draw.choice((None, None, "day", "week", "month"))
    compare = _comparison(draw, period) if grain is None and period is not None and not changes else None
    offered = sorted({*by, *(w.dimension for w in where)})
    shared = offered and all(_adds_up(m) for m in metrics) and draw.random() < 0.7
    ranked = bool(by) and grain is None and compare is None and len(metrics) == 1 and not shared
    limit = draw.choice((None, 1, 3)) if ranked else None
    return MetricQuery(
        metrics=tuple(m.name for m in metrics),
        by=by,
        where=where,
        period=period,
        grain=grain,
        compare=compare,
        share_over=(draw.choice(offered),) if shared else (),
        order=draw.choice(("desc", "asc")) if limit else None,
        limit=limit,
    )


def _is_covered(metric: Metric, rows: Rows) -> bool:
    """Whether the oracle has a formula: not for agreement, nor for percentiles and ratios of samples."""
    if metric.kind not in ("percentile", "ratio"):
        return metric.kind != "agreement"
    return not any(d.design is not None for d in datasets_of(metric, rows))


def _some(draw: Random, names: list[str], *, most: int) -> tuple[str, ...]:
    return tuple(draw.sample(names, min(draw.randint(0, most), len(names))))


def _adds_up(metric: Metric) -> bool:
    return isinstance(metric, (Count, Sum)) and metric.semi_additive is None


def _condition(draw: Random, metric: Metric, key: str, rows: Rows) -> Where:
    found = find(datasets_of(metric, rows)[0], key, rows.catalog)
    column, kept = rows.column(found.owner, found.dimension.column), rows.kept(found.owner)
    values: list[Any] = sorted({column.values[c] for c in column.codes[kept].tolist()} - {None})
    if draw.random() < 0.2:
        return Where(dimension=key, is_null=draw.random() < 0.5)
    if rows.catalog.shared_dimensions_for(metric.name)[key][0].measured:
        bound = draw.choice(("above", "at_least", "below", "at_most"))
        return Where.model_validate({"dimension": key, bound: draw.choice(values)})
    written = draw.sample(values, draw.randint(1, min(3, len(values))))
    words = found.dimension.values
    if isinstance(words, dict) and draw.random() < 0.25:
        said = sorted(w for value in words for w in words[value] if value in values)
        written = [draw.choice(said)] if said else written
    return Where.model_validate({"dimension": key, draw.choice(("in", "not_in")): tuple(written)})


def _period(draw: Random, *, needed: bool) -> Period | None:
    shape = draw.choice(("days", "month", "quarter") if needed else ("days", "month", "quarter", None, None))
    if shape is None:
        return None
    if shape == "quarter":
        return _months(2026, 1, 3) if draw.random() < 0.7 else _months(2025, 10, 3)
    if shape == "month":
        return _months(*draw.choice(MONTHS), 1)
    start = FIRST + timedelta(days=draw.randint(40 if needed else 0, (LAST - FIRST).days - 1))
    return Period(start=start, end=min(start + timedelta(days=draw.randint(1, 70)), LAST))


def _comparison(draw: Random, period: Period) -> Any:
    shape = draw.choice((None, "previous", "earlier"))
    if shape != "earlier":
        return shape
    end = period.start - timedelta(days=draw.randint(0, 20))
    return Period(start=end - timedelta(days=draw.randint(1, 40)), end=end)


def _months(year: int, month: int, count: int) -> Period:
    after = year * 12 + month - 1 + count
    return Period(start=date(year, month, 1), end=date(after // 12, after % 12 + 1, 1))
