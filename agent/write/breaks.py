"""A change of policy or definition inside the period, said beside the figures that it divides."""

from __future__ import annotations

from collections.abc import Sequence

from tools.figure import Break, Figure
from tools.metrics.query import MetricQuery
from tools.reporting.format import clean_text
from tools.reporting.prose import render


def describe_break(mark: Break, query: MetricQuery, figures: Sequence[Figure]) -> str:
    """One sentence: when, what changed, and what the figures therefore do not show."""
    compared = query.compare is not None or query.grain is not None
    return render(
        "A break on {day}: {name}. {so}",
        day=mark.day.isoformat(),
        name=clean_text(mark.name).rstrip("."),
        so="Figures before and after it do not measure the same."
        if compared
        else "The figures put days before and after it together.",
    )


def break_before(position: int, figures: Sequence[Figure], breaks: Sequence[Break]) -> Break | None:
    """The break that lies between a figure of a series and the one before it."""
    if position == 0:
        return None
    before, after = figures[position - 1].period, figures[position].period
    if before is None or after is None:
        return None
    return next((b for b in breaks if before.end <= b.day < after.end), None)
