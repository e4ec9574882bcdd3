"""Figures as a compact chart for a terminal: a row a category or period, bars, aligned numbers, intervals as ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.figure import Figure
from tools.reporting.axis import value_axis
from tools.reporting.describe import undefined_notes
from tools.reporting.format import clean_text, format_change, format_period, format_range, format_value, in_points
from tools.reporting.layout import Layout, Row, Series, lay_out, plotted_numbers
from tools.reporting.scale import bound_side
from tools.reporting.text_width import columns, fit, pad

MOST_ROWS = 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SPARKS = "▁▂▃▄▅▆▇█"
_ASCII_SPARKS = ".:-=+*%#"  # no blank: a blank is a gap
_LEAST_BAR = 8


@dataclass(frozen=True)
class _Line:
    """One row of text: label, the figure its bar shows, and what is written beside it."""

    label: str
    figure: Figure
    value: str
    spread: str


def draw_text_chart(figures: Sequence[Figure], *, width: int = 80, ascii: bool = False) -> str:
    """`figures` in at most `width` columns and about 24 rows; lines joined by newlines, none at the end.

    Bars begin at zero. The stretch between an interval's ends is drawn lighter; a one-sided bound has only the lighter
    stretch. A series of more than 24 periods becomes a sparkline with its first, last, highest and lowest value.

    Args:
        width: columns of the terminal; at least 30 are used.
        ascii: only ASCII characters in what is drawn (labels keep theirs).
    """
    if not figures:
        return ""
    width = max(30, width)
    layout = lay_out(figures, most_rows=MOST_ROWS)
    if layout.kind == "line":
        fits = len(layout.series) == 1 and len(layout.series[0].figures) <= MOST_ROWS
        lines = _bars(_period_lines(layout), width, ascii) if fits else _sparklines(layout, width, ascii)
    else:
        lines = _bars([line for row in layout.rows for line in _row_lines(row, layout.shown)], width, ascii)
    if layout.change is not None:
        lines.append(f"change: {format_change(layout.change, among=layout.shown)}")
    notes = [*layout.notes, *undefined_notes(layout.shown)]
    if layout.kind == "line" and any(f.status == "provisional" for f in layout.shown):
        notes.append("* provisional: may still change.")
    return "\n".join([*(fit(line.rstrip(), width) for line in lines), *(fit(clean_text(n), width) for n in notes)])


def _row_lines(row: Row, among: Sequence[Figure]) -> list[_Line]:
    after = _line(row.label, row.figure, among)
    if row.before is None:
        return [after]
    before = _line("  before", row.before, among)
    if row.change is None:
        return [after, before]
    change = format_value(in_points(row.change, among=among), signed=True)
    return [replace(after, spread=f"change {change}"), before]


def _period_lines(layout: Layout) -> list[_Line]:
    return [
        _line(format_period(f.period) + (" *" if f.status == "provisional" else ""), f, layout.shown)
        for f in layout.series[0].figures
    ]


def _line(label: str, figure: Figure, among: Sequence[Figure]) -> _Line:
    return _Line(label, figure, format_value(figure, among=among), format_range(figure, unit=False, among=among))


def _bars(lines: Sequence[_Line], width: int, ascii_: bool) -> list[str]:
    """Label, bar, value (aligned right), interval."""
    spread_width = max(columns(line.spread) for line in lines)
    # what says "undefined" or "fewer than" is long and has no interval: it may run into the interval's column
    tight = [line.value for line in lines if line.spread or not spread_width]
    value_width = max((columns(v) for v in tight), default=0)
    tail = value_width + (spread_width + 3 if spread_width else 0)
    long_width = max((columns(line.value) for line in lines if not line.spread), default=0)
    tail = max(tail, long_width)
    label_width = min(max(columns(line.label) for line in lines), max(8, (width - tail - 2) // 2))
    bar_width = max(_LEAST_BAR, width - label_width - tail - 2)
    if label_width + tail + 2 + bar_width > width:  # very narrow: the interval goes first
        bar_width = max(4, width - label_width - value_width - 2)
    numbers = plotted_numbers([line.figure for line in lines])
    low, high = min([*numbers, 0.0]), max([*numbers, 0.0])
    drawn = []
    for line in lines:
        bar = _bar(line.figure, low, high, bar_width, ascii_)
        value = line.value if line.figure.value is None else pad(line.value, value_width, right=True)
        spread = f" ({line.spread})" if line.spread else ""
        drawn.append(f"{pad(fit(line.label, label_width), label_width)} {bar} {value}{spread}")
    return drawn


def _bar(figure: Figure, low: float, high: float, width: int, ascii_: bool) -> str:
    """The bar between zero and the value; for intervals the part in doubt is lighter."""
    if figure.value is None or high <= low:
        return " " * width
    solid, light, point = ("#", "-", "o") if ascii_ else ("█", "░", "●")

    def at(number: float) -> float:
        return (number - low) / (high - low) * width

    if figure.low is None or figure.high is None:
        start, end = sorted((at(0.0), at(figure.value)))
        return _solid(start, end, width, ascii_, solid)
    cells = [" "] * width
    first, last = int(at(figure.low)), max(int(at(figure.low)) + 1, round(at(figure.high)))
    for cell in range(max(0, first), min(width, last)):
        cells[cell] = light
    if bound_side(figure) is None:
        cells[min(width - 1, int(at(figure.value)))] = point
    else:
        cells[min(width, last) - 1 if bound_side(figure) == "upper" else first] = "|"
    return "".join(cells)


def _solid(start: float, end: float, width: int, ascii_: bool, solid: str) -> str:
    if ascii_ or start > 0:
        first, last = round(start), round(end)
        if last == first and end > start:  # something is never drawn as nothing
            first, last = (first, first + 1) if first < width else (first - 1, first)
        return " " * first + solid * (last - first) + " " * (width - last)
    whole, rest = divmod(round(end * 8), 8)
    if whole == 0 and rest == 0 and end > 0:
        rest = 1
    text = solid * whole + (_EIGHTHS[rest] if rest else "")
    return text[:width].ljust(width)


def _sparklines(layout: Layout, width: int, ascii_: bool) -> list[str]:
    """One row a series: name, sparkline, last value; under a single one its first, last, highest and lowest."""
    axis = value_axis(layout.shown)
    low, high = axis.domain
    named = len(layout.series) > 1
    ends = [_last_in_words(s, layout.shown, spread=named) for s in layout.series]
    label_width = min(max(columns(s.label) for s in layout.series), width // 3) if named else 0
    end_width = max(columns(e) for e in ends)
    room = max(_LEAST_BAR, width - label_width - end_width - (2 if named else 1))
    lines = []
    for series, end in zip(layout.series, ends, strict=True):
        values = [f.high if bound_side(f) == "upper" else f.value for f in series.figures]
        spark = _spark(_squeeze(values, room), low, high, ascii_)
        name = pad(fit(series.label, label_width), label_width) + " " if named else ""
        lines.append(f"{name}{spark} {end}")
        if not named:
            lines += _marked(series.figures)
    first, last = layout.shown[0].period, layout.series[0].figures[-1].period
    start = "zero" if low <= 0 <= high else axis.labels[0]
    lines.append(f"{format_period(first)} to {format_period(last)}; heights from {start}")
    return lines


def _last_in_words(series: Series, among: Sequence[Figure], *, spread: bool) -> str:
    last = next((f for f in reversed(series.figures) if f.value is not None), None)
    if last is None:
        return "no value"
    range_ = format_range(last, unit=False, among=among) if spread else ""
    return format_value(last, among=among) + (f" ({range_})" if range_ else "")


def _marked(figures: Sequence[Figure]) -> list[str]:
    known = [f for f in figures if f.value is not None]
    if not known:
        return []
    marked = {
        "first": known[0],
        "last": known[-1],
        "highest": max(known, key=lambda f: f.value or 0.0),
        "lowest": min(known, key=lambda f: f.value or 0.0),
    }
    when = {name: format_period(f.period) for name, f in marked.items()}
    value_width = max(columns(format_value(f, among=known)) for f in marked.values())
    when_width = max(columns(w) for w in when.values())
    lines = []
    for name, figure in marked.items():
        spread = format_range(figure, unit=False, among=known)
        value = pad(format_value(figure, among=known), value_width, right=True) + (f" ({spread})" if spread else "")
        lines.append(f"{name:8}{pad(when[name], when_width)}  {value}")
    return lines


def _squeeze(values: Sequence[float | None], room: int) -> list[float | None]:
    """At most `room` values: means of neighbours, a gap only where all of them are unknown."""
    if len(values) <= room:
        return list(values)
    squeezed: list[float | None] = []
    for index in range(room):
        part = values[index * len(values) // room : (index + 1) * len(values) // room]
        known = [v for v in part if v is not None]
        squeezed.append(sum(known) / len(known) if known else None)
    return squeezed


def _spark(values: Sequence[float | None], low: float, high: float, ascii_: bool) -> str:
    levels = _ASCII_SPARKS if ascii_ else _SPARKS
    if high <= low:
        return levels[0] * len(values)
    return "".join(
        " " if v is None else levels[min(len(levels) - 1, int((v - low) / (high - low) * len(levels)))] for v in values
    )
