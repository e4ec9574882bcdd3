"""How charts look: sizes in pixels, and colours that survive colour blindness and a grey printer.

The series colours follow Okabe and Ito (2008), ordered so that neighbours differ in lightness too; series are also
told apart by their point's shape and named at their end, never by colour alone. The font stack starts with the one
that the renderer carries with it; its members are metric-compatible, so that widths hold in a browser.
"""

from __future__ import annotations

from typing import Any

WIDTH = 680  # of the whole picture
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
TITLE_SIZE = 18
SUBTITLE_SIZE = 13.5
LABEL_SIZE = 13
NOTE_SIZE = 11
INK = "#1a1a1a"
QUIET = "#5c5c5c"
GRID = "#e3e3e3"
ZERO = "#4d4d4d"
MAIN = "#0b4f8a"
MAIN_LIGHT = "#7fb2dd"
GREYED = "#a6a6a6"
NO_VALUE_FILL = "#c9c9c9"
SERIES = ("#0b4f8a", "#d55e00", "#56b4e9", "#1a1a1a", "#cc79a7", "#009e73")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "#ffffff",
    "padding": {"left": 16, "right": 16, "top": 14, "bottom": 12},
    "view": {"stroke": None},
    "aria": False,
    "title": {
        "anchor": "start",
        "frame": "group",
        "fontSize": TITLE_SIZE,
        "fontWeight": "bold",
        "color": INK,
        "subtitleFontSize": SUBTITLE_SIZE,
        "subtitleColor": QUIET,
        "subtitleFontWeight": "normal",
        "subtitlePadding": 5,
        "lineHeight": 22,
        "subtitleLineHeight": 18,
        "offset": 14,
    },
    "axis": {
        "labelFontSize": 12,
        "labelColor": QUIET,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": QUIET,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "labelFlush": False,
    },
    "text": {"font": FONT, "fontSize": LABEL_SIZE, "baseline": "middle"},
}
