"""A value from data as a cell of a Markdown table, whatever is in it."""

from __future__ import annotations

import re

from tools.reporting.format import clean_text
from tools.reporting.inert import make_inert

_MARKS = re.compile(r"([\\`|])")


def table_cell(value: str) -> str:
    """The text on one line: no character that hides or turns others, no link, tag, code mark or end of the cell."""
    return _MARKS.sub(r"\\\1", make_inert(clean_text(value)))
