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
    """One JSON document, indented; written in pieces, since a million rows as one string take gigabytes."""
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=2)
    sys.stdout.writelines(encoder.iterencode(_plain(document)))
    print()


def print_json_line(document: Any) -> None:
    """One JSON document on a line of its own, at once."""
    print(json.dumps(_plain(document), ensure_ascii=False, allow_nan=False), flush=True)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    right: Set[str] = frozenset(),
    width: int | None = None,
    exact: bool = False,
) -> None:
    """One line a row, columns padded to their widest cell, numbers to the right.

    Args:
        columns: their names.
        rows: one value a column.
        right: columns of numbers in words (`13.4%`), which go to the right as well.
        width: fill the last column to lines that fit in so many columns; no limit by default.
        exact: numbers as the warehouse has them, for a year or an id is no quantity.
    """
    columns, right = [format_cell(name) for name in columns], {format_cell(name) for name in right}
    cells = [[format_cell(value, exact=exact) for value in row] for row in rows]
    widths = [max([text_width(column), *(text_width(row[i]) for row in cells)]) for i, column in enumerate(columns)]
    to_right = [
        name in right or (bool(rows) and all(_is_number(row[i]) for row in rows)) for i, name in enumerate(columns)
    ]
    if width is not None:
        widths[-1] = min(widths[-1], max(width - sum(widths[:-1]) - 2 * len(widths) + 2, 20))
    for row in [list(columns), ["-" * each for each in widths], *cells]:
        for line in _lines_of(row, widths[-1]) if width is not None else [row]:
            padded = (pad(c, w, right=r) for c, w, r in zip(line, widths, to_right, strict=True))
            print("  ".join(padded).rstrip())


def _lines_of(row: Sequence[str], last: int) -> list[list[str]]:
    """A row whose last cell is filled to `last` columns, as lines."""
    filled = textwrap.wrap(row[-1], last, break_on_hyphens=False) or [""]
    return [[*(row[:-1] if i == 0 else [""] * (len(row) - 1)), fit(text, last)] for i, text in enumerate(filled)]


def format_cell(value: Any, *, exact: bool = False) -> str:
    """One cell as text on one line, numbers with thousands separators unless `exact`; NULL is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if exact else f"{value:,.6g}"
    if isinstance(value, int | Decimal) and not exact:
        return f"{value:,}"
    from tools.reporting.format import clean_text  # start-up

    return clean_text(str(value))


def print_sql(statements: Sequence[str], *, title: str = "SQL") -> None:
    """Statements under one heading, a blank line between them."""
    if not statements:
        return
    print("\n" + embolden(title))
    print("\n\n".join("\n".join(f"  {line}" for line in text.strip().splitlines()) for text in statements))


def wrap(text: str, *, label: str = "", indent: int = 14) -> str:
    """Text filled to the terminal's width; with a label, as a paragraph hanging beside it."""
    left = " " * indent
    first = f"  {label}".ljust(indent) if label else ""
    return textwrap.fill(
        text,
        terminal_width(),
        initial_indent=first,
        subsequent_indent=left if label else "",
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


def clear_progress() -> None:
    """Wipe the line of the last step."""
    if _is_styled(sys.stderr):
        print("\x1b[K", end="\r", file=sys.stderr, flush=True)


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
