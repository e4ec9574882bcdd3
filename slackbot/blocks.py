"""An answer as Slack's blocks: the number first, then caveats, picture and table, how it was found, and buttons.

Everything that comes from the data stands in text that Slack does not read for markup: plain text, rich text and table
cells. SQL alone stands in a code block, escaped, its fence unbreakable. Slack's limits: 50 blocks a message, 3,000
characters a section, 2,000 an alt text or a button's value, 75 a button's label, 100 rows and 20 columns a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.state import Answer, Choice
from slackbot.plain import Block, cut, for_notification, one_line, plain_text
from slackbot.read_text import Part, read_text
from slackbot.table import draw_table

Detail = Literal["full", "no picture", "no table", "short"]
DETAILS: tuple[Detail, ...] = ("full", "no picture", "no table", "short")
DETAILS_WITHOUT_PICTURE: tuple[Detail, ...] = ("full", "no table", "short")

MOST_BLOCKS = 50
_SECTION = 3000
_LINE = 600
_LINES = 60
_SQL_SECTIONS = 3
_VALUE = 2000
_LABEL = 75
_NOTHING_SAID = {"None known.", "No figure is shown."}


@dataclass(frozen=True)
class Rendered:
    """A message: `text` for notifications and screen readers, and blocks."""

    text: str
    blocks: tuple[Block, ...]


def render_answer(
    answer: Answer,
    *,
    picture: str | None = None,
    notes: Sequence[str] = (),
    detail: Detail = "full",
    judged: bool = True,
    approval: str | None = None,
) -> Rendered:
    """The message for an answer.

    Args:
        picture: Slack's id of the uploaded chart.
        notes: said beside the answer's own caveats.
        detail: less than everything, where Slack refused more.
        judged: with buttons Right and Wrong.
        approval: the label of a button that approves the study of the answer.
    """
    sections = read_text(answer.text)
    said = [part for part in sections.get("Answer", []) if part.lines != (answer.headline,)]
    blocks = [_headline(answer.headline)]
    if detail != "short":
        blocks += [block for part in said if part.kind != "table" for block in _part(part)]
        blocks += _next_steps(answer)
    blocks += _caveats(sections.get("Caveats", []), notes)
    if picture is not None and answer.chart is not None and detail == "full":
        alt = cut(one_line(answer.chart.alt), _VALUE) or "Chart"
        blocks.append({"type": "image", "slack_file": {"id": picture}, "alt_text": alt})
    tables = [part.rows for part in said if part.kind == "table"] if detail != "short" else []
    for number, rows in enumerate(tables):
        blocks += draw_table(rows, as_text=number > 0 or detail == "no table")
    ground = _ground(sections.get("How this was found", []), answer.sql) if detail in ("full", "no picture") else []
    buttons = _buttons(answer, judged, approval)
    room = MOST_BLOCKS - len(buttons)
    return Rendered(for_notification(answer.headline), (*[*blocks, *ground][:room], *buttons))


def render_notice(text: str, *, steps: Sequence[str] = ()) -> Rendered:
    """A message of ours that holds no answer."""
    blocks = [_headline(text), *([_rich(_list(steps))] if steps else [])]
    return Rendered(for_notification(text), tuple(blocks))


def strip_buttons(blocks: Iterable[Block], *, said: str) -> list[Block]:
    """The blocks of a message without their buttons, with a line in their place."""
    kept = [block for block in blocks if block.get("type") != "actions"]
    return [*kept[: MOST_BLOCKS - 1], {"type": "context", "elements": [plain_text(one_line(said), most=_LINE)]}]


def _headline(text: str) -> Block:
    return _rich({"type": "rich_text_section", "elements": [_words(text, bold=True, most=_SECTION)]})


def _part(part: Part) -> list[Block]:
    if part.kind == "list":
        shown = part.lines[:_LINES]
        more = len(part.lines) - len(shown)
        return [_rich(_list(shown)), *([_paragraph(f"… and {more} more")] if more else [])]
    if part.kind == "code":
        return [_rich({"type": "rich_text_preformatted", "elements": [_words("\n".join(part.lines), most=_SECTION)]})]
    return [_paragraph(" ".join(part.lines))]


def _paragraph(text: str) -> Block:
    return {"type": "section", "text": plain_text(one_line(text), most=_SECTION)}


def _next_steps(answer: Answer) -> list[Block]:
    return [_rich(_title("What next"), _list(answer.next_steps))] if answer.next_steps else []


def _caveats(parts: Sequence[Part], notes: Sequence[str]) -> list[Block]:
    said = [line for part in parts for line in part.lines if line not in _NOTHING_SAID]
    lines = list(dict.fromkeys((*notes, *said)))[:_LINES]
    return [_rich(_title("Caveats"), _list(lines))] if lines else []


def _ground(found: Sequence[Part], sql: Sequence[str]) -> list[Block]:
    """How it was found and the SQL, in sections that Slack folds behind “see more”."""
    lines = [line for part in found for line in part.lines]
    said = "\n".join(f"• {one_line(line)}" for line in lines)
    blocks: list[Block] = []
    if said:
        words = plain_text("How this was found\n" + said, most=_SECTION)
        blocks.append({"type": "section", "text": words, "expand": False})
    fenced = [f"```\n{text}\n```" for text in _pieces("\n\n".join(_code(statement) for statement in sql))]
    for text in fenced[:_SQL_SECTIONS]:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}, "expand": False})
    if len(fenced) > _SQL_SECTIONS:
        blocks.append(_paragraph("The rest of the SQL does not fit here; `transect ask` shows all of it."))
    return blocks


def _code(statement: str) -> str:
    """SQL for a code block: escaped as Slack asks, and without a way out of the block."""
    kept = "".join(c for c in statement.strip() if c == "\n" or c.isprintable())
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("```", "` ` `")


def _pieces(text: str, most: int = _SECTION - 8) -> list[str]:
    """The text in pieces that each fit a section, cut between lines where there are any."""
    pieces: list[str] = []
    while text:
        if len(text) <= most:
            return [*pieces, text]
        at = text.rfind("\n", 1, most)
        at = at if at > 0 else _before_an_escape(text, most)
        pieces.append(text[:at])
        text = text[at:].lstrip("\n")
    return pieces


def _before_an_escape(text: str, most: int) -> int:
    """A place to cut that leaves `&amp;` whole."""
    begun = re.search(r"&\w{0,3}\Z", text[:most])
    return begun.start() if begun and begun.start() > 0 else most


def _buttons(answer: Answer, judged: bool, approval: str | None) -> list[Block]:
    if answer.choices:
        pressed = [_choice(number, choice) for number, choice in enumerate(answer.choices, start=1)]
        return [{"type": "actions", "block_id": "choices", "elements": [b for b in pressed if b is not None]}]
    blocks: list[Block] = []
    if approval is not None and answer.study is not None:
        blocks.append({"type": "actions", "block_id": "study", "elements": [_approve(answer.study.id, approval)]})
    if judged:
        marks = [_button("feedback:right", "Right", "right"), _button("feedback:wrong", "Wrong", "wrong")]
        blocks.append({"type": "actions", "block_id": "feedback", "elements": marks})
    return blocks


def _choice(number: int, choice: Choice) -> Block | None:
    """A button whose value is the choice's question; none where Slack has no room for it."""
    if len(choice.query) > _VALUE:
        return None
    return _button(f"choose:{number}", f"{number}. {one_line(choice.label)}", choice.query)


def _approve(study: str, label: str) -> Block:
    confirm = {
        "title": plain_text("Approve this study?", most=100),
        "text": plain_text(f"{label}. The approval is recorded under your name.", most=300),
        "confirm": plain_text("Approve", most=30),
        "deny": plain_text("Not now", most=30),
    }
    return {**_button("study:approve", label, study), "style": "primary", "confirm": confirm}


def _button(action: str, label: str, value: str) -> Block:
    return {"type": "button", "action_id": action, "text": plain_text(label, most=_LABEL), "value": value}


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _title(text: str) -> Block:
    return {"type": "rich_text_section", "elements": [_words(text, bold=True)]}


def _list(lines: Sequence[str]) -> Block:
    items = [{"type": "rich_text_section", "elements": [_words(line)]} for line in lines]
    return {"type": "rich_text_list", "style": "bullet", "elements": items}


def _words(text: str, *, bold: bool = False, most: int = _LINE) -> Block:
    kept = text if "\n" in text else one_line(text)
    return {"type": "text", "text": cut(kept, most) or "-", **({"style": {"bold": True}} if bold else {})}
