"""What one cell found, before it becomes a figure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from tools.figure import Unit
from tools.metrics.definitions import (
    Average,
    Change,
    Count,
    Derived,
    Distinct,
    Metric,
    Percentile,
    Prevalence,
    Proportion,
    Ratio,
    Sum,
)

if TYPE_CHECKING:
    from tools.metrics.sample import SampleCell

CellKey = tuple[Any, ...]  # values of the keys; with a grain the first day of the bucket comes first


@dataclass(frozen=True)
class Vector:
    """The statistics of a full count, additive over disjoint cells unless `value` is given.

    Attributes:
        n: rows used. total: sum of the column, or numerator. base: denominator of a ratio.
        positives: rows that satisfy a share's condition, or that a ratio's numerator counts.
        value: a finished statistic that cannot be added up (percentile, extreme, distinct).
        units: distinct protected units among the rows used; None where nothing is protected.
    """

    n: int = 0
    total: float | int | None = None
    base: float | int | None = None
    positives: int | None = None
    value: float | int | None = None
    units: int | None = None


@dataclass(frozen=True)
class Outcome:
    """One cell: either a value or the reason why it has none.

    Attributes:
        guard: what must reach `min_cell`, in this order of meaning: units, positives.
        left_out: the same of what the query's conditions exclude from the cell's slice and period.
        vector: of a full count; sample: what a sample's estimate was made from.
        se, df: of a sample's estimate, for arithmetic on it.
    """

    value: float | int | None = None
    undefined: str | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    n: int | None = None
    n_eff: float | None = None
    positives: int | None = None
    sampled: bool = False
    method: str = "full count"
    one_sided: bool = False
    provisional: bool = False
    guard: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()
    se: float | None = None
    df: float | None = None
    vector: Vector | None = None
    sample: SampleCell | None = None
    notes: tuple[str, ...] = field(default=())

    def without_value(self, reason: str) -> Outcome:
        """The same cell, its numbers withheld."""
        nothing: dict[str, Any] = dict.fromkeys(("value", "low", "high", "level", "n_eff", "se", "df"))
        return replace(self, undefined=reason, one_sided=False, **nothing)

    def hidden(self) -> Outcome:
        """Too few people in the cell: nothing of it may be shown, its size included."""
        return replace(self.without_value("small_cell"), n=None, positives=None)


def outcome_of(metric: Metric, vector: Vector) -> Outcome:
    """A full count's cell from its statistics.

    A count of nothing is 0. Every other statistic of no rows is undefined, a sum included: SQL and this layer both
    say that nothing was added up, not that the sum is 0.
    """
    value, undefined = _value(metric, vector)
    if isinstance(value, float) and not isfinite(value):
        value, undefined = None, "the column holds values that are not finite numbers"
    guard = tuple(g for g in (vector.units, vector.positives) if g is not None)
    shown = isinstance(metric, (Proportion, Prevalence)) or unit_of(metric) == "share"
    return Outcome(
        value=value,
        undefined=undefined,
        n=vector.n,
        positives=vector.positives if shown else None,
        guard=guard,
        vector=vector,
    )


def _value(metric: Metric, vector: Vector) -> tuple[float | int | None, str | None]:
    if isinstance(metric, Count):
        return vector.n, None
    if isinstance(metric, Distinct):
        return vector.value or 0, None
    if vector.n == 0 and not isinstance(metric, Ratio):
        return None, "no rows"
    if isinstance(metric, Sum):
        return vector.total, None
    if isinstance(metric, Average):
        return float(vector.total or 0) / vector.n, None
    if isinstance(metric, (Proportion, Prevalence)):
        return (vector.positives or 0) / vector.n, None
    if isinstance(metric, Ratio):
        if not vector.base:
            return None, "the denominator is 0" if vector.n else "no rows"
        if vector.total is None:
            return None, "the numerator has no values"
        return scale_of(metric) * float(vector.total) / float(vector.base), None
    return (vector.value, None) if vector.value is not None else (None, "no values")


def scale_of(metric: Metric) -> float:
    """What a quotient is multiplied by to be in its unit."""
    return (
        {"per_1000": 1000.0, "points": 100.0}.get(metric.unit or "", 1.0)
        if isinstance(metric, (Ratio, Derived))
        else 1.0
    )


def add_vectors(first: Vector, second: Vector) -> Vector:
    """Two disjoint cells as one; `units` becomes the larger, a lower bound of the distinct units of both."""

    def plus(a: Any, b: Any) -> Any:
        return b if a is None else a if b is None else a + b

    return Vector(
        n=first.n + second.n,
        total=plus(first.total, second.total),
        base=plus(first.base, second.base),
        positives=plus(first.positives, second.positives),
        units=None if first.units is None or second.units is None else max(first.units, second.units),
    )


def folds(metric: Metric) -> bool:
    """Whether a full count's cells add up to the cell of their union."""
    if isinstance(metric, (Count, Sum)):
        return metric.semi_additive is None
    if isinstance(metric, Ratio):
        return "distinct" not in (metric.numerator.agg, metric.denominator.agg)
    return isinstance(metric, (Average, Proportion, Prevalence))


def unit_of(metric: Metric) -> Unit:
    """The unit of a metric's figures: as stated, else shares for parts of a whole, counts for counts."""
    if metric.unit is not None:
        return metric.unit
    if isinstance(metric, (Proportion, Prevalence)):
        return "share"
    if isinstance(metric, (Count, Distinct)):
        return "count"
    if isinstance(metric, Ratio):
        return "share" if is_part_of_whole(metric) else "ratio"
    if isinstance(metric, (Derived, Change)):
        return "ratio"
    if isinstance(metric, (Sum, Average, Percentile)) or metric.kind == "extreme":
        return "count"
    return "index"


def is_part_of_whole(metric: Ratio) -> bool:
    """The numerator counts some of the rows (or values) that the denominator counts."""
    top, bottom = metric.numerator, metric.denominator
    same = (top.agg, top.of, top.column) == (bottom.agg, bottom.of, bottom.column)
    return same and top.agg in ("count", "distinct") and set(bottom.where) <= set(top.where)
