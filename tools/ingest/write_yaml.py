"""Definitions as YAML 1.2 that people are happy to edit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tools.metrics.definitions import Dataset, Dimension, MetricFile

_WIDTH = 118
_PLAIN = re.compile(r"[A-Za-z\u00c0-\uffef][^\n\r\t#:,\[\]{}&*!|>'\"%@`?\\]*")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~", "nan", "inf"}


def write_yaml(file: MetricFile, *, heading: Sequence[str] = (), notes: Mapping[str, str] | None = None) -> str:
    """`file` as text that loads back to equal definitions.

    Arguments:
        heading: comment lines above everything.
        notes: a comment for a dimension, by `dataset.dimension`.
    """
    lines = [f"# {line}".rstrip() for line in heading]
    if file.datasets:
        lines += ["", "datasets:"]
        for dataset in file.datasets:
            lines += _dataset(dataset, notes or {})
    for section in ("relationships", "metrics"):
        items = getattr(file, section)
        if items:
            lines += ["", f"{section}:"]
            for item in items:
                lines += _item(_plain(item))
    return "\n".join(lines).lstrip("\n") + "\n"


def _dataset(dataset: Dataset, notes: Mapping[str, str]) -> list[str]:
    facts = _plain(dataset)
    dimensions, measures = facts.pop("dimensions", []), facts.pop("measures", [])
    lines = _item(facts)
    if dimensions:
        lines.append("    dimensions:")
        for dimension in dimensions:
            if note := notes.get(f"{dataset.name}.{dimension['name']}"):
                lines.append(f"      # {note}")
            lines += _entry(dimension, indent=6)
    if measures:
        lines.append("    measures:  # each aggregation is a metric, such as average_" + str(measures[0]["name"]))
        for measure in measures:
            lines += _entry(measure, indent=6)
    return lines


def _plain(model: Any) -> dict[str, Any]:
    """Fields that differ from their defaults, `kind` and `values` always, under the names of the format."""
    found: dict[str, Any] = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        required = info.is_required() or name == "kind" or (isinstance(model, Dimension) and name == "values")
        if not required and value == info.get_default(call_default_factory=True):
            continue
        found[info.alias or name] = _value(value)
    return found


def _value(value: Any) -> Any:
    if hasattr(type(value), "model_fields"):
        return _plain(value)
    if isinstance(value, tuple | list):
        return [_value(v) for v in value]
    if isinstance(value, dict):
        return {k: _value(v) for k, v in value.items()}
    return value


def _item(facts: dict[str, Any]) -> list[str]:
    """A block mapping in a list, each value on its line."""
    lines = []
    for number, (key, value) in enumerate(facts.items()):
        lead = "  - " if number == 0 else "    "
        lines += _wrapped(f"{lead}{key}: ", value)
    return lines


def _entry(facts: dict[str, Any], *, indent: int) -> list[str]:
    """One line where it fits, else a block."""
    blank = " " * indent
    line = f"{blank}- {_flow(facts)}"
    if len(line) <= _WIDTH:
        return [line]
    lines = []
    for number, (key, value) in enumerate(facts.items()):
        lead = f"{blank}- " if number == 0 else f"{blank}  "
        lines += _wrapped(f"{lead}{key}: ", value)
    return lines


def _wrapped(lead: str, value: Any) -> list[str]:
    line = lead + _flow(value)
    if len(line) <= _WIDTH or not isinstance(value, list | dict) or not value:
        return [line]
    start, end = ("[", "]") if isinstance(value, list) else ("{", "}")
    blank = " " * (len(lead) - len(lead.lstrip(" -")) + 2)
    parts = (
        [_flow(v) for v in value] if isinstance(value, list) else [f"{scalar(k)}: {_flow(v)}" for k, v in value.items()]
    )
    lines, current = [lead + start], blank
    for number, part in enumerate(parts):
        piece = part + ("," if number < len(parts) - 1 else "")
        if len(current) + len(piece) + 1 > _WIDTH and current.strip():
            lines.append(current.rstrip())
            current = blank
        current += piece + " "
    return [*lines, current.rstrip(), blank[:-2] + end]


def _flow(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    return scalar(value)


def scalar(value: Any) -> str:
    """A scalar that reads back as itself; text that looks like anything else is quoted."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if text.isprintable() and _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _RESERVED:
        return text
    return _UNPRINTABLE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
