"""A chart in words: its subtitle, its source line and its alt text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from tools.figure import Figure, Period
from tools.reporting.format import (
    format_change,
    format_interval,
    format_level,
    format_n,
    format_name,
    format_period,
    format_slice,
    format_value,
)
from tools.reporting.layout import Layout, Row, Series

_KINDS = {"bar": "Bar chart", "dot": "Dot chart", "line": "Line chart", "comparison": "Comparison chart"}
_BASES = {
    "full_count": "full count",
    "sample": "estimated from a sample",
    "model_labelled": "labelled by a model",
    "corrected": "corrected for labelling errors",
}


def describe_subtitle(layout: Layout, *, grain: str | None = None) -> str:
    """The estimate with its interval and period, or for several figures the period and what marks the interval."""
    if layout.change is not None:
        old, new = layout.rows
        return f"Change {format_change(layout.change, among=layout.shown)}: {new.label} against {old.label}"
    if layout.kind == "comparison":
        now, before = layout.rows[0].figure, layout.rows[0].before
        earlier = format_period(before.period) if before is not None else "before"
        return f"{format_period(now.period)} (filled) against {earlier} (hollow)"
    if len(layout.shown) == 1:
        return f"{format_interval(layout.shown[0])}, {format_period(layout.shown[0].period)}"
    sentence = format_period(_whole_period(layout.shown)) + (f", by {grain}" if grain and layout.kind == "line" else "")
    levels = {format_level(f) for f in layout.shown if f.low is not None}
    if levels:
        level = levels.pop() if len(levels) == 1 else ""
        mark = "The shaded band is" if layout.kind == "line" else "Lines span"
        sentence += f". {mark} the {level + ' ' if level else ''}interval"
    return sentence


def describe_source(layout: Layout) -> str:
    """`n = 5,574, definition report_rate v3, as of 2026-03-31, full count`."""
    figures = layout.shown
    known = sorted(f.n for f in figures if f.n is not None and f.value is not None)
    parts = []
    if len(figures) == 1:
        parts.append(format_n(figures[0]))
    elif known:
        most = "" if known[0] == known[-1] else f" to {known[-1]:,}"
        parts.append(f"n = {known[0]:,}{most} a {'period' if layout.kind == 'line' else 'row'}")
    definitions = list(dict.fromkeys(f"{f.metric} v{f.version}" for f in figures))
    parts.append("definition " + ", ".join(definitions[:3]))
    dates = [(f.as_of.date() if isinstance(f.as_of, datetime) else f.as_of) for f in figures if f.as_of is not None]
    if dates:
        parts.append(f"as of {max(dates).isoformat()}")
    parts.append(", ".join(dict.fromkeys(_BASES[f.basis] for f in figures)))
    return ", ".join(part for part in parts if part)


def describe_chart(layout: Layout, *, title: str) -> str:
    """The alt text: kind, title, metric, slice, period, every row with its interval, or a series' marked points."""
    figures = layout.shown
    metrics = ", ".join(dict.fromkeys(format_name(f.metric) for f in figures))
    where = f" for {format_slice(layout.common)}" if layout.common else ""
    by = f" by {' and '.join(format_name(n) for n in layout.varying)}" if layout.varying and len(figures) > 1 else ""
    head = f"{_KINDS[layout.kind]}. {title.rstrip('.')}. {metrics}{by}{where}, {format_period(_whole_period(figures))}."
    if layout.kind == "line":
        body = " ".join(_series_in_words(s, figures, named=len(layout.series) > 1) for s in layout.series)
    else:
        body = "; ".join(_row_in_words(r, figures) for r in layout.rows) + "."
    if layout.change is not None:
        body = f"Change {format_change(layout.change, among=layout.shown)}. {body}"
    return " ".join((head, body, *layout.notes))


def _row_in_words(row: Row, among: Sequence[Figure]) -> str:
    words = f"{row.label} {format_interval(row.figure, among=among)}"
    if row.before is not None:
        words += f", before {format_interval(row.before, among=among)}"
    if row.change is not None:
        words += f", change {format_change(row.change, among=among)}"
    return words


def _series_in_words(series: Series, among: Sequence[Figure], *, named: bool) -> str:
    """First, last, highest and lowest with their intervals and periods; how many are provisional or missing."""
    name = f"{series.label}: " if named else ""
    known = [f for f in series.figures if f.value is not None]
    missing = len(series.figures) - len(known)
    gap = f" {missing} of {len(series.figures)} periods without a value." if missing else ""
    if not known:
        return f"{name}no values.{gap}"
    marked = (
        ("first", known[0]),
        ("last", known[-1]),
        ("highest", max(known, key=lambda f: f.value or 0.0)),
        ("lowest", min(known, key=lambda f: f.value or 0.0)),
    )
    points = "; ".join(f"{word} {format_interval(f, among=among)}, {format_period(f.period)}" for word, f in marked)
    young = sum(f.status == "provisional" for f in known)
    provisional = f" {young} of {len(series.figures)} periods are provisional." if young else ""
    return f"{name}{len(series.figures)} periods, {points}.{provisional}{gap}"


def undefined_notes(figures: Sequence[Figure]) -> list[str]:
    """Why gaps are gaps, each reason once, with how many figures it concerns."""
    reasons = [format_value(f).removeprefix("undefined: ") for f in figures if f.value is None]
    return [
        f"No value in {count} of {len(figures)} (shown as a gap): {reason}."
        for reason, count in Counter(reasons).items()
    ]


def _whole_period(figures: Sequence[Figure]) -> Period | None:
    periods = [f.period for f in figures if f.period is not None]
    if not periods:
        return None
    return Period.model_validate({"from": min(p.start for p in periods), "to": max(p.end for p in periods)})
