"""A metric's definition in words."""

from __future__ import annotations

from collections.abc import Sequence

from tools.metrics.definitions import (
    Agreement,
    Average,
    Change,
    Count,
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

_BOUNDS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
_OPERATIONS = {"ratio": "divided by", "difference": "minus", "sum": "plus", "product": "times"}


def define_metric(metric: Metric) -> str:
    """What is computed, as one phrase in the words of the definition file."""
    phrase = _define(metric)
    return f"{phrase}, where {write_conditions(metric.where)}" if metric.where else phrase


def write_conditions(predicates: Sequence[Predicate]) -> str:
    """`label is violating and n_reports > 2`."""
    return " and ".join(_write_condition(predicate) for predicate in predicates)


def _define(metric: Metric) -> str:
    match metric:
        case Count():
            return f"rows of {metric.of}" + _at_end(metric.semi_additive)
        case Sum():
            return f"sum of {metric.column} in {metric.of}" + _at_end(metric.semi_additive)
        case Average():
            return f"mean of {metric.column} in {metric.of}, over rows where it is known"
        case Percentile():
            name = "median" if metric.q == 0.5 else f"{metric.q:g} quantile"
            return f"{name} of {metric.column} in {metric.of}"
        case Extreme():
            return f"{'smallest' if metric.which == 'min' else 'largest'} {metric.column} in {metric.of}"
        case Distinct():
            return f"different values of {metric.column} in {metric.of}"
        case Ratio():
            return f"{_operand(metric.numerator)} / {_operand(metric.denominator)}"
        case Proportion():
            column = metric.positive.column
            rows = f"rows of {metric.of} where {_write_condition(metric.positive)}"
            return f"share of {rows}, among those where {column} is known"
        case Prevalence():
            positive = _write_condition(metric.positive)
            return f"share where {positive}, estimated from the sample {metric.of} under its design"
        case Agreement():
            name = "Krippendorff's alpha" if metric.statistic == "alpha" else "percent agreement"
            return f"{name} of {metric.label} between {metric.rater}s on the same {metric.item}, in {metric.of}"
        case Derived():
            return f"{metric.metrics[0]} {_OPERATIONS[metric.op]} {metric.metrics[1]}"
        case Change():
            return f"{'relative change' if metric.relative else 'change'} of {metric.metric} from the period before"


def _operand(operand: Operand) -> str:
    names = {"count": f"rows of {operand.of}", "sum": "sum of", "distinct": "different values of"}
    phrase = names[operand.agg] if operand.column is None else f"{names[operand.agg]} {operand.column} in {operand.of}"
    return f"{phrase} where {write_conditions(operand.where)}" if operand.where else phrase


def _at_end(which: str | None) -> str:
    return f", at the {which} time of each period" if which else ""


def _write_condition(predicate: Predicate) -> str:
    column = predicate.column
    if predicate.is_null is not None:
        return f"{column} is {'not known' if predicate.is_null else 'known'}"
    for key, sign in _BOUNDS.items():
        if getattr(predicate, key) is not None:
            return f"{column} {sign} {getattr(predicate, key):g}"
    if predicate.equals is not None:
        return f"{column} is {_word(predicate.equals)}"
    if predicate.not_equals is not None:
        return f"{column} is not {_word(predicate.not_equals)}"
    if predicate.in_ is not None:
        return f"{column} is {' or '.join(map(_word, predicate.in_))}"
    return f"{column} is not {' or '.join(map(_word, predicate.not_in or ()))}"


def _word(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
