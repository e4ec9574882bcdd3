"""Definitions checked against the warehouse's tables, columns and types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.errors import Fault, InvalidInput
from tools.metrics.check_metric import columns_of
from tools.metrics.conditions import coerce, is_number
from tools.metrics.definitions import (
    Average,
    Change,
    Dataset,
    Derived,
    Extreme,
    Metric,
    Percentile,
    Predicate,
    Prevalence,
    Proportion,
    Ratio,
    Sum,
)
from tools.metrics.nearest import did_you_mean, nearest_names
from tools.metrics.time_column import time_kind

if TYPE_CHECKING:
    from tools.metrics.catalog import Catalog

Keys = tuple[str | int, ...]
Tables = dict[str, dict[str, str]]
Found = Iterator[tuple[Keys, str, str]]


def check_columns(catalog: Catalog, tables: Tables) -> list[Fault]:
    """Tables and columns that do not exist, and columns whose type cannot do what a definition asks of them.

    Columns of a table that does not exist are looked for in the one that was probably meant, where at least half of
    them are found there.
    """
    found: list[Fault] = []
    for path, file in catalog.files:
        sections: list[tuple[Keys, Iterator[tuple[Keys, str, str]]]] = []
        sections += [(("datasets", i), _check_dataset(d, tables)) for i, d in enumerate(file.datasets)]
        sections += [
            (("relationships", i), _check_keys(r.from_, r.from_columns, "from_columns", catalog, tables))
            for i, r in enumerate(file.relationships)
        ]
        sections += [
            (("relationships", i), _check_keys(r.to, r.to_columns, "to_columns", catalog, tables))
            for i, r in enumerate(file.relationships)
        ]
        sections += [(("metrics", i), _check_metric(m, catalog, tables)) for i, m in enumerate(file.metrics)]
        found += [
            Fault(catalog.locate(path, (*at, *keys)), m, hint) for at, faults in sections for keys, m, hint in faults
        ]
    return found


def _check_dataset(dataset: Dataset, tables: Tables) -> Found:
    if dataset.source not in tables:
        message = f"dataset {dataset.name!r}: the warehouse has no table {dataset.source!r}"
        yield ("source",), message, did_you_mean(dataset.source, tables)
    table = _table_of(dataset, tables)
    if table is None:
        return
    types = {c.casefold(): t for c, t in tables[table].items()}
    missing = [(keys, c) for keys, c in _dataset_columns(dataset) if c.casefold() not in types]
    for keys, column in missing:
        message = f"dataset {dataset.name!r}: table {table!r} has no column {column!r}"
        yield keys, message, did_you_mean(column, tables[table])
    if dataset.time is not None and (kind := types.get(dataset.time.casefold())) and time_kind(kind) is None:
        yield ("time",), f"dataset {dataset.name!r}: {dataset.time!r} is {kind}, not a time", ""
    for j, d in enumerate(dataset.dimensions):
        kind = types.get(d.column.casefold(), "")
        if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "BLOB")):
            yield ("dimensions", j, "column"), f"dimension {d.name!r}: {kind} cannot be grouped by", ""
    for j, m in enumerate(dataset.measures):
        kind = types.get(m.column.casefold(), "")
        if kind and not is_number(kind):
            yield ("measures", j, "column"), f"measure {m.name!r}: {m.column!r} is {kind}, not a number", ""
    yield from _check_predicates(dataset.where, ("where",), types)


def _dataset_columns(dataset: Dataset) -> list[tuple[Keys, str]]:
    used: list[tuple[Keys, str]] = [
        ((key,), c) for key in ("time", "actor") if (c := getattr(dataset, key)) is not None
    ]
    used += [(("grain", j), c) for j, c in enumerate(dataset.grain)]
    used += [(("dimensions", j, "column"), d.column) for j, d in enumerate(dataset.dimensions)]
    used += [(("measures", j, "column"), m.column) for j, m in enumerate(dataset.measures)]
    used += [(("where", j, "column"), p.column) for j, p in enumerate(dataset.where)]
    design = dataset.design
    keys = ("weight", "probability", "strata", "cluster", "fpc")
    return used + [(("design", k), c) for k in keys if design is not None and (c := getattr(design, k)) is not None]


def _table_of(dataset: Dataset, tables: Tables) -> str | None:
    """The dataset's table, or the one that was probably meant; None when nothing can be known of its columns."""
    if dataset.source in tables:
        return dataset.source
    columns = [c.casefold() for _, c in _dataset_columns(dataset)]

    def fitting(name: str) -> int:
        return sum(c in {t.casefold() for t in tables[name]} for c in columns)

    near = max(nearest_names(dataset.source, tables), key=fitting, default=None)
    return near if near is not None and columns and 2 * fitting(near) >= len(columns) else None


