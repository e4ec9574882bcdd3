"""The table of an answer: Slack's own table where it fits, aligned text where it does not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from slackbot.plain import Block, cut, one_line, plain_text
from tools.reporting.text_width import columns as text_width
from tools.reporting.text_width import pad

_ROWS = 100  # with the head
_COLUMNS = 20
_CHARACTERS = 9000
_TEXT = 2900
_CELL = 200
_NUMBER = re.compile(r"[+\u2212-]?[$€£]?\d|fewer than|less than|more than|too few|undefined")


def draw_table(rows: Sequence[Sequence[str]], *, as_text: bool = False) -> list[Block]:
    """Blocks for a table whose first row is its head; what does not fit is counted below."""
    if not rows or not rows[0]:
        return []
    width = len(rows[0])
    cells = [[cut(one_line(cell), _CELL) or "-" for cell in (*row, *[""] * width)[:width]] for row in rows]
    plain = as_text or width > _COLUMNS
    shown = _fitting(cells, plain)
    block = _as_text(shown) if plain else _as_table(shown)
    left = len(cells) - len(shown)
    note: Block = {"type": "context", "elements": [plain_text(f"{left} more rows are not shown here.", most=100)]}
    return [block, *([note] if left else [])]


def _fitting(cells: list[list[str]], plain: bool) -> list[list[str]]:
    """The first rows, as many as Slack takes."""
    room = _TEXT if plain else _CHARACTERS
    line = sum(_widths(cells)) + 2 * len(cells[0])
    kept: list[list[str]] = []
    for row in cells[:_ROWS]:
        room -= line if plain else sum(map(len, row))
        if room < 0 and kept:
            break
        kept.append(row)
    return kept


def _as_table(cells: list[list[str]]) -> Block:
    settings = [{"align": "right" if right else "left"} for right in _to_right(cells)]
    rows = [[{"type": "raw_text", "text": cell} for cell in row] for row in cells]
    return {"type": "table", "column_settings": settings, "rows": rows}


def _as_text(cells: list[list[str]]) -> Block:
    widths, right = _widths(cells), _to_right(cells)
    lines = [
        "  ".join(pad(cell, width, right=r) for cell, width, r in zip(row, widths, right, strict=True)).rstrip()
        for row in cells
    ]
    text = {"type": "text", "text": cut("\n".join(lines), _TEXT)}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [text]}]}


def _widths(cells: list[list[str]]) -> list[int]:
    return [max(text_width(row[i]) for row in cells) for i in range(len(cells[0]))]


def _to_right(cells: list[list[str]]) -> list[bool]:
    """Columns of numbers go to the right."""
    body = cells[1:] or cells
    return [all(_NUMBER.match(row[i]) or row[i] == "-" for row in body) for i in range(len(cells[0]))]
