"""What a command prints: JSON, lines and tables on stdout; progress on stderr."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from pydantic import BaseModel

from tools.reporting.text_width import columns as text_width
from tools.reporting.text_width import fit, pad


def print_json(document: Any) -> None:
    """One JSON document, indented."""
    print(json.dumps(_plain(document), ensure_ascii=False, allow_nan=False, indent=2))


def print_json_line(document: Any) -> None:
    """One JSON document on a line of its own, at once."""
    print(json.dumps(_plain(document), ensure_ascii=False, allow_nan=False), flush=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, cut: bool = False) -> None:
    """One line a row, columns padded to their widest cell, numbers to the right; `cut` fits lines to a terminal."""
    cells = [[format_cell(value) for value in row] for row in rows]
    widths = [max([text_width(column), *(text_width(row[i]) for row in cells)]) for i, column in enumerate(columns)]
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(columns))]
    if cut and sys.stdout.isatty():
        widths[-1] = min(widths[-1], max(terminal_width(most=200) - sum(widths[:-1]) - 2 * len(widths) + 2, 20))
    for row in [list(columns), ["-" * each for each in widths], *cells]:
        row[-1] = fit(row[-1], widths[-1])
        print("  ".join(pad(c, w, right=r) for c, w, r in zip(row, widths, right, strict=True)).rstrip())


def format_cell(value: Any) -> str:
    """One cell as text on one line; NULL is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:,.6g}"
    from tools.reporting.format import clean_text  # start-up

    return clean_text(str(value))


def wrap(text: str, *, label: str = "") -> str:
    """Text filled to the terminal's width; with a label, as a paragraph hanging beside it."""
    indent = " " * 14
    first = f"  {label}".ljust(14) if label else ""
    return textwrap.fill(
        text,
        terminal_width(),
        initial_indent=first,
        subsequent_indent=indent if label else "",
        break_long_words=False,
        break_on_hyphens=False,
    )


def bullet(text: str) -> str:
    """One item of a list, filled to the terminal's width."""
    return textwrap.fill(
        text,
        terminal_width(),
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))


def print_progress(step: str, share: float | None = None) -> None:
    """The step on stderr when a person watches, each over the one before; nothing when not. `share` done is 0..1."""
    if _is_styled(sys.stderr):
        done = "" if share is None else f"{share:4.0%} "
        end = "\r" if share is None or share < 1 else "\r\x1b[K"
        print(f"\x1b[K{done}{step}", end=end, file=sys.stderr, flush=True)


def embolden(text: str) -> str:
    """Bold on a terminal that wants it, else the text as it is."""
    return f"\x1b[1m{text}\x1b[0m" if _is_styled(sys.stdout) else text


def near_path(path: Path) -> str:
    """The path from the current folder where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) and not relative.startswith("..") else str(path)


def _is_styled(stream: TextIO) -> bool:
    """Whether colour and progress are welcome: on a terminal, without NO_COLOR."""
    from tools.workspace.environment import read_variable  # start-up

    return stream.isatty() and not read_variable("NO_COLOR") and read_variable("TERM") not in (None, "dumb")


def terminal_width(*, most: int = 100) -> int:
    """Columns to fill: the terminal's, at most `most`; 80 when not a terminal."""
    return min(shutil.get_terminal_size((80, 24)).columns, most) if sys.stdout.isatty() else 80


def _plain(value: Any) -> Any:
    """A value as JSON has it. A number that is none (NaN, infinity) is null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return _plain(int(value) if value == value.to_integral_value() else float(value)) if value.is_finite() else None
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray | memoryview):
        return [_plain(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
