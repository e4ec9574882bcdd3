"""A metric as one aggregate expression in standard SQL, where that says what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.metrics.conditions import COMPARISONS
from tools.metrics.definitions import (
    Average,
    Count,
    Dataset,
    Derived,
    Distinct,
    Extreme,
    Metric,
    Operand,
    Percentile,
    Predicate,
    Prevalence,
    Proportion,
    Ratio,
    Scalar,
    Sum,
)
from tools.metrics.outcome import scale_of
from tools.metrics.sql import literal, quote

_SIGNS = {"difference": "-", "sum": "+", "product": "*"}


Flags = frozenset[tuple[str, str]]


def expression_of(
    metric: Metric, *, datasets: Mapping[str, Dataset], metrics: Mapping[str, Metric], flags: Flags = frozenset()
) -> str | None:
    """The metric over fields written `dataset.column`, its conditions and the datasets' required filters inside.

    None for what no aggregate expression says: agreement, changes between periods, balances at the last time point,
    quantiles of a weighted sample.

    Args:
        flags: (dataset, column) of true/false columns, which standard SQL neither adds up nor averages.
    """
    if isinstance(metric, Derived):
        parts = [expression_of(metrics[n], datasets=datasets, metrics=metrics, flags=flags) for n in metric.metrics]
        if parts[0] is None or parts[1] is None:
            return None
        if metric.op == "ratio":
            return _quotient(f"({parts[0]})", parts[1], scale_of(metric))
        text = f"({parts[0]}) {_SIGNS[metric.op]} ({parts[1]})"
        return text if scale_of(metric) == 1.0 else f"{scale_of(metric):.1f} * ({text})"
    if isinstance(metric, Ratio):
        top, bottom = (
            _operand(side, datasets[side.of], metric.where, flags) for side in (metric.numerator, metric.denominator)
        )
        return _quotient(f"COALESCE({top}, 0)", bottom, scale_of(metric))
    if isinstance(metric, (Count, Sum)) and metric.semi_additive is not None:
        return None
    if isinstance(metric, (Count, Sum, Average, Percentile, Extreme, Distinct, Proportion, Prevalence)):
        return _leaf(metric, datasets[metric.of], flags)
    return None


def _leaf(
    metric: Count | Sum | Average | Percentile | Extreme | Distinct | Proportion | Prevalence,
    dataset: Dataset,
    flags: Flags,
) -> str | None:
    rows = _Rows(dataset, (*dataset.where, *metric.where))
    weighted = dataset.design is not None and (dataset.design.weight or dataset.design.probability) is not None
    if isinstance(metric, Count):
        return rows.total("1") if weighted else rows.count()
    if isinstance(metric, (Proportion, Prevalence)):
        positive = f"CASE WHEN {_predicate(metric.positive, dataset, strict=True)} THEN 1.0 ELSE 0.0 END"
        filled = f"{_field(dataset, metric.positive.column)} IS NOT NULL"
        if weighted:
            return f"{rows.total(positive, filled)} / NULLIF({rows.total('1', filled)}, 0)"
        return f"AVG({rows.kept(positive, filled)})"
    field = _field(dataset, metric.column)
    if isinstance(metric, Sum):
        return rows.total(_number(dataset, metric.column, flags))
    if isinstance(metric, Average):
        number = _number(dataset, metric.column, flags)
        if weighted:
            return f"{rows.total(number)} / NULLIF({rows.total('1', f'{field} IS NOT NULL')}, 0)"
        return f"AVG({rows.kept(number)})"
    if isinstance(metric, Percentile):
        return None if dataset.design else f"PERCENTILE_CONT({metric.q!r}) WITHIN GROUP (ORDER BY {rows.kept(field)})"
    if isinstance(metric, Extreme):
        return f"{metric.which.upper()}({rows.kept(field)})"
    return f"COUNT(DISTINCT {rows.kept(field)})"


class _Rows:
    """The rows that conditions keep, inside an aggregate."""

    def __init__(self, dataset: Dataset, where: Sequence[Predicate]) -> None:
        self.dataset = dataset
        self.conditions = [_predicate(p, dataset) for p in where]

    def kept(self, value: str, *more: str) -> str:
        conditions = [*more, *self.conditions]
        return f"CASE WHEN {' AND '.join(conditions)} THEN {value} END" if conditions else value

    def count(self) -> str:
        if self.conditions:
            return f"COUNT({self.kept('1')})"
        grain = self.dataset.grain
        return f"COUNT({_field(self.dataset, grain[0])})" if len(grain) == 1 else "COUNT(*)"

    def total(self, value: str, *more: str) -> str:
        """Σ w·value."""
        design = self.dataset.design
        if design is None or (column := design.weight or design.probability) is None:
            return f"SUM({self.kept(value, *more)})"
        weight = _field(self.dataset, column) if design.weight else f"1.0 / {_field(self.dataset, column)}"
        return f"SUM({self.kept(weight if value == '1' else f'{weight} * {value}', *more)})"


def _operand(side: Operand, dataset: Dataset, where: Sequence[Predicate], flags: Flags) -> str:
    rows = _Rows(dataset, (*dataset.where, *where, *side.where))
    weighted = dataset.design is not None and (dataset.design.weight or dataset.design.probability) is not None
    if side.agg == "count":
        return rows.total("1") if weighted else rows.count()
    assert side.column is not None, "a definition's sum or distinct has a column"
    if side.agg == "sum":
        return rows.total(_number(dataset, side.column, flags))
    return f"COUNT(DISTINCT {rows.kept(_field(dataset, side.column))})"


def _predicate(predicate: Predicate, dataset: Dataset, *, strict: bool = False) -> str:
    """A condition; a missing value is none of those excluded, unless `strict`."""
    field = _field(dataset, predicate.column)
    if predicate.is_null is not None:
        return f"{field} IS {'' if predicate.is_null else 'NOT '}NULL"
    for name, sign in COMPARISONS.items():
        bound = getattr(predicate, name)
        if bound is not None:
            return f"{field} {sign} {bound:g}" if float(f"{bound:g}") == bound else f"{field} {sign} {bound!r}"
    if predicate.equals is not None or predicate.in_ is not None:
        return _among(field, _listed(predicate.in_, predicate.equals), "IN", "=", nothing="1 = 0")
    outside = _among(field, _listed(predicate.not_in, predicate.not_equals), "NOT IN", "<>", nothing="1 = 1")
    return outside if strict else f"({outside} OR {field} IS NULL)"


def _listed(several: Sequence[Scalar] | None, one: Scalar | None) -> list[Scalar]:
    return [v for v in (several if several is not None else (one,)) if v is not None]


def _among(field: str, values: Sequence[Scalar], many: str, one: str, *, nothing: str) -> str:
    if not values:
        return nothing
    if len(values) == 1:
        return f"{field} {one} {literal(values[0])}"
    return f"{field} {many} ({', '.join(literal(v) for v in values)})"


def _number(dataset: Dataset, column: str, flags: Flags) -> str:
    field = _field(dataset, column)
    if (dataset.name, column.casefold()) not in flags:
        return field
    return f"CASE WHEN {field} THEN 1 WHEN NOT {field} THEN 0 END"


def _field(dataset: Dataset, column: str) -> str:
    return f"{quote(dataset.name)}.{quote(column)}"


def _quotient(top: str, bottom: str, scale: float) -> str:
    """A division of numbers, never of integers."""
    return f"{scale:.1f} * {top} / NULLIF({bottom}, 0)"
