"""Bars, dots with intervals, and comparisons: one row a category, labels on the left, values on the right."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tools.figure import Figure
from tools.reporting.axis import Axis, value_axis
from tools.reporting.canvas import Data, Word, fill, note_words, words_layer
from tools.reporting.describe import undefined_notes
from tools.reporting.format import clean_text, format_range, format_value
from tools.reporting.layout import Layout, Row, plotted_numbers
from tools.reporting.scale import bound_side
from tools.reporting.text_width import pixels, wrap
from tools.reporting.theme import GREYED, INK, LABEL_SIZE, MAIN, MAIN_LIGHT, NO_VALUE_FILL, QUIET, WIDTH, ZERO

_LINE = LABEL_SIZE + 2
_MOST_LABEL = 230  # pixels of the label column
_GAP = 12


def draw_horizontal(layout: Layout, *, title: str, subtitle: str, source: str, alt: str) -> dict[str, Any]:
    """The Vega-Lite specification of a bar, dot or comparison chart."""
    rows = layout.rows
    figures = list(layout.shown)
    bars = layout.kind == "bar" or (layout.kind == "comparison" and all(f.basis == "full_count" for f in figures))
    bars = bars and all(r.before is None for r in rows)
    labels = [wrap(clean_text(r.label), _MOST_LABEL, LABEL_SIZE) for r in rows]
    left = max((pixels(line, LABEL_SIZE) for lines in labels for line in lines), default=0.0) + _GAP
    values = [_value_text(r, bars=bars) for r in rows]
    right = max((pixels(v, LABEL_SIZE) for v in values), default=0.0) + _GAP
    width = max(180.0, WIDTH - left - right)
    axis = value_axis(figures[0].unit, plotted_numbers(figures), zero=bars, wanted=max(2, min(6, int(width // 75))))
    if bars:
        axis = _tight(axis, plotted_numbers(figures))
    middles, height = _places(rows, labels)
    data = _bar_data(rows, middles) if bars else _dot_data(rows, middles, axis)
    words = _label_words(labels, rows, middles)
    words += _value_words(rows, values, middles, axis=axis, width=width, bars=bars)
    notes = [axis.note, *layout.notes, *undefined_notes(figures), *_bound_notes(figures), source]
    words += note_words(notes, x=-left, y=height + (8 if bars else 34 + (16 if axis.title else 0)))
    spec = fill(
        _template(),
        data=data,
        words=words,
        width=width,
        height=height,
        left=left,
        title=title,
        subtitle=subtitle,
        alt=alt,
    )
    return _with_axis(spec, axis, bars=bars)


@lru_cache(maxsize=1)
def _template() -> dict[str, Any]:
    import altair as alt  # start-up

    def on(name: str, mark: Any) -> Any:
        return mark(alt.Chart(alt.NamedData(name)))

    y, color = alt.Y("y:Q", scale=None, title=None), alt.Color("color:N", scale=None)
    zero = on("zero", lambda c: c.mark_rule(color=ZERO, strokeWidth=1)).encode(x=alt.X("value:Q"))
    bars = on("bars", lambda c: c.mark_rect()).encode(
        x=alt.X("start:Q"), x2="value:Q", y=alt.Y("top:Q", scale=None, title=None), y2="bottom:Q", color=color
    )
    links = on("links", lambda c: c.mark_rule(strokeWidth=1.5)).encode(x="old:Q", x2="value:Q", y=y, color=color)
    whiskers = on("whiskers", lambda c: c.mark_rule(strokeWidth=4, strokeCap="butt")).encode(
        x="low:Q", x2="high:Q", y=y, color=color
    )
    bounds = on("bounds", lambda c: c.mark_rule(strokeWidth=2, strokeDash=[4, 3])).encode(
        x="low:Q", x2="high:Q", y=y, color=color
    )
    ends = on("ends", lambda c: c.mark_rule(strokeWidth=2.5)).encode(
        x="value:Q", y=alt.Y("top:Q", scale=None, title=None), y2="bottom:Q", color=color
    )
    points = on("points", lambda c: c.mark_point(size=64, strokeWidth=2, opacity=1)).encode(
        x="value:Q",
        y=y,
        stroke=alt.Stroke("color:N", scale=None),
        fill=alt.Fill("fill:N", scale=None),
        shape=alt.Shape("shape:N", scale=None),
    )
    layers = (zero, bars, links, whiskers, bounds, ends, points, words_layer())
    spec: dict[str, Any] = alt.layer(*layers).to_dict()
    return {"$schema": spec["$schema"], "layer": spec["layer"]}


def _with_axis(spec: dict[str, Any], axis: Axis, *, bars: bool) -> dict[str, Any]:
    """Give the first layer (the zero line, or the marks) the domain and the axis; the others follow it."""
    drawn = {"values": list(axis.ticks), "labelExpr": axis.label_expr, "grid": True, "title": axis.title or None}
    first = True
    for layer in spec["layer"]:
        if layer["data"]["name"] == "words":
            continue
        x = layer["encoding"]["x"]
        x.update(scale={"domain": list(axis.domain), "zero": False, "nice": False}, title=axis.title or None)
        if bars:
            x["axis"] = None
        elif first:
            x["axis"] = drawn
        first = False
    return spec


def _places(rows: Sequence[Row], labels: Sequence[Sequence[str]]) -> tuple[list[float], float]:
    """The middle of each row and the height of all, in pixels."""
    base = 30 if len(rows) <= 12 else 23
    middles, y = [], 0.0
    for lines in labels:
        tall = max(base, len(lines) * _LINE + 9)
        middles.append(y + tall / 2)
        y += tall
    return middles, y


def _tight(axis: Axis, numbers: Sequence[float]) -> Axis:
    """Bars carry their values, so the axis ends at the longest bar."""
    low, high = min([*numbers, 0.0]), max([*numbers, 0.0])
    return axis if low == high else Axis((low, high), axis.ticks, axis.label_expr, axis.labels, axis.title, axis.note)


def _fill_of(row: Row) -> str:
    return {"other": GREYED, "no_value": NO_VALUE_FILL, "old": MAIN_LIGHT}.get(row.role, MAIN)


def _bar_data(rows: Sequence[Row], middles: Sequence[float]) -> Data:
    thick = 9.0 if len(rows) <= 12 else 7.5
    bars = [
        {
            "label": row.label,
            "start": 0,
            "value": row.figure.value,
            "top": round(y - thick, 1),
            "bottom": round(y + thick, 1),
            "color": _fill_of(row),
        }
        for row, y in zip(rows, middles, strict=True)
        if row.figure.value is not None
    ]
    return {"bars": bars, "zero": [{"value": 0}]}


def _dot_data(rows: Sequence[Row], middles: Sequence[float], axis: Axis) -> Data:
    data: Data = {n: [] for n in ("zero", "links", "whiskers", "bounds", "ends", "points")}
    if axis.domain[0] <= 0 <= axis.domain[1]:
        data["zero"].append({"value": 0})
    for row, y in zip(rows, middles, strict=True):
        if row.before is not None:
            _add_dot(data, row.before, row.label, y - 5, fill="#ffffff", color=GREYED if row.role == "other" else MAIN)
            if row.before.value is not None and row.figure.value is not None:
                link = {"old": row.before.value, "value": row.figure.value, "y": y, "color": "#bdbdbd"}
                if row.before.low is None and row.figure.low is None:
                    data["links"].append(link)
        shift = 5 if row.before is not None else 0
        dark = {"other": "#7d7d7d", "no_value": "#7d7d7d"}.get(row.role, MAIN)
        _add_dot(data, row.figure, row.label, y + shift, fill="#ffffff" if row.role == "old" else dark, color=dark)
    return data


def _add_dot(data: Data, figure: Figure, label: str, y: float, *, fill: str, color: str) -> None:
    if figure.value is None:
        return
    light = MAIN_LIGHT if color == MAIN else "#cccccc"
    side = bound_side(figure)
    y = round(y, 1)
    if side is not None and figure.low is not None and figure.high is not None:
        end, tip = (figure.high, figure.low) if side == "upper" else (figure.low, figure.high)
        arrow = "triangle-left" if side == "upper" else "triangle-right"
        data["bounds"].append({"label": label, "low": figure.low, "high": figure.high, "y": y, "color": color})
        data["ends"].append({"label": label, "value": end, "top": y - 8, "bottom": y + 8, "color": color})
        data["points"].append({"label": label, "value": tip, "y": y, "color": color, "fill": color, "shape": arrow})
        return
    if figure.low is not None and figure.high is not None:
        data["whiskers"].append({"label": label, "low": figure.low, "high": figure.high, "y": y, "color": light})
    hollow = figure.status == "provisional"
    data["points"].append(
        {
            "label": label,
            "value": figure.value,
            "y": y,
            "color": color,
            "fill": "#ffffff" if hollow else fill,
            "shape": "circle",
        }
    )


def _value_text(row: Row, *, bars: bool) -> str:
    if row.change is not None:
        spread = format_range(row.change, unit=False)
        return format_value(row.change, signed=True) + (f" ({spread})" if spread else "")
    value, spread = format_value(row.figure), format_range(row.figure, unit=False)
    return value if bars or not spread else f"{value} ({spread})"


def _value_words(
    rows: Sequence[Row], values: Sequence[str], middles: Sequence[float], *, axis: Axis, width: float, bars: bool
) -> list[Word]:
    """At the bars' ends; for dots in a column on the right."""
    low, high = axis.domain
    bars = bars and low >= 0  # with negative bars, values would run into the labels
    words = []
    for row, text, y in zip(rows, values, middles, strict=True):
        value = row.figure.value
        if value is None and row.change is None:
            words.append(Word(text, 6 if bars else width + _GAP, y, color=QUIET))
        elif bars and value is not None:
            words.append(Word(text, (value - low) / (high - low) * width + 6, y))
        else:
            words.append(Word(text, width + _GAP, y, color=QUIET if row.role == "other" else INK))
    return words


def _label_words(labels: Sequence[Sequence[str]], rows: Sequence[Row], middles: Sequence[float]) -> list[Word]:
    return [
        Word(
            line,
            -_GAP,
            y + (i - (len(lines) - 1) / 2) * _LINE,
            align="right",
            color=QUIET if row.role in ("other", "no_value") else INK,
        )
        for lines, row, y in zip(labels, rows, middles, strict=True)
        for i, line in enumerate(lines)
    ]


def _bound_notes(figures: Sequence[Figure]) -> list[str]:
    sides = {bound_side(f) for f in figures}
    notes = []
    if "upper" in sides:
        notes.append("An arrow marks an upper bound: none was found, and the true value may be anywhere below it.")
    if "lower" in sides:
        notes.append("An arrow to the right marks a lower bound: the true value may be anywhere above it.")
    return notes
