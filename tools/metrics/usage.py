"""Tables and columns a query touches, for `access.decide`."""

from __future__ import annotations

from tools.access import Usage
from tools.metrics.catalog import Catalog
from tools.metrics.check_metric import columns_of
from tools.metrics.definitions import Change, Count, Dataset, Derived, Metric, Sum
from tools.metrics.find_dimension import find_dimension
from tools.metrics.query import MetricQuery
from tools.metrics.reach import DimensionRef


def usage_of(query: MetricQuery, catalog: Catalog) -> Usage:
    """Everything the query's SQL reads, but for the actor that small cells are counted by (never shown)."""
    tables: set[str] = set()
    columns: set[str] = set()
    timed = query.period is not None or query.grain is not None or query.compare is not None
    for name in (*query.metrics, *([query.per] if query.per is not None else [])):
        for metric in leaves_of(name, catalog):
            _add_metric(metric, catalog, tables, columns, timed=timed or metric.name != name)
        known = catalog.shared_dimensions_for(name)
        for wanted in (*query.by, *query.share_over, *(w.dimension for w in query.where)):
            for ref in find_dimension(wanted, known) or ():
                _add_reference(ref, catalog, tables, columns)
    return Usage(tables=frozenset(tables), columns=frozenset(columns))


def metric_usage(name: str, catalog: Catalog) -> Usage:
    """What a metric touches when it is asked for without any cut."""
    return usage_of(MetricQuery(metrics=(name,)), catalog)


def dimension_usage(ref: DimensionRef, catalog: Catalog) -> Usage:
    """What grouping or filtering by a dimension touches."""
    tables: set[str] = set()
    columns: set[str] = set()
    _add_reference(ref, catalog, tables, columns)
    return Usage(tables=frozenset(tables), columns=frozenset(columns))


def time_usage(dataset: Dataset, column: str) -> Usage:
    """What saying how fresh a dataset is touches."""
    return Usage(tables=frozenset({dataset.source}), columns=frozenset({f"{dataset.source}.{column}"}))


def leaves_of(name: str, catalog: Catalog) -> list[Metric]:
    """The metrics that read data: those a derived or change metric is made of, else the metric itself."""
    metric = catalog.metric(name)
    if isinstance(metric, Derived):
        return [leaf for part in metric.metrics for leaf in leaves_of(part, catalog)]
    return leaves_of(metric.metric, catalog) if isinstance(metric, Change) else [metric]


def _add_metric(metric: Metric, catalog: Catalog, tables: set[str], columns: set[str], *, timed: bool) -> None:
    timed = timed or (isinstance(metric, (Count, Sum)) and metric.semi_additive is not None)
    for keys, of, column in columns_of(metric):
        if keys != ("time",) or timed:
            columns.add(f"{catalog.datasets[of].source}.{column}")
    for dataset in catalog.datasets_of(metric.name):
        tables.add(dataset.source)
        used = [p.column for p in dataset.where]
        if timed and metric.time is None and dataset.time is not None:
            used.append(dataset.time)
        design = dataset.design
        if design is not None:
            named = (design.weight, design.probability, design.strata, design.cluster, design.fpc)
            used += [c for c in named if c is not None]
        columns |= {f"{dataset.source}.{c}" for c in used}


def _add_reference(ref: DimensionRef, catalog: Catalog, tables: set[str], columns: set[str]) -> None:
    source = catalog.datasets[ref.dataset].source
    tables.add(source)
    columns.add(f"{source}.{ref.dimension.column}")
    for link in ref.path:
        from_, to = catalog.datasets[link.from_], catalog.datasets[link.to]
        tables |= {from_.source, to.source}
        columns |= {f"{from_.source}.{c}" for c in link.from_columns}
        columns |= {f"{to.source}.{c}" for c in (*link.to_columns, *(p.column for p in to.where))}
