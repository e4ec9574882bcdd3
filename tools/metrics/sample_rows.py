"""What each sampled row contributes: its outcome y, its denominator x."""

from __future__ import annotations

from tools.metrics.definitions import Average, Count, Metric, Operand, Percentile, Prevalence, Proportion, Ratio, Sum
from tools.metrics.selection import Selection


def outcome_sql(metric: Metric, selection: Selection) -> tuple[str, str | None, list[str]]:
    """y, x (of a ratio), and conditions for rows that have an outcome at all."""
    if isinstance(metric, Count):
        return "1e0", None, []
    if isinstance(metric, (Proportion, Prevalence)):
        positive = selection.predicate(metric.positive, strict=True)
        filled = f"{selection.column(metric.positive.column)} is not null"
        return f"case when {positive} then 1e0 else 0e0 end", None, [filled]
    if isinstance(metric, Ratio):
        return _operand(metric.numerator, selection), _operand(metric.denominator, selection), []
    assert isinstance(metric, (Sum, Average, Percentile)), "check_metric refuses the other kinds on samples"
    column = selection.column(metric.column)
    number = f"{column}::integer::double" if selection.own.type_of(metric.column) == "BOOLEAN" else f"{column}::double"
    return number, None, [f"{column} is not null"]


def _operand(operand: Operand, selection: Selection) -> str:
    conditions = [selection.predicate(p) for p in operand.where]
    value = "1e0"
    if operand.agg == "sum" and operand.column is not None:
        column = selection.column(operand.column)
        boolean = selection.own.type_of(operand.column) == "BOOLEAN"
        value = f"coalesce({column}{'::integer' if boolean else ''}::double, 0e0)"
    return f"case when {' and '.join(conditions)} then {value} else 0e0 end" if conditions else value
