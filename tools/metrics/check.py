"""Definitions checked against one another: everything that can be known without the data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import Fault
from tools.metrics.check_metric import check_metric, knows_dimensions, sound_metrics
from tools.metrics.definitions import Dataset, MetricFile
from tools.metrics.nearest import did_you_mean

if TYPE_CHECKING:
    from tools.metrics.catalog import Catalog

Keys = tuple[str | int, ...]


def check_definitions(catalog: Catalog) -> list[Fault]:
    """Every fault of meaning, with file and line, in the order of the files.

    Of an item that is faulty itself nothing follows: references to it are neither followed nor called unknown.
    """
    rules = (_check_names, _check_datasets, _check_relationships, _check_metrics, _check_synonyms, _check_verified)
    return [
        Fault(catalog.locate(path, keys), message, hint)
        for path, file in catalog.files
        for rule in rules
        for keys, message, hint in rule(path, file, catalog)
    ]


Found = Iterator[tuple[Keys, str, str]]


def _check_names(path: Path, file: MetricFile, catalog: Catalog) -> Found:
    """No name twice among datasets, among relationships, among metrics (over all files)."""
    for section in ("datasets", "relationships", "metrics"):
        seen: dict[str, tuple[Path, int]] = {}
        for other, model in catalog.files:
            for i, item in enumerate(getattr(model, section)):
                first = seen.setdefault(item.name.casefold(), (other, i))
                if first != (other, i) and other == path:
                    message = f"{section[:-1]} {item.name!r} is defined twice"
                    yield (section, i, "name"), message, f"also at {catalog.locate(first[0], (section, first[1]))}"
    taken: dict[str, str] = {}
    for expanded in catalog.measures:
        owner = taken.setdefault(expanded.metric, expanded.dataset)
        here = next((i for i, d in enumerate(file.datasets) if d.name == expanded.dataset), None)
        if owner != expanded.dataset and here is not None:
            message = (
                f"measure {expanded.measure!r} gives a metric {expanded.metric!r}, as one of dataset {owner!r} does"
            )
            yield ("datasets", here, "measures"), message, "give the measures different names"


def _check_datasets(path: Path, file: MetricFile, catalog: Catalog) -> Found:
    for i, dataset in enumerate(file.datasets):
        at: Keys = ("datasets", i)
        for section in ("dimensions", "measures"):
            names = [item.name.casefold() for item in getattr(dataset, section)]
            for j, name in enumerate(names):
                if name in names[:j]:
                    yield (*at, section, j), f"{section[:-1]} {name!r} of dataset {dataset.name!r} is defined twice", ""
        for keys, column in _columns_of(dataset):
            if dataset.text is not None and column.casefold() == dataset.text.casefold():
                yield (*at, *keys), f"{column!r} is item text and cannot be used in a definition", ""
        yield from _check_design(at, dataset)


def _columns_of(dataset: Dataset) -> Iterator[tuple[Keys, str]]:
    for j, d in enumerate(dataset.dimensions):
        yield ("dimensions", j, "column"), d.column
    for j, m in enumerate(dataset.measures):
        yield ("measures", j, "column"), m.column
    for j, p in enumerate(dataset.where):
        yield ("where", j, "column"), p.column
    for key in ("time", "actor"):
        if (column := getattr(dataset, key)) is not None:
            yield (key,), column
    for j, column in enumerate(dataset.grain):
        yield ("grain", j), column


def _check_design(at: Keys, dataset: Dataset) -> Found:
    design = dataset.design
    if design is None:
        return
    where = (*at, "design")
    if design.weight is not None and design.probability is not None:
        yield (*where, "weight"), "a design has a weight or an inclusion probability, not both", ""
    if (
        design.type in ("stratified", "cluster")
        and getattr(design, "strata" if design.type == "stratified" else "cluster") is None
    ):
        missing = "strata" if design.type == "stratified" else "cluster"
        yield where, f"a {design.type} design needs `{missing}`: the column that names them", ""
    if design.type in ("pps", "poisson") and design.weight is None and design.probability is None:
        yield where, f"a {design.type} design needs `probability` or `weight`", ""
    for j, measure in enumerate(dataset.measures):
        extremes = [a for a in measure.aggregations if a in ("min", "max")]
        if extremes and "aggregations" in measure.model_fields_set:
            message = f"{' and '.join(extremes)} of a sampled column say nothing about the frame"
            yield (*at, "measures", j, "aggregations"), message, "leave them out"


def _check_relationships(path: Path, file: MetricFile, catalog: Catalog) -> Found:
    for i, r in enumerate(file.relationships):
        for key, name in (("from", r.from_), ("to", r.to)):
            if name not in catalog.datasets and not catalog.lost.may_hold("datasets", name):
                message = f"relationship {r.name!r} names dataset {name!r}, which does not exist"
                yield ("relationships", i, key), message, did_you_mean(name, catalog.datasets)
        to = catalog.datasets.get(r.to)
        if to is not None and to.grain and not {c.casefold() for c in to.grain} <= {c.casefold() for c in r.to_columns}:
            joined, grain = " + ".join(r.to_columns), " + ".join(to.grain)
            message = f"relationship {r.name!r} joins to {joined}, but a row of {r.to!r} is one {grain}"
            yield ("relationships", i, "to_columns"), message, "each row may belong to one row there at most"


def _check_metrics(path: Path, file: MetricFile, catalog: Catalog) -> Found:
    sound = sound_metrics(catalog)
    for i, metric in enumerate(file.metrics):
        for keys, message, hint in check_metric(metric, catalog, sound):
            yield ("metrics", i, *keys), f"metric {metric.name!r}: {message}", hint


def _check_synonyms(path: Path, file: MetricFile, catalog: Catalog) -> Found:
    """A written synonym names one metric only."""
    owners: dict[str, str] = {}
    for _, other in catalog.files:
        for metric in other.metrics:
            owners.setdefault(_folded(metric.name), metric.name)
    for other_path, other in catalog.files:
        for i, metric in enumerate(other.metrics):
            for j, synonym in enumerate(metric.synonyms):
                owner = owners.setdefault(_folded(synonym), metric.name)
                if owner != metric.name and other_path == path:
                    message = f"synonym {synonym!r} of metric {metric.name!r} already names {owner!r}"
                    yield ("metrics", i, "synonyms", j), message, "one word, one metric: remove it from one of them"


def _folded(words: str) -> str:
    return " ".join(words.replace("_", " ").casefold().split())


def _check_verified(path: Path, file: MetricFile, catalog: Catalog) -> Found:
    from pydantic import ValidationError

    from tools.metrics.query import MetricQuery

    sound = sound_metrics(catalog)
    for i, verified in enumerate(file.verified_queries):
        at: Keys = ("verified_queries", i, "query")
        try:
            query = MetricQuery.model_validate(verified.query)
        except ValidationError as error:
            for e in error.errors():
                yield (*at, *e["loc"]), f"not a query: {e['msg']}", "`transect schema metric` shows the format"
            continue
        for name in query.metrics:
            if name not in catalog.metrics and not catalog.lost.may_hold("metrics", name):
                yield (*at, "metrics"), f"there is no metric {name!r}", did_you_mean(name, catalog.metrics)
            if name not in sound or not knows_dimensions(catalog):
                continue
            known = catalog.dimensions_for(name)
            for wanted in (*query.by, *(w.dimension for w in query.where), *query.share_over):
                if wanted not in known:
                    yield at, f"metric {name!r} has no dimension {wanted!r}", did_you_mean(wanted, known)
