"""The statistics each kind of full count needs per cell, as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.metrics.definitions import (
    Average,
    Count,
    Distinct,
    Extreme,
    Metric,
    Operand,
    Percentile,
    Prevalence,
    Proportion,
    Ratio,
    Sum,
)
from tools.metrics.outcome import Vector
from tools.metrics.profile_data import plain_value
from tools.metrics.selection import Selection


@dataclass(frozen=True)
class Statistic:
    """One column of a result: which part of a Vector it fills, its SQL, its alias."""

    part: str
    sql: str
    alias: str


def statistics_of(metric: Metric, selection: Selection, *, guarded: bool) -> list[Statistic]:
    """The columns that make up a metric's Vector; with `guarded` the distinct protected units as well."""
    used: str | None = None  # a row is used when this holds; None: every row
    if isinstance(metric, Count):
        found = [Statistic("n", "count(*)", metric.name)]
    elif isinstance(metric, (Proportion, Prevalence)):
        column = selection.column(metric.positive.column)
        used = f"{column} is not null"
        positive = selection.predicate(metric.positive, strict=True)
        found = [
            Statistic("positives", f"count(*) filter ({positive})", "positives"),
            Statistic("n", f"count({column})", "n"),
        ]
    elif isinstance(metric, Ratio):
        found = [_operand(metric.numerator, "total", "numerator", selection)]
        found += [_operand(metric.denominator, "base", "denominator", selection), *_rows_of(metric, selection)]
        used = _all(metric.denominator, selection)
    else:
        column = selection.column(metric.column)  # type: ignore[union-attr]
        used = f"{column} is not null"
        found = [_of_column(metric, column, selection), Statistic("n", f"count({column})", "n")]
    if guarded:
        found.append(Statistic("units", _units(selection, used), "protected_units"))
    return found


def _of_column(metric: Metric, column: str, selection: Selection) -> Statistic:
    if isinstance(metric, (Sum, Average)):
        total = f"sum({column}::integer)" if selection.own.type_of(metric.column) == "BOOLEAN" else f"sum({column})"
        return Statistic("total", total, metric.name if isinstance(metric, Sum) else "total")
    if isinstance(metric, Percentile):
        sql = f"median({column})" if metric.q == 0.5 else f"quantile_cont({column}, {metric.q!r})"
        return Statistic("value", sql, metric.name)
    if isinstance(metric, Extreme):
        return Statistic("value", f"{metric.which}({column})", metric.name)
    assert isinstance(metric, Distinct)
    return Statistic("value", f"count(distinct {column})", metric.name)


def _operand(operand: Operand, part: str, alias: str, selection: Selection) -> Statistic:
    column = selection.column(operand.column) if operand.column is not None else "*"
    if operand.agg == "sum" and operand.column and selection.own.type_of(operand.column) == "BOOLEAN":
        column = f"{column}::integer"
    sql = {"count": "count({})", "sum": "sum({})", "distinct": "count(distinct {})"}[operand.agg].format(column)
    return Statistic(part, sql + _filter(operand, selection), alias)


def _rows_of(metric: Ratio, selection: Selection) -> list[Statistic]:
    """Rows behind the denominator; rows the numerator counts, where it counts rows."""
    bottom, top = metric.denominator, metric.numerator
    found = [] if bottom.agg == "count" else [Statistic("n", f"count(*){_filter(bottom, selection)}", "n")]
    if top.agg == "distinct" or (top.agg == "sum" and top.where):
        found.append(Statistic("positives", f"count(*){_filter(top, selection)}", "numerator_rows"))
    return found


def _filter(operand: Operand, selection: Selection) -> str:
    condition = _all(operand, selection)
    return f" filter ({condition})" if condition is not None else ""


def _all(operand: Operand, selection: Selection) -> str | None:
    return " and ".join(selection.predicate(p) for p in operand.where) or None


def _units(selection: Selection, used: str | None) -> str:
    actor = selection.dataset.actor
    counted = "count(*)" if actor is None else f"count(distinct {selection.column(actor)})"
    return counted if used is None else f"{counted} filter ({used})"


def vector_of(metric: Metric, parts: dict[str, Any]) -> Vector:
    """A Vector from one row of the statistics, NULL meaning that nothing was there to add up."""
    clean = {name: plain_value(value) for name, value in parts.items()}
    if isinstance(metric, Ratio):
        if metric.denominator.agg == "count":
            clean["n"] = clean["base"] or 0
        if metric.numerator.agg == "count":
            clean["positives"] = clean["total"] or 0
        if metric.numerator.agg == "count" or clean.get("positives") == 0:
            clean["total"] = clean["total"] or 0  # nothing to add up beside a denominator that exists: 0
    for name in ("value", "total", "base"):
        if isinstance(clean.get(name), str):
            clean[name] = float("nan")  # plain_value writes what is not finite as text
    return Vector(**clean)
