"""A value from data as a cell of a CSV file that somebody may open in a spreadsheet."""

from __future__ import annotations

import json
import re
from typing import Any

# What makes a formula of a cell, for OWASP ("CSV Injection"); blanks before it do not help. The last four are how it
# is written in the width of Chinese and Japanese.
_FORMULA = re.compile(r"[\t\r]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_MARKED = re.compile(rf"'(?={_FORMULA.pattern})")


def csv_cell(value: Any) -> Any:
    """The value for `csv.writer`: text that a spreadsheet would take for a formula begins with an apostrophe.

    Numbers, dates and truth values are written as they are, a list or object as JSON, nothing for NULL.
    """
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return exact_cell(value)


def exact_cell(value: Any) -> Any:
    """As `csv_cell`, texts as they are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def without_mark(text: str) -> str:
    """The text that `csv_cell` made a cell of, as a spreadsheet shows it."""
    return text[1:] if text[:1] == "'" and _MARKED.match(text) else text
