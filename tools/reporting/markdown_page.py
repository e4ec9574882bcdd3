"""The Markdown that our own templates write, as one HTML page that fetches nothing and runs nothing.

What it knows: headings, paragraphs, bullet lists, tables, quotes, fenced code, pictures on a line of their own; in a
line **strong**, *emphasis* and `code`. Everything else is text, and all text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

_HEADING = re.compile(r"(#{1,4}) (.+)")
_PICTURE = re.compile(r"!\[(?P<alt>.*)\]\((?P<name>[^()\s]+)\)")
_FENCE = re.compile("`{3,}")
_CELL = re.compile(r"(?<!\\)\|")
_MARK = re.compile(r"`([^`]+)`|\*\*(?!\s)(.+?)(?<!\s)\*\*|(?<![\w*])\*(?![\s*])(.+?)(?<![\s*])\*(?![\w*])")
_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")  # kept on one line
_ESCAPED = re.compile(r"\\([\\`*_|\[\]<>#-])")
_HELD = "\ue000"  # a private character: text from data never holds one


def markdown_page(text: str, *, title: str, pictures: Mapping[str, str]) -> str:
    """The page.

    Args:
        text: Markdown.
        title: of the window.
        pictures: file name -> SVG, put into the page in place of `![alt](name)`.

    Raises:
        KeyError: a picture that is not among them.
    """
    body = "\n".join(_blocks(text.split("\n"), pictures))
    return _fill(_template("page.html"), title=escape(title), style=_template("page.css"), body=body + "\n")


def _blocks(lines: Sequence[str], pictures: Mapping[str, str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif fence := _FENCE.match(line):
            end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith(fence[0])), len(lines))
            yield f"<pre><code>{escape(chr(10).join(lines[at + 1 : end]))}</code></pre>"
            at = end + 1
        elif heading := _HEADING.fullmatch(line):
            level = len(heading[1])
            yield f"<h{level}>{inline(heading[2])}</h{level}>"
            at += 1
        elif picture := _PICTURE.fullmatch(line):
            yield _figure(pictures[picture["name"]], alt=_plain(picture["alt"]))
            at += 1
        else:
            kind = _kind(line)
            end = next(
                (i for i in range(at, len(lines)) if not lines[i].strip() or _kind(lines[i]) != kind), len(lines)
            )
            yield _block(kind, lines[at:end])
            at = end


def _kind(line: str) -> str:
    for kind, start in (("list", "- "), ("quote", "> "), ("table", "|")):
        if line.startswith(start):
            return kind
    return "break" if line.startswith(("#", "```", "![")) else "text"


def _block(kind: str, lines: Sequence[str]) -> str:
    if kind == "list":
        return "<ul>\n" + "\n".join(f"<li>{inline(line[2:])}</li>" for line in lines) + "\n</ul>"
    if kind == "quote":
        return f"<blockquote><p>{inline(' '.join(line[2:] for line in lines))}</p></blockquote>"
    if kind == "table":
        return _table([_cells(line) for line in lines])
    return f"<p>{inline(' '.join(lines))}</p>"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELL.split(line.strip()[1:-1])]


def _table(rows: Sequence[Sequence[str]]) -> str:
    """A row of names, which may all be empty, one of dashes (`---:` is a column of numbers), then the rows."""
    head, dashes, body = rows[0], rows[1], rows[2:]
    right = [dash.endswith(":") for dash in dashes]
    shown = ['<div class="scroll"><table>']
    if any(head):
        names = (f'<th scope="col"{_class(r)}>{inline(cell)}</th>' for cell, r in zip(head, right, strict=True))
        shown.append(f"<thead><tr>{''.join(names)}</tr></thead>")
    shown.append("<tbody>")
    for row in body:
        total = ' class="total"' if row[0].startswith("**") else ""
        first = f'<tr{total}><th scope="row">{inline(row[0].strip("*") if total else row[0])}</th>'
        rest = (f"<td{_class(r)}>{inline(cell)}</td>" for cell, r in zip(row[1:], right[1:], strict=True))
        shown.append(first + "".join(rest) + "</tr>")
    return "\n".join([*shown, "</tbody></table></div>"])


def _class(right: bool) -> str:
    return ' class="number"' if right else ""


def inline(text: str) -> str:
    """The marks within a line; everything else escaped."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match[1])
        return f"{_HELD}{len(held) - 1}{_HELD}"

    shown = escape(_ESCAPED.sub(hold, text.replace(_HELD, "")), quote=False)
    shown = _DAY.sub(r"<time>\g<0></time>", _MARK.sub(_marked, shown))
    return re.sub(f"{_HELD}(\\d+){_HELD}", lambda m: escape(held[int(m[1])], quote=False), shown)


def _marked(match: re.Match[str]) -> str:
    if match[1] is not None:
        return f"<code>{match[1]}</code>"
    if match[2] is not None:
        return f"<strong>{match[2]}</strong>"
    return f"<em>{match[3]}</em>"


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda m: m[1], text)


def _figure(svg: str, *, alt: str) -> str:
    """The picture in the page; a reader of the screen hears `alt` in place of its marks."""
    opened = svg[svg.index("<svg") :]
    labelled = f'<svg role="img" aria-label="{escape(alt)}"' + opened.removeprefix("<svg")
    return f"<figure>{labelled.strip()}</figure>"


def escape_markdown(text: str) -> str:
    """Text from data as text of a line or of a table's cell."""
    return re.sub(r"([\\`*|\[\]])", r"\\\1", text)


def _fill(template: str, **values: str) -> str:
    wanted = set(re.findall(r"\{\{(\w+)\}\}", template))
    if wanted != set(values):
        raise ValueError(f"placeholders and values differ: {sorted(wanted ^ set(values))}")
    return re.sub(r"\{\{(\w+)\}\}", lambda m: values[m[1]], template)


@cache
def _template(name: str) -> str:
    return files("tools.reporting").joinpath("templates", name).read_text(encoding="utf-8")
