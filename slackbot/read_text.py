"""The Markdown of an answer, taken apart: sections, and in each its paragraphs, lists, tables and code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

_HEADING = re.compile(r"#{1,6} +(.*)")
_BULLET = re.compile(r"\s*(?:[-*]|\d+\.) +(.*)")
_CELLS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|?[\s:|-]+\|[\s:|-]*")
_EMPHASIS = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`")


@dataclass(frozen=True)
class Part:
    """A piece of a section: `lines` of a paragraph or code, items of a list; `rows` of a table, its head first."""

    kind: Literal["paragraph", "list", "table", "code"]
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def read_text(text: str) -> dict[str, list[Part]]:
    """Sections by heading, in order; what stands before the first heading is under the empty one."""
    sections: dict[str, list[Part]] = {}
    heading, pending, fenced = "", list[tuple[str, str]](), False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
            pending.append(("", ""))
        elif fenced:
            pending.append(("code", line))
        elif found := _HEADING.fullmatch(line):
            sections.setdefault(heading, []).extend(_parts(pending))
            heading, pending = found[1].strip(), []
        else:
            pending.append(_classify(line))
    sections.setdefault(heading, []).extend(_parts(pending))
    return {name: parts for name, parts in sections.items() if parts}


def _classify(line: str) -> tuple[str, str]:
    if not line.strip():
        return ("", "")
    if line.lstrip().startswith("|"):
        return ("table", line.strip())
    if found := _BULLET.fullmatch(line):
        return ("list", strip_marks(found[1]))
    return ("paragraph", strip_marks(line.strip()))


def _parts(lines: list[tuple[str, str]]) -> list[Part]:
    """Neighbouring lines of one kind as one part."""
    found: list[Part] = []
    run: list[str] = []
    for (kind, line), (after, _) in pairwise([*lines, ("", "")]):
        if kind:
            run.append(line)
        if run and kind and after != kind:
            found.append(_part(kind, run))
            run = []
    return found


def _part(kind: str, lines: list[str]) -> Part:
    if kind == "table":
        rows = [_cells(line) for line in lines if not _RULE.fullmatch(line)]
        return Part("table", rows=tuple(rows))
    if kind == "list":
        return Part("list", tuple(lines))
    return Part("code" if kind == "code" else "paragraph", tuple(lines))


def _cells(line: str) -> tuple[str, ...]:
    inside = line.removeprefix("|").removesuffix("|")
    return tuple(strip_marks(cell.strip().replace("\\|", "|")) for cell in _CELLS.split(inside))


def strip_marks(text: str) -> str:
    """Emphasis and code marks off: the words stay."""
    return _EMPHASIS.sub(lambda found: found[1] or found[2], text)
