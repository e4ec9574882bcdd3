"""An Answer for a person at a terminal: headline, text, chart, then what it rests on."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.output import bullet, embolden, near_path, print_sql, terminal_width, wrap

if TYPE_CHECKING:
    from agent.state import Answer


MOST_BARS = 24  # beyond these the text chart draws a line of a series, not a bar a row


def show_answer(answer: Answer, *, in_chat: bool = False) -> None:
    """Everything the answer says, in the order a reader needs it; in a chat the next line may be a choice's number."""
    print(embolden(wrap(answer.headline)))
    if answer.choices:
        _show_choices(answer, in_chat=in_chat)
        _show_usage(answer)
        return
    _show_chart(answer)
    _show_table(answer)
    body = _without_repeats(answer)
    if body:
        print()
        print_markdown(body)
    if answer.next_steps:
        print("\n" + embolden("What next"))
        for step in answer.next_steps:
            print(bullet(_strip_marks(step)))
    _show_ground(answer)


def print_markdown(text: str) -> None:
    """Headings in bold, paragraphs and bullets filled to the terminal, code as it is."""
    fenced = False
    for line in text.strip().splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            print(f"  {line}")
        elif line.startswith("#"):
            print(embolden(_strip_marks(line.lstrip("# "))))
        elif re.match(r"\s*([-*]|\d+\.) ", line):
            print(bullet(_strip_marks(re.sub(r"^\s*[-*] ", "", line))))
        else:
            print(wrap(_strip_marks(line)) if line.strip() else "")


def _show_choices(answer: Answer, *, in_chat: bool) -> None:
    print()
    for number, choice in enumerate(answer.choices, start=1):
        print(f"  {number}. {choice.label}")
    for caveat in answer.caveats:
        print("\n" + wrap(caveat))
    if in_chat:
        print("\nType the number, or ask anew.")
        return
    print('\nAsk again with --choose N, or: transect ask "' + answer.choices[0].query.replace('"', '\\"') + '"')


def _show_chart(answer: Answer) -> None:
    """A breakdown, trend or comparison as bars; one number needs none."""
    if len(answer.figures) > 1:
        from tools.reporting import draw_text_chart  # start-up

        plain = "utf" not in (sys.stdout.encoding or "").lower()
        chart = draw_text_chart(answer.figures, width=terminal_width(), ascii=plain)
        if chart:
            print(f"\n{chart}")


def _show_table(answer: Answer) -> None:
    """The figures in rows, unless the chart has just shown every number of them."""
    if answer.table is None or len(answer.figures) < 2 or answer.table.columns[0] == "difference":
        return
    if len(answer.figures) > MOST_BARS or any(figure.basis != "full_count" for figure in answer.figures):
        from agent.cli.figure_table import print_figures  # start-up

        print()
        print_figures(answer.figures, answer.table)


def _show_ground(answer: Answer) -> None:
    """Chart files, definitions and SQL: what another person needs to use and check the answer."""
    if answer.chart is not None:
        print(f"\nChart: {near_path(Path(answer.chart.png))}\n       {near_path(Path(answer.chart.svg))}")
    if answer.provenance.definitions:
        listed = [
            f"{d.name} v{d.version}" + (f" ({d.owner})" if d.owner else "") for d in answer.provenance.definitions
        ]
        print("\n" + wrap("Definitions: " + ", ".join(listed)))
    print_sql(answer.sql)
    _show_usage(answer)


def _show_usage(answer: Answer) -> None:
    """What a model was asked for this answer, where one was."""
    usage = answer.usage
    if usage.model_calls:
        calls = "1 call" if usage.model_calls == 1 else f"{usage.model_calls} calls"
        tokens = f"{usage.input_tokens + usage.output_tokens:,} tokens"
        name = f" of {answer.provenance.model}" if answer.provenance.model else ""
        print(f"\nModel: {calls}{name}, {tokens}, ${usage.cost_usd:.4f}, {usage.seconds:.1f} s")


def _without_repeats(answer: Answer) -> str:
    """The text, less what stands above it: the headline, the table, and a section that held nothing else."""
    sections = []
    for section in re.split(r"(?m)^(?=#+ )", answer.text.strip()):
        kept = [line for line in section.splitlines() if line.strip() != answer.headline.strip() and line[:1] != "|"]
        body = [line for line in kept if line.strip() and not line.startswith("#")]
        if body:
            sections.append("\n".join(kept).strip())
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(sections))


def _strip_marks(text: str) -> str:
    """Emphasis and code marks off; a terminal shows the words."""
    return re.sub(r"\*\*(.+?)\*\*|`([^`]+)`", lambda found: found[1] or found[2], text)
