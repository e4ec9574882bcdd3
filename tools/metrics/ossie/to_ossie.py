"""Definitions as an Apache Ossie document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from tools.metrics.check_metric import columns_of
from tools.metrics.definitions import Dataset, Dimension, Measure, Metric, MetricFile, Relationship
from tools.metrics.ossie.datatype import datatype_of
from tools.metrics.ossie.document import (
    VENDOR,
    AIContext,
    Datatype,
    Document,
    Extension,
    OssieDataset,
    OssieField,
    OssieMetric,
    OssieRelationship,
    SemanticModel,
    TimeRole,
    ansi,
)
from tools.metrics.ossie.expression import expression_of
from tools.metrics.sql import quote


def to_ossie(
    file: MetricFile,
    *,
    name: str,
    generated: Sequence[Metric] = (),
    types: Mapping[str, Mapping[str, str]] | None = None,
) -> Document:
    """One semantic model that holds everything the definitions say.

    Names, sources, keys, descriptions, synonyms, relationships and aggregate expressions stand where every reader of
    the format finds them; the rest travels as JSON in `custom_extensions`. Metrics that no aggregate expression says
    (agreement, change, balances) travel there whole: a wrong expression would be worse than none.

    Args:
        file: at least one dataset.
        name: of the model.
        generated: metrics that stand for measures, written for readers that know no measures.
        types: of columns in the warehouse, by dataset; without them fields say no type, and flags are not summed.
    """
    datasets = {d.name: d for d in file.datasets}
    metrics = {m.name: m for m in (*file.metrics, *generated)}
    read: dict[str, list[str]] = {}
    for metric in metrics.values():
        for _, of, column in columns_of(metric):
            read.setdefault(of, []).append(column)
    made = {m.name for m in generated}
    known = {n: {c.casefold(): t for c, t in columns.items()} for n, columns in (types or {}).items()}
    flags = frozenset((n, c) for n, columns in known.items() for c, t in columns.items() if t.upper() == "BOOLEAN")
    said = {n: expression_of(m, datasets=datasets, metrics=metrics, flags=flags) for n, m in metrics.items()}
    whole = [[i, _dump(m)] for i, m in enumerate(file.metrics) if said[m.name] is None]
    more = {"metrics": whole, "verified_queries": [_dump(v) for v in file.verified_queries]}
    model = SemanticModel(
        name=name,
        ai_context=_context(examples=tuple(v.question for v in file.verified_queries)),
        datasets=tuple(_dataset(d, read.get(d.name, []), known.get(d.name, {})) for d in file.datasets),
        relationships=tuple(_relationship(r) for r in file.relationships) or None,
        metrics=tuple(
            _metric(m, text, generated=m.name in made) for m in metrics.values() if (text := said[m.name]) is not None
        )
        or None,
        custom_extensions=_extensions({k: v for k, v in more.items() if v}),
    )
    return Document(semantic_model=(model,))


def _dataset(dataset: Dataset, read: Sequence[str], types: Mapping[str, str]) -> OssieDataset:
    native = {"name", "source", "grain", "description", "synonyms", "dimensions"}
    fields = {d.name: _dimension(d, types) for d in dataset.dimensions}
    for measure in dataset.measures:
        fields.setdefault(measure.name, _measure(measure, types))
    for column in _columns(dataset, read):
        fields.setdefault(column, _column(column, types, is_time=column == dataset.time))
    return OssieDataset(
        name=dataset.name,
        source=dataset.source,
        primary_key=dataset.grain or None,
        description=dataset.description or None,
        ai_context=_context(dataset.synonyms),
        fields=tuple(fields.values()) or None,
        custom_extensions=_extensions(_dump(dataset, without=native)),
    )


def _columns(dataset: Dataset, read: Sequence[str]) -> list[str]:
    """Every column that an expression names, and the time."""
    design = dataset.design
    named = [design.weight, design.probability] if design is not None else []
    key = dataset.grain if len(dataset.grain) == 1 else ()
    found = [*key, dataset.time, *(p.column for p in dataset.where), *named, *read]
    return list(dict.fromkeys(c for c in found if c is not None))


def _dimension(dimension: Dimension, types: Mapping[str, str]) -> OssieField:
    more: dict[str, Any] = {"role": "dimension", "column": dimension.column}
    if isinstance(dimension.values, dict):  # JSON has no keys but text: pairs keep 2 and true what they are
        more["words"] = [[value, list(words)] for value, words in dimension.values.items()]
    elif dimension.values != "auto":
        more["values"] = list(dimension.values)
    return OssieField(
        name=dimension.name,
        expression=ansi(quote(dimension.column)),
        dimension=TimeRole(),
        description=dimension.description or None,
        datatype=_type(dimension.column, types),
        ai_context=_context(dimension.synonyms),
        custom_extensions=_extensions(more),
    )


def _measure(measure: Measure, types: Mapping[str, str]) -> OssieField:
    return OssieField(
        name=measure.name,
        expression=ansi(quote(measure.column)),
        description=measure.description or None,
        datatype=_type(measure.column, types),
        ai_context=_context(measure.synonyms),
        custom_extensions=_extensions({"role": "measure"}),
    )


def _column(name: str, types: Mapping[str, str], *, is_time: bool) -> OssieField:
    return OssieField(
        name=name,
        expression=ansi(quote(name)),
        dimension=TimeRole(is_time=True) if is_time else None,
        datatype=_type(name, types),
        custom_extensions=_extensions({"role": "column"}),
    )


def _type(column: str, types: Mapping[str, str]) -> Datatype | None:
    found = types.get(column.casefold())
    return None if found is None else datatype_of(found)


def _relationship(link: Relationship) -> OssieRelationship:
    return OssieRelationship(
        name=link.name, from_=link.from_, to=link.to, from_columns=link.from_columns, to_columns=link.to_columns
    )


def _metric(metric: Metric, text: str, *, generated: bool) -> OssieMetric:
    others = {} if generated else metric.custom_extensions
    kept = {VENDOR: others[VENDOR]} if VENDOR in others else {}
    more: dict[str, Any] = (
        {"role": "generated"}
        if generated
        else _dump(metric, without={"name", "description", "synonyms", "custom_extensions"})
        | ({"custom_extensions": kept} if kept else {})
    )
    return OssieMetric(
        name=metric.name,
        expression=ansi(text),
        description=metric.description or None,
        ai_context=_context(metric.synonyms),
        custom_extensions=(
            *(_extensions(more) or ()),
            *(Extension(vendor_name=v, data=_json(d)) for v, d in others.items() if v != VENDOR),
        ),
    )


def _context(synonyms: tuple[str, ...] = (), examples: tuple[str, ...] = ()) -> AIContext | None:
    if not synonyms and not examples:
        return None
    return AIContext(synonyms=synonyms or None, examples=examples or None)


def _extensions(more: dict[str, Any]) -> tuple[Extension, ...] | None:
    return (Extension(vendor_name=VENDOR, data=_json(more)),) if more else None


def _dump(definition: BaseModel, *, without: set[str] | None = None) -> dict[str, Any]:
    return definition.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=without)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
