"""Objects of a JSON Lines file, or of one JSON array, as rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.errors import InvalidInput
from tools.ingest.detect_encoding import Encoding, detect_encoding
from tools.ingest.name_columns import name_columns
from tools.ingest.parsed import Parsed


def read_json(path: Path, *, canonical: Path, shown: str) -> Parsed:
    """Parse `path` in two passes: the keys of all objects in order of appearance, then the rows.

    Nested values become JSON text; lines that are not JSON objects are reported.

    Raises:
        InvalidInput: empty, not text, or no line holds an object.
    """
    encoding = detect_encoding(path)
    keys: dict[str, None] = {}
    nested: dict[str, None] = {}
    for _, value in _values(path, encoding):
        if isinstance(value, dict):
            keys.update(dict.fromkeys(value))
            nested.update((k, None) for k, v in value.items() if isinstance(v, dict | list))
    if not keys:
        raise InvalidInput("no line holds a JSON object", where=f"{shown}:1")
    headers = list(keys)
    parsed = Parsed(shown, name_columns(headers), headers)
    parsed.notes += encoding.notes
    parsed.notes += [f"{key}: nested values kept as JSON text" for key in nested]
    with canonical.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for line, value in _values(path, encoding):
            if value is None:
                parsed.blank_lines += 1
                continue
            parsed.rows_in_file += 1
            if not isinstance(value, dict):
                parsed.report(line, value if isinstance(value, _Broken) else "not a JSON object")
            elif all(v is None or v == "" for v in value.values()):
                parsed.report(line, "every field is empty")
            else:
                writer.writerow([*(_text(value.get(key)) for key in headers), str(line)])
                parsed.rows_kept += 1
    return parsed


class _Broken(str):
    """Why a line is not JSON."""


def _values(path: Path, encoding: Encoding) -> Iterator[tuple[int, Any]]:
    """(line, value); None for blank lines, `_Broken` for lines that are not JSON."""
    with path.open("r", encoding=encoding.name, errors=encoding.errors) as stream:
        first = stream.read(1).lstrip()
        while not first and (char := stream.read(1)):
            first = char.strip()
        stream.seek(0)
        if first == "[":
            yield from _array(stream.read())
            return
        for line, text in enumerate(stream, start=1):
            if not text.strip():
                yield line, None
                continue
            try:
                yield line, json.loads(text)
            except ValueError as error:
                yield line, _Broken(f"not JSON: {error}")


def _array(text: str) -> Iterator[tuple[int, Any]]:
    """Items of one array, with the line each starts on."""
    decoder = json.JSONDecoder()
    at, line, counted = text.index("[") + 1, 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        line += text.count("\n", counted, at)
        counted = at
        if at >= len(text) or text[at] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError as error:
            yield line, _Broken(f"not JSON: {error}; the rest of the array was not read")
            return
        yield line, value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