def _types_of(name: str, catalog: Catalog, tables: Tables) -> tuple[str, dict[str, str]]:
    """A dataset's table and its columns with their types; no columns when nothing can be known of them."""
    dataset = catalog.datasets.get(name)
    table = _table_of(dataset, tables) if dataset is not None else None
    return (table, tables[table]) if table is not None else ("", {})


def _check_keys(name: str, columns: tuple[str, ...], key: str, catalog: Catalog, tables: Tables) -> Found:
    table, known = _types_of(name, catalog, tables)
    for column in columns:
        if known and column.casefold() not in {c.casefold() for c in known}:
            yield (key,), f"table {table!r} has no column {column!r}", did_you_mean(column, known)


def _check_metric(metric: Metric, catalog: Catalog, tables: Tables) -> Found:
    for keys, of, column in columns_of(metric):
        table, known = _types_of(of, catalog, tables)
        if known and column.casefold() not in {c.casefold() for c in known}:
            message = f"metric {metric.name!r}: table {table!r} has no column {column!r}"
            yield keys, message, did_you_mean(column, known)
    for keys, of, column, what in _numbers(metric):
        kind = _type(catalog, tables, of, column)
        if kind and not is_number(kind) and (kind != "BOOLEAN" or what != "sum"):
            yield keys, f"metric {metric.name!r}: {column!r} is {kind}, and a {what} needs a number", ""
    for keys, of, column in columns_of(metric):
        if keys == ("time",) and (kind := _type(catalog, tables, of, column)) and time_kind(kind) is None:
            yield keys, f"metric {metric.name!r}: {column!r} is {kind}, not a time", ""
    for keys, of, predicates in _predicates(metric):
        types = {c.casefold(): t for c, t in _types_of(of, catalog, tables)[1].items()}
        yield from _check_predicates(predicates, keys, types)


def _numbers(metric: Metric) -> Iterator[tuple[Keys, str, str, str]]:
    if isinstance(metric, (Sum, Average, Percentile, Extreme)):
        what = "sum" if isinstance(metric, (Sum, Average)) else metric.kind
        yield ("column",), metric.of, metric.column, what
    if isinstance(metric, Ratio):
        for side in ("numerator", "denominator"):
            operand = getattr(metric, side)
            if operand.agg == "sum":
                yield (side, "column"), operand.of, operand.column, "sum"


def _predicates(metric: Metric) -> Iterator[tuple[Keys, str, tuple[Predicate, ...]]]:
    if isinstance(metric, Ratio):
        for side in ("numerator", "denominator"):
            operand = getattr(metric, side)
            yield (side, "where"), operand.of, operand.where
            yield ("where",), operand.of, metric.where
    elif not isinstance(metric, (Derived, Change)):
        if isinstance(metric, (Proportion, Prevalence)):
            yield ("positive",), metric.of, (metric.positive,)
        yield ("where",), metric.of, metric.where


def _check_predicates(predicates: tuple[Predicate, ...], keys: Keys, types: dict[str, str]) -> Found:
    for j, p in enumerate(predicates):
        kind = types.get(p.column.casefold())
        if kind is None:
            continue
        at = keys if keys == ("positive",) else (*keys, j)
        named = [v for v in (p.equals, p.not_equals, *(p.in_ or ()), *(p.not_in or ())) if v is not None]
        for value in named:
            try:
                coerce(value, kind, p.column)
            except InvalidInput as error:
                yield at, error.message, ""
        if any(b is not None for b in (p.above, p.at_least, p.below, p.at_most)) and not is_number(kind):
            yield at, f"column {p.column!r} is {kind} and has no order among numbers", ""


def _type(catalog: Catalog, tables: Tables, of: str, column: str) -> str:
    return next((t for c, t in _types_of(of, catalog, tables)[1].items() if c.casefold() == column.casefold()), "")
