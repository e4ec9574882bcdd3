"""Bars, dots with intervals, and comparisons: one row a category, labels on the left, values on the right."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tools.figure import Figure
from tools.reporting.axis import Axis, value_axis
from tools.reporting.canvas import Word, fill, note_words, words_layer
from tools.reporting.describe import undefined_notes
from tools.reporting.format import clean_text, format_range, format_value, in_points
from tools.reporting.layout import Layout, Row, plotted_numbers
from tools.reporting.row_data import bar_data, dot_data
from tools.reporting.scale import bound_side
from tools.reporting.text_width import pixels, wrap
from tools.reporting.theme import INK, LABEL_SIZE, QUIET, WIDTH, ZERO

_LINE = LABEL_SIZE + 2
_MOST_LABEL = 230  # pixels of the label column
_MOST_REASON = 150  # pixels of a reason in the value column
_GAP = 12


def draw_horizontal(layout: Layout, *, title: str, subtitle: str, source: str, alt: str) -> dict[str, Any]:
    """The Vega-Lite specification of a bar, dot or comparison chart."""
    rows = layout.rows
    figures = list(layout.shown)
    bars = layout.kind == "bar" or (layout.kind == "comparison" and all(f.basis == "full_count" for f in figures))
    bars = bars and all(r.before is None for r in rows)
    labels = [wrap(clean_text(r.label), _MOST_LABEL, LABEL_SIZE) for r in rows]
    left = max((pixels(line, LABEL_SIZE) for lines in labels for line in lines), default=0.0) + _GAP
    values = [_value_text(r, figures, bars=bars) for r in rows]
    right = max((pixels(v, LABEL_SIZE) for v in values), default=0.0) + _GAP
    width = max(180.0, WIDTH - left - right)
    axis = value_axis(figures, zero=bars, wanted=max(2, min(6, int(width // 75))))
    if bars:
        axis = _tight(axis, plotted_numbers(figures), whole=figures[0].unit == "share" and len(rows) == 1)
    middles, height = _places(rows, labels)
    data = bar_data(rows, middles) if bars else dot_data(rows, middles, axis)
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


def _tight(axis: Axis, numbers: Sequence[float], *, whole: bool) -> Axis:
    """Bars carry their values, so the axis ends at the longest bar; a lone share is shown as a part of the `whole`."""
    low, high = min([*numbers, 0.0]), max([*numbers, 0.0, 1.0 if whole else 0.0])
    return axis if low == high else Axis((low, high), axis.ticks, axis.label_expr, axis.labels, axis.title, axis.note)


def _value_text(row: Row, among: Sequence[Figure], *, bars: bool) -> str:
    if row.change is not None:
        change = in_points(row.change, among=among)
        spread = format_range(change, unit=False)
        return format_value(change, signed=True) + (f" ({spread})" if spread else "")
    if row.figure.value is None and pixels(format_value(row.figure), LABEL_SIZE) > _MOST_REASON:
        return "undefined"  # the reason stands below the chart
    value, spread = format_value(row.figure, among=among), format_range(row.figure, unit=False, among=among)
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
