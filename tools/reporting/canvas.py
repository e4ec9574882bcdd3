"""The part that all drawn charts share: a template built once by Altair, filled with one chart's data and words.

Words (labels, values, notes) are data of one text layer, positioned in pixels. So no text from the data ever becomes
part of a Vega expression or of a format string.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.reporting.format import clean_text
from tools.reporting.text_width import wrap
from tools.reporting.theme import CONFIG, INK, NOTE_SIZE, QUIET, SUBTITLE_SIZE, TITLE_SIZE, WIDTH

Align = Literal["left", "right", "center"]
Data = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Word:
    """A text at `x`, `y` pixels from the plot's upper left corner; `y` is the middle of the line."""

    text: str
    x: float
    y: float
    align: Align = "left"
    color: str = INK
    size: float = 13
    weight: Literal["normal", "bold"] = "normal"

    def datum(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "x": round(self.x, 1),
            "y": round(self.y, 1),
            "align": self.align,
            "color": self.color,
            "size": self.size,
            "weight": self.weight,
        }


def words_layer() -> Any:
    """The Altair layer that writes the data set `words`."""
    import altair as alt  # start-up

    return (
        alt.Chart(alt.NamedData("words"))
        .mark_text(align=alt.expr("datum.align"), fontWeight=alt.expr("datum.weight"), baseline="middle")
        .encode(
            x=alt.X("x:Q", scale=None, title=None),
            y=alt.Y("y:Q", scale=None, title=None),
            text=alt.Text("text:N"),
            color=alt.Color("color:N", scale=None),
            size=alt.Size("size:Q", scale=None),
        )
    )


def fill(
    template: dict[str, Any],
    *,
    data: Data,
    words: Sequence[Word],
    width: float,
    height: float,
    left: float,
    title: str,
    subtitle: str,
    alt: str,
) -> dict[str, Any]:
    """A complete Vega-Lite specification: the template with its data, title and size; layers without data dropped.

    Args:
        left: pixels from the picture's left edge of content to the plot, where the title and the notes begin.
    """
    spec = copy.deepcopy(template)
    datasets = {**data, "words": [w.datum() for w in words]}
    spec["layer"] = [layer for layer in spec["layer"] if datasets.get(layer["data"]["name"])]
    spec["datasets"] = {name: rows for name, rows in datasets.items() if rows}
    spec["width"], spec["height"] = round(width), round(height)
    spec["description"] = alt
    spec["title"] = {
        "text": wrap(clean_text(title), WIDTH, TITLE_SIZE, lines=3, bold=True),
        "subtitle": wrap(clean_text(subtitle), WIDTH, SUBTITLE_SIZE, lines=3) if subtitle else [],
        "dx": -round(left),
    }
    spec["config"] = CONFIG
    return spec


def note_words(notes: Sequence[str], *, x: float, y: float) -> list[Word]:
    """The small print under a chart, wrapped; `y` is where its first line may begin."""
    lines = [line for note in notes if note for line in wrap(clean_text(note), WIDTH, NOTE_SIZE, lines=3)]
    return [Word(line, x, y + 8 + i * (NOTE_SIZE + 4), color=QUIET, size=NOTE_SIZE) for i, line in enumerate(lines)]
