"""An Apache Ossie document that was written by an export, read back as definitions."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from tools.errors import InvalidInput
from tools.metrics.definitions import MetricFile
from tools.metrics.ossie.document import (
    VENDOR,
    AIContext,
    Document,
    Extension,
    OssieDataset,
    OssieField,
    OssieMetric,
    SemanticModel,
)


def from_ossie(document: Document) -> MetricFile:
    """The definitions; what stands in the format's own places (descriptions, synonyms, keys) is taken from there.

    Raises:
        InvalidInput: a dataset or metric that no export wrote, so that what it means is not all there; or extensions
            that are no JSON or do not make definitions.
    """
    if len(document.semantic_model) != 1:
        raise InvalidInput(
            f"An export holds one semantic model; this document has {len(document.semantic_model)}.",
            code="invalid_ossie",
        )
    model = document.semantic_model[0]
    more = _own(model.custom_extensions, "the semantic model")
    try:
        return MetricFile.model_validate(
            {
                "datasets": [_dataset(d) for d in model.datasets],
                "relationships": [r.model_dump(by_alias=True) for r in model.relationships or ()],
                "metrics": _metrics(model, more.get("metrics", [])),
                "verified_queries": more.get("verified_queries", []),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"The document does not hold definitions: {at}: {first['msg']}", value=at) from None


def _dataset(dataset: OssieDataset) -> dict[str, Any]:
    fields = [(f, _own(f.custom_extensions, f"field {f.name!r}")) for f in dataset.fields or ()]
    return {
        **_own(dataset.custom_extensions, f"dataset {dataset.name!r}"),
        "name": dataset.name,
        "source": dataset.source,
        "grain": dataset.primary_key or (),
        "description": dataset.description or "",
        "synonyms": _synonyms(dataset.ai_context),
        "dimensions": [_dimension(f, more) for f, more in fields if more.get("role") == "dimension"],
    }


def _dimension(field: OssieField, more: dict[str, Any]) -> dict[str, Any]:
    words = {_hashable(value): said for value, said in more["words"]} if "words" in more else None
    return {
        "name": field.name,
        "column": more.get("column", field.name),
        "synonyms": _synonyms(field.ai_context),
        "description": field.description or "",
        "values": words if words is not None else more.get("values", "auto"),
    }


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, bool, int, float)) else str(value)


def _metrics(model: SemanticModel, whole: list[Any]) -> list[dict[str, Any]]:
    """In the order of the definitions: those that travel whole say at which place they stood."""
    found = [m for metric in model.metrics or () if (m := _metric(metric)) is not None]
    for place, definition in whole:
        found.insert(place, definition)
    return found


def _metric(metric: OssieMetric) -> dict[str, Any] | None:
    more = _own(metric.custom_extensions, f"metric {metric.name!r}")
    if more.get("role") == "generated":
        return None
    if "kind" not in more:
        raise InvalidInput(
            f"Metric {metric.name!r} does not say its kind: it was not written by `transect metrics export`.",
            code="invalid_ossie",
            value=metric.name,
            hint="Define it in metrics/*.yml; an expression alone does not say how its numbers are known.",
        )
    others = {e.vendor_name: _loads(e, metric.name) for e in metric.custom_extensions or () if e.vendor_name != VENDOR}
    return {
        **more,
        "name": metric.name,
        "description": metric.description or "",
        "synonyms": _synonyms(metric.ai_context),
        "custom_extensions": others | more.get("custom_extensions", {}),
    }


def _synonyms(context: AIContext | None) -> tuple[str, ...]:
    return (context.synonyms or ()) if context is not None else ()


def _own(extensions: tuple[Extension, ...] | None, where: str) -> dict[str, Any]:
    data: Any = next((_loads(e, where) for e in extensions or () if e.vendor_name == VENDOR), {})
    if not isinstance(data, dict):
        raise InvalidInput(f"The extension of {where} is not a mapping.", code="invalid_ossie", value=where)
    return data


def _loads(extension: Extension, where: str) -> Any:
    try:
        return json.loads(extension.data)
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"An extension of {where} is not JSON: {error.msg}.", code="invalid_ossie", value=where
        ) from None
