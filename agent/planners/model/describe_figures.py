"""Figures as a model sees them and as its placeholders are filled in: in words, by one formatter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.planners.model.dialogue import Found
from agent.state import QueryPlan, SqlPlan
from tools.figure import Figure
from tools.metrics.query import QueryResult
from tools.reporting.format import (
    format_change,
    format_interval,
    format_n,
    format_name,
    format_period,
    format_range,
    format_slice,
    format_value,
)

_MOST = 40


def number_figures(plan: QueryPlan | SqlPlan, result: QueryResult, *, after: int) -> Found:
    """A result with figures that are numbered on from `after`, and what each placeholder stands for."""
    figures = tuple(f.model_copy(update={"id": f"f{after + at}"}) for at, f in enumerate(result.figures, start=1))
    compared = isinstance(plan, QueryPlan) and (plan.query.compare is not None or plan.query.contrast is not None)
    changes = figures[0::3] if compared else ()
    fields: dict[str, str] = {}
    for figure in figures:
        for name, words in _fields(figure, figures, is_change=figure in changes, timed=isinstance(plan, QueryPlan)):
            if words:
                fields[f"{figure.id}.{name}"] = words
    return Found(plan, result.model_copy(update={"figures": figures}), fields, changes)


def _fields(figure: Figure, among: Sequence[Figure], *, is_change: bool, timed: bool) -> list[tuple[str, str]]:
    value = format_change(figure) if is_change else format_value(figure, among=among)
    interval = format_change(figure) if is_change else format_interval(figure, among=among)
    return [
        ("value", value),
        ("interval", interval),
        ("range", format_range(figure, among=among)),
        ("n", format_n(figure)),
        ("period", format_period(figure.period) if timed else ""),
        ("slice", format_slice(figure.slice)),
        ("metric", format_name(figure.metric)),
    ]


def figures_as_data(found: Found) -> dict[str, Any]:
    """What the model is shown of a result."""
    figures = found.result.figures[:_MOST]
    rows = []
    for figure in figures:
        row = {"id": figure.id, "basis": figure.basis}
        row |= {
            n: w for n in ("metric", "slice", "interval", "n", "period") if (w := found.fields.get(f"{figure.id}.{n}"))
        }
        if found.changes:
            at = found.result.figures.index(figure) % 3
            row["is"] = ("the change", "the new value", "the old value")[at]
        rows.append(row)
    more = len(found.result.figures) - len(figures)
    return {"figures": rows, "more figures": more, "caveats": list(found.result.caveats)}
