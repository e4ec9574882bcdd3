"""Typed conditions as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isfinite
from typing import Any

from tools.errors import InvalidInput
from tools.metrics.definitions import Predicate, Scalar
from tools.metrics.sql import Values

COMPARISONS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}


def predicate_sql(predicate: Predicate, column: str, kind: str, values: Values, *, strict: bool = False) -> str:
    """A definition's condition; `column` is quoted, `kind` its DuckDB type.

    Args:
        strict: NULL satisfies nothing (the numerator of a share); otherwise a missing value is not one of those
            excluded, so NULL satisfies `not_in` and `not_equals`.
    """
    if predicate.is_null is not None:
        return f"{column} is {'' if predicate.is_null else 'not '}null"
    for name, operator in COMPARISONS.items():
        bound = getattr(predicate, name)
        if bound is not None:
            return f"{column} {operator} {values.bind(_number(bound))}"
    if predicate.equals is not None:
        return equal_sql(column, [coerce(predicate.equals, kind, predicate.column)], values)
    if predicate.in_ is not None:
        return equal_sql(column, [coerce(v, kind, predicate.column) for v in predicate.in_], values)
    excluded = (predicate.not_equals,) if predicate.not_in is None else predicate.not_in
    return unequal_sql(
        column, [coerce(v, kind, predicate.column) for v in excluded if v is not None], values, strict=strict
    )


def equal_sql(column: str, wanted: Sequence[Any], values: Values) -> str:
    """The column is one of the values."""
    if not wanted:
        return "false"
    if len(wanted) == 1:
        return f"{column} = {values.bind(wanted[0])}"
    return f"{column} in ({', '.join(values.bind(v) for v in wanted)})"


def unequal_sql(column: str, excluded: Sequence[Any], values: Values, *, strict: bool = False) -> str:
    """The column is none of the values; NULL counts as none of them unless `strict`."""
    if not excluded:
        return f"{column} is not null" if strict else "true"
    if len(excluded) == 1 and not strict:
        return f"{column} is distinct from {values.bind(excluded[0])}"
    bound = ", ".join(values.bind(v) for v in excluded)
    outside = f"{column} <> {bound}" if len(excluded) == 1 else f"{column} not in ({bound})"
    return outside if strict else f"({outside} or {column} is null)"


def compare_sql(column: str, condition: str, bound: float, values: Values) -> str:
    """The column lies above, at least, below or at most a number."""
    return f"{column} {COMPARISONS[condition]} {values.bind(_number(bound))}"


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else value


def coerce(value: Scalar, kind: str, column: str) -> Any:
    """A written value as one that a column of DuckDB type `kind` can hold.

    Raises:
        InvalidInput: it cannot hold it.
    """
    try:
        return _coerced(value, kind.upper())
    except ValueError:
        raise InvalidInput(f"{value!r} is not a value of column {column!r}, which holds {kind}.", value=value) from None


def is_number(kind: str) -> bool:
    """Whether a DuckDB type is numeric."""
    name = kind.upper().partition("(")[0]
    return name in _NUMBERS


_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = frozenset((*_INTEGERS, *(f"U{name}" for name in _INTEGERS), "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM"))
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "t": True, "f": False}


def _coerced(value: Scalar, kind: str) -> Any:
    if kind == "BOOLEAN":
        text = str(value).strip().lower()
        if text not in _FLAGS:
            raise ValueError(value)
        return _FLAGS[text]
    if is_number(kind):
        if isinstance(value, bool):
            return int(value)
        number = float(value) if not isinstance(value, int) else value
        if not isfinite(number):
            raise ValueError(value)
        if isinstance(number, float) and number.is_integer() and abs(number) < 2**53:
            return int(number)
        return number
    if kind == "DATE":
        return date.fromisoformat(str(value).strip())
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
