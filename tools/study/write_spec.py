"""A study as commented YAML that people are happy to edit; it reads back as the same study."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from tools.study.spec import StratifiedDesign, StudySpec
from tools.workspace.core_schema import read_plain

_PLAIN = re.compile(r"[A-Za-z_\u00c0-\uffef][^\n\r\t#:,\[\]{}&*!|>'\"%@`?\\]*")
_COLUMN = 44  # where comments start


def write_spec(spec: StudySpec) -> str:
    """The text of study.yml."""
    return "\n".join(line.rstrip() for line in _lines(spec)) + "\n"


def _lines(spec: StudySpec) -> Iterator[str]:
    estimand, frame, design, size = spec.estimand, spec.frame, spec.design, spec.size
    yield "# A prevalence study. Edit it until it is planned; after that, an edit needs a new plan and a new approval."
    yield "# The format, key by key: transect schema study"
    yield f"id: {_value(spec.id)}"
    yield f"title: {_value(spec.title)}"
    yield ""
    yield "estimand:"
    yield f"  words: {_value(estimand.words)}"
    yield _noted(f"  policy: {_value(estimand.policy)}", "what is a violation, and how a labeller decides")
    yield _noted(f"  positive: {_list(estimand.positive)}", "labels that count")
    yield _noted(f"  unresolved: {_list(estimand.unresolved)}", "labels that decide nothing")
    yield ""
    yield "frame:"
    yield (
        _noted(f"  dataset: {_value(frame.dataset)}", "its required filters apply")
        if frame.dataset
        else f"  table: {_value(frame.table)}"
    )
    for key in ("id", "unit", "time"):
        if getattr(frame, key) is not None:
            yield f"  {key}: {_value(getattr(frame, key))}"
    if frame.period is not None:
        period = f"  period: {{from: {frame.period.start}, to: {frame.period.end}}}"
        yield _noted(period, "the day `to` is not included")
    yield from _list_of("where", [_mapping(p.model_dump(by_alias=True, exclude_none=True)) for p in frame.where])
    yield from _list_of("leaves_out", [_value(each) for each in frame.leaves_out])
    yield ""
    yield "design:"
    yield _noted(f"  type: {design.type}", "srs or stratified")
    if isinstance(design, StratifiedDesign):
        yield _noted(f"  strata: {_value(design.strata)}", "a column that is known before anybody labels")
        yield _noted(f"  allocation: {design.allocation}", "proportional, equal or neyman")
        if design.spread is not None:
            yield f"  spread: {_value(design.spread)}"
        if design.minimum != type(design).model_fields["minimum"].default:
            yield f"  minimum: {design.minimum}"
    yield "size:"
    if size.n is not None:
        yield f"  n: {size.n}"
    if size.width is not None:
        yield _noted(f"  width: {size.width}", "of the whole interval")
    yield _noted(f"  prevalence: {size.prevalence}", "assumed, for the expected interval")
    yield f"level: {spec.level}"
    yield _noted(f"seed: {spec.seed}", "decides the draw; do not choose it by its result")
    yield _noted(f"labels: {spec.labels}", "people, or model (then people check some)")
    yield _noted(f"max_missing: {spec.max_missing}", "share of drawn units that may stay without a label")
    yield _noted(f"breakdowns: {_list(spec.breakdowns)}", "columns, at most three")
    yield _noted(f"audience: {_list(spec.audience)}", "roles that will read the draft")


def _noted(text: str, note: str) -> str:
    return f"{text.ljust(_COLUMN)}  # {note}"


def _list_of(key: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"  {key}:"
        yield from (f"    - {item}" for item in items)


def _mapping(data: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in data.items()) + "}"


def _list(values: Sequence[Any]) -> str:
    return "[" + ", ".join(_value(value) for value in values) + "]"


def _value(value: Any) -> str:
    """A scalar, plain where it reads back as the same text; else as JSON, which is YAML."""
    if isinstance(value, list | tuple):
        return _list(value)
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value == value.strip() and read_plain(value) == value
        return value if plain else json.dumps(value, ensure_ascii=not value.isprintable())
    return json.dumps(value)
