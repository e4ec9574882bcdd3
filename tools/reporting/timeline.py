"""Lines over time: a band for the interval, dashes and hollow points where provisional, gaps where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from tools.figure import Figure
from tools.reporting.axis import Axis, value_axis
from tools.reporting.canvas import Word, fill, note_words, words_layer
from tools.reporting.describe import undefined_notes
from tools.reporting.format import clean_text, format_value
from tools.reporting.layout import Layout, Series
from tools.reporting.scale import bound_side
from tools.reporting.series_data import series_data
from tools.reporting.text_width import pixels, wrap
from tools.reporting.theme import LABEL_SIZE, QUIET, SERIES, WIDTH, ZERO
from tools.reporting.time_ticks import time_ticks

_HEIGHT = 260
_MOST_POINTS = 45  # more periods than this, and points would hide the line
_MOST_END = 170  # pixels of the series' names at the right
_EDGE = 10  # pixels from the plot's sides to the first and last point


def draw_timeline(layout: Layout, *, title: str, subtitle: str, source: str, alt: str) -> dict[str, Any]:
    """The Vega-Lite specification of a line chart."""
    figures = list(layout.shown)
    axis = value_axis(figures)
    starts = sorted({f.period.start for f in figures if f.period is not None})
    left = max(pixels(label, 12) for label in axis.labels) + 10
    ends = [_end_lines(s, figures, named=len(layout.series) > 1) for s in layout.series]
    right = max((pixels(line, LABEL_SIZE) for lines in ends for line in lines), default=0.0) + 8
    width = WIDTH - left - right
    data = series_data(layout.series, points=len(starts) <= _MOST_POINTS, floor=axis.domain[0], breaks=layout.breaks)
    data["breaks"] = [{"period": b.day.isoformat()} for b in layout.breaks]
    data["zero"] = [{"value": 0}] if axis.domain[0] < 0 < axis.domain[1] else []
    first, last = (starts[0], starts[-1]) if len(starts) > 1 else (_days_off(starts[0], -1), _days_off(starts[0], 1))
    words = _end_words(layout.series, ends, axis=axis, width=width, first=first, last=last)
    if axis.title:
        words.append(Word(axis.title, -left, -17, color=QUIET, size=12))
    young = any(f.status == "provisional" for f in figures)
    notes = [
        axis.note,
        "Dashed with hollow points: provisional, may still change." if young else "",
        *layout.notes,
        *undefined_notes(figures),
        "A triangle marks an upper bound: none was found." if any(bound_side(f) == "upper" for f in figures) else "",
        source,
    ]
    words += note_words(notes, x=-left, y=_HEIGHT + 42)
    spec = fill(
        _template(),
        data=data,
        words=words,
        width=width,
        height=_HEIGHT,
        left=left,
        title=title,
        subtitle=subtitle,
        alt=alt,
    )
    if not layout.breaks:
        spec["layer"] = [layer for layer in spec["layer"] if layer["data"]["name"] != "breaks"]
    for layer in spec["layer"]:
        if layer["data"]["name"] == "bands":  # several bands must not add up to a wall
            layer["mark"]["fillOpacity"] = {1: 0.22, 2: 0.2, 3: 0.17, 4: 0.14}.get(len(layout.series), 0.08)
    ticks = time_ticks(starts, most=max(3, int(width // 72)))
    time = {
        "scale": {
            "type": "utc",
            "domain": [first.isoformat(), last.isoformat()],
            "range": [_EDGE, round(width) - _EDGE],
        },
        "axis": {
            "values": [d.isoformat() for d in ticks.dates],
            "labelExpr": ticks.label_expr,
            "grid": False,
            "ticks": True,
            "tickColor": "#999999",
            "domain": True,
            "domainColor": "#999999",
            "title": None,
        },
    }
    value = {
        "scale": {"domain": list(axis.domain), "zero": False, "nice": False},
        "axis": {"values": list(axis.ticks), "labelExpr": axis.label_expr, "grid": True, "title": None},
    }
    return _with_axes(spec, x=time, y=value)


@lru_cache(maxsize=1)
def _template() -> dict[str, Any]:
    import altair as alt  # start-up

    color = alt.Color("color:N", scale=None)
    x, detail = alt.X("period:T"), "segment:N"

    def on(name: str) -> Any:
        return alt.Chart(alt.NamedData(name))

    layers = (
        on("bands")
        .mark_area(opacity=1, fillOpacity=0.22, line=False)
        .encode(x=x, y=alt.Y("low:Q"), y2="high:Q", detail=detail, color=color),
        on("zero").mark_rule(color=ZERO, strokeWidth=1).encode(y=alt.Y("value:Q")),
        on("whiskers")
        .mark_rule(strokeWidth=5, strokeOpacity=0.35)
        .encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=color),
        on("gaps")
        .mark_point(shape="cross", angle=45, size=50, filled=True, color="#8c8c8c")
        .encode(x=x, y=alt.Y("value:Q")),
        on("lines")
        .mark_line(strokeWidth=2.5, strokeJoin="round")
        .encode(x=x, y=alt.Y("value:Q"), detail=detail, color=color),
        on("provisional")
        .mark_line(strokeWidth=2.2, strokeDash=[5, 4])
        .encode(x=x, y=alt.Y("value:Q"), detail=detail, color=color),
        on("bounds")
        .mark_rule(strokeWidth=1.5, strokeDash=[3, 3])
        .encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=color),
        on("points")
        .mark_point(size=46, strokeWidth=2, opacity=1)
        .encode(
            x=x,
            y=alt.Y("value:Q"),
            stroke=alt.Stroke("color:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
            shape=alt.Shape("shape:N", scale=None),
        ),
        on("breaks").mark_rule(strokeWidth=1.2, strokeDash=[2, 3], color="#555555").encode(x=x),
        words_layer(),
    )
    spec: dict[str, Any] = alt.layer(*layers).to_dict()
    return {"$schema": spec["$schema"], "layer": spec["layer"]}


def _with_axes(spec: dict[str, Any], **channels: dict[str, Any]) -> dict[str, Any]:
    """Give the first layer on each channel its axis, and every layer the same scale."""
    undrawn = set(channels)
    for layer in spec["layer"]:
        if layer["data"]["name"] == "words":
            continue
        for channel in channels.keys() & layer["encoding"].keys():
            layer["encoding"][channel].update(scale=channels[channel]["scale"], title=None)
            if channel in undrawn:
                layer["encoding"][channel]["axis"] = channels[channel]["axis"]
        undrawn -= layer["encoding"].keys()
    return spec


def _end_lines(series: Series, among: Sequence[Figure], *, named: bool) -> list[str]:
    """What stands at the line's right end: its name (two lines at most) and its last value."""
    last = next((f for f in reversed(series.figures) if f.value is not None), None)
    lines = wrap(clean_text(series.label), _MOST_END, LABEL_SIZE) if named else []
    return lines + ([format_value(last, among=among)] if last is not None else [])


