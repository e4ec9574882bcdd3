"""An Answer for a person at a terminal: headline, text, chart, then what it rests on."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from agent.cli.output import bullet, embolden, terminal_width, wrap

if TYPE_CHECKING:
    from agent.state import Answer


def show_answer(answer: Answer) -> None:
    """Everything the answer says, in the order a reader needs it."""
    print(embolden(wrap(answer.headline)))
    if answer.choices:
        _show_choices(answer)
    body = _without_headline(answer)
    if body:
        print()
        print_markdown(body)
    _show_chart(answer)
    if answer.next_steps:
        print("\n" + embolden("What next"))
        for step in answer.next_steps:
            print(bullet(_strip_marks(step)))
    _show_ground(answer)


def print_markdown(text: str) -> None:
    """Headings in bold, paragraphs and bullets filled to the terminal, tables and code as they are."""
    fenced = False
    for line in text.strip().splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            print(f"  {line}")
        elif line.startswith("#"):
            print(embolden(_strip_marks(line.lstrip("# "))))
        elif line.startswith("|"):
            print(line)
        elif re.match(r"\s*([-*]|\d+\.) ", line):
            print(bullet(_strip_marks(re.sub(r"^\s*[-*] ", "", line))))
        else:
            print(wrap(_strip_marks(line)) if line.strip() else "")


def _show_choices(answer: Answer) -> None:
    print()
    for number, choice in enumerate(answer.choices, start=1):
        print(f"  {number}. {choice.label}")
    print('\nAsk again with --choose N, or: transect ask "' + answer.choices[0].query.replace('"', '\\"') + '"')


def _show_chart(answer: Answer) -> None:
    """A breakdown, trend or comparison also as bars; one number needs none."""
    if len(answer.figures) > 1:
        from tools.reporting import draw_text_chart  # start-up

        plain = "utf" not in (sys.stdout.encoding or "").lower()
        chart = draw_text_chart(answer.figures, width=terminal_width(), ascii=plain)
        if chart:
            print(f"\n{chart}")
    if answer.chart is not None:
        print()
        print(f"Chart: {answer.chart.png}")
        print(f"       {answer.chart.svg}")


def _show_ground(answer: Answer) -> None:
    """Definitions and SQL: what another person needs to check the answer."""
    if answer.provenance.definitions:
        listed = [
            f"{d.name} v{d.version}" + (f" ({d.owner})" if d.owner else "") for d in answer.provenance.definitions
        ]
        print("\n" + wrap("Definitions: " + ", ".join(listed)))
    for statement in answer.sql:
        print("\n" + embolden("SQL") + "\n" + "\n".join(f"  {line}" for line in statement.strip().splitlines()))


def _without_headline(answer: Answer) -> str:
    """The text, less a first section that only repeats the headline."""
    sections = re.split(r"(?m)^(?=#+ )", answer.text.strip())
    kept = [s for s in sections if re.sub(r"(?m)^#+ .*\n?", "", s).strip() not in ("", answer.headline.strip())]
    return "".join(kept)


def _strip_marks(text: str) -> str:
    """Emphasis and code marks off; a terminal shows the words."""
    return re.sub(r"\*\*(.+?)\*\*|`([^`]+)`", lambda found: found[1] or found[2], text)
