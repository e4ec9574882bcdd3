"""What Slack's documentation allows in a message, written down apart from the code that draws messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MOST_BLOCKS = 50
SECTION, HEADER, ALT, BUTTON_TEXT, BUTTON_VALUE, CONFIRM_TEXT = 3000, 150, 2000, 75, 2000, 300
ACTION_ID = BLOCK_ID = 255
TABLE_ROWS, TABLE_COLUMNS, TABLE_CHARACTERS = 100, 20, 10_000
TEXT = 40_000
METADATA_BYTES = 8_000

FENCED = re.compile(r"```(?:(?!```).)*```", re.DOTALL)


def faults_of(message: dict[str, Any]) -> list[str]:
    """Everything in a message that Slack would refuse; empty when it would take it."""
    blocks = message.get("blocks") or []
    found = [] if len(blocks) <= MOST_BLOCKS else [f"{len(blocks)} blocks"]
    if len(str(message.get("text") or "")) > TEXT:
        found.append("text too long")
    if sum(block.get("type") == "table" for block in blocks) > 1:
        found.append("more than one table")
    named = [block["block_id"] for block in blocks if "block_id" in block]
    if len(named) != len(set(named)):
        found.append("a block_id twice")
    for number, block in enumerate(blocks):
        found += [f"block {number} ({block.get('type')}): {fault}" for fault in _block(block)]
    return found


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block.get("type")
    rules = {
        "section": _section,
        "rich_text": _rich,
        "image": _image,
        "table": _table,
        "actions": _actions,
        "context": _context,
    }
    if kind not in rules:
        yield "unknown type"
        return
    yield from rules[kind](block)


def _section(block: dict[str, Any]) -> Iterator[str]:
    yield from _text(block.get("text"), most=SECTION)


def _text(text: Any, *, most: int, plain: bool = False) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        yield "no text object"
        return
    length = len(str(text.get("text") or ""))
    if not 1 <= length <= most:
        yield f"text of {length} characters, 1 to {most} allowed"
    if text["type"] == "mrkdwn" and "emoji" in text:
        yield "emoji in mrkdwn"


def _image(block: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(str(block.get("alt_text") or "")) <= ALT:
        yield "alt_text"
    if not re.fullmatch(r"F[A-Z0-9]{8,}", str((block.get("slack_file") or {}).get("id") or "")):
        yield "slack_file"


def _rich(block: dict[str, Any]) -> Iterator[str]:
    if not block.get("elements"):
        yield "empty"
    for part in block.get("elements") or ():
        if part.get("type") not in ("rich_text_section", "rich_text_list", "rich_text_preformatted"):
            yield f"element {part.get('type')}"
        inner = part.get("elements") or []
        if not inner:
            yield "empty element"
        for item in inner:
            leaves = item.get("elements", []) if item.get("type") == "rich_text_section" else [item]
            if any(leaf.get("type") != "text" or not leaf.get("text") for leaf in leaves) or not leaves:
                yield "a leaf that is no text"


def _table(block: dict[str, Any]) -> Iterator[str]:
    rows = block.get("rows") or []
    if not 1 <= len(rows) <= TABLE_ROWS or any(not 1 <= len(row) <= TABLE_COLUMNS for row in rows):
        yield "size"
    if len({len(row) for row in rows}) > 1:
        yield "ragged"
    cells = [cell for row in rows for cell in row]
    if any(cell.get("type") != "raw_text" or not cell.get("text") for cell in cells):
        yield "a cell that is no raw text"
    if sum(len(str(cell.get("text"))) for cell in cells) > TABLE_CHARACTERS:
        yield "too many characters"


def _context(block: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(block.get("elements") or []) <= 10:
        yield "elements"
    for element in block.get("elements") or ():
        yield from _text(element, most=2000)


def _actions(block: dict[str, Any]) -> Iterator[str]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= 25:
        yield "elements"
    actions = [element.get("action_id") for element in elements]
    if len(actions) != len(set(actions)):
        yield "an action_id twice"
    for element in elements:
        if element.get("type") != "button" or not 1 <= len(str(element.get("action_id") or "")) <= ACTION_ID:
            yield "no button"
        yield from _text(element.get("text"), most=BUTTON_TEXT, plain=True)
        if not 1 <= len(str(element.get("value") or "")) <= BUTTON_VALUE:
            yield "value"
        confirm = element.get("confirm")
        if confirm is not None:
            yield from _text(confirm.get("title"), most=100, plain=True)
            yield from _text(confirm.get("text"), most=CONFIRM_TEXT)
            yield from _text(confirm.get("confirm"), most=30, plain=True)
            yield from _text(confirm.get("deny"), most=30, plain=True)


def live_parts(message: dict[str, Any]) -> list[str]:
    """Everything in a message that could act: links, mentions, marks, emoji, unfurling; empty when all is text."""
    text = str(message.get("text") or "")
    found = [] if not re.search(r"[<>*_~`]|://|@\w|&(?!(amp|lt|gt);)", text) else [f"text: {text[:80]}"]
    if message.get("unfurl_links") is not False or message.get("unfurl_media") is not False:
        found.append("unfurling is not off")
    if message.get("link_names") or message.get("parse") != "none":
        found.append("names are linked")
    for part in _objects(message.get("blocks") or []):
        if part.get("type") == "mrkdwn":
            body = str(part.get("text"))
            inside = FENCED.fullmatch(body)
            if inside is None or re.search(r"[<>]|&(?!(amp|lt|gt);)", body) or part.get("verbatim") is not True:
                found.append(f"mrkdwn outside a code block: {body[:80]}")
        if part.get("type") == "plain_text" and part.get("emoji") is not False:
            found.append("emoji are on")
        if part.get("type") in ("link", "user", "usergroup", "channel", "broadcast", "emoji", "date", "markdown"):
            found.append(f"a live element: {part['type']}")
        if "image_url" in part or "url" in part:
            found.append("an address")
    return found


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def words_of(message: dict[str, Any]) -> str:
    """Every text in a message, buttons' values included."""
    parts = [str(message.get("text") or "")]
    for part in _objects(message.get("blocks") or []):
        parts += [str(part[key]) for key in ("text", "value", "alt_text") if isinstance(part.get(key), str)]
    return "\n".join(parts)