def _end_words(
    all_series: Sequence[Series], ends: Sequence[Sequence[str]], *, axis: Axis, width: float, first: date, last: date
) -> list[Word]:
    """Names and last values beside the last points, moved apart where they would overlap."""
    line = LABEL_SIZE + 2
    blocks = []
    for index, (series, lines) in enumerate(zip(all_series, ends, strict=True)):
        known = [f for f in series.figures if f.value is not None]
        if known and known[-1].value is not None:
            shown = known[-1].high if bound_side(known[-1]) == "upper" else known[-1].value
            share = ((shown or 0.0) - axis.domain[0]) / (axis.domain[1] - axis.domain[0])
            blocks.append(((1 - share) * _HEIGHT, index, lines))
    blocks.sort(key=lambda b: (b[0], b[1]))
    words, free = [], -20.0
    room = [len(lines) * line + 3 for _, _, lines in blocks]
    for i, (middle, index, lines) in enumerate(blocks):
        top = max(free, middle - len(lines) * line / 2)
        top = min(top, _HEIGHT + 16 - sum(room[i:])) if sum(room) <= _HEIGHT + 36 else top
        color = SERIES[index % len(SERIES)]
        for j, text in enumerate(lines):
            at = top + (j + 0.5) * line
            words.append(
                Word(text, width + 2, at, color=_readable(color), weight="bold" if j == len(lines) - 1 else "normal")
            )
        free = top + room[i]
    return words


def _readable(color: str) -> str:
    """Light line colours are darkened for text."""
    return {"#56b4e9": "#1f78b4", "#cc79a7": "#a3487b", "#d55e00": "#b34f00", "#009e73": "#00795a"}.get(color, color)


def _days_off(day: date, days: int) -> date:
    return day + timedelta(days=days)
