"""What is estimated: the outcome of each row, and the denominator of a ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.file.header import find_column
from tools.estimation.file.request import EstimateRequest
from tools.estimation.file.sample_file import SampleFile
from tools.estimation.tables import Floats
from tools.labeling.column_file import MISSING


@dataclass(frozen=True)
class OutcomeColumns:
    """Columns of an outcome; `value` is the positive one of a proportion of labels; `flags` reads true and false."""

    names: tuple[str, ...]
    value: str | None = None
    flags: bool = False


@dataclass(frozen=True, eq=False)
class Outcome:
    """(n,) outcomes and denominators, NaN where missing; `note` is what a reader should know."""

    y: Floats
    x: Floats | None = None
    notes: tuple[str, ...] = ()


def outcome_columns(request: EstimateRequest, header: Sequence[str], *, file: str) -> OutcomeColumns:
    """The columns that a request's statistic is of."""
    if request.statistic == "proportion" and request.column not in header and "=" in request.column:
        name, value = split_condition(request.column, header, file=file, option="--proportion")
        return OutcomeColumns((name,), value)
    names = (request.column,) if request.denominator is None else (request.column, request.denominator)
    for name in names:
        find_column(name, header, file=file)
    return OutcomeColumns(names, flags=request.statistic == "proportion")


def split_condition(text: str, header: Sequence[str], *, file: str, option: str = "--where") -> tuple[str, str]:
    """`COL=V` as column and value; a column's own name may hold `=`.

    Raises:
        InvalidInput: no `=`, no such column, or an empty value.
    """
    splits = [(text[:i], text[i + 1 :]) for i, letter in enumerate(text) if letter == "="]
    if not splits:
        raise InvalidInput(
            f"{option} {text!r} is not COL=VALUE.", code="usage", value=text, hint='--where "country=US"'
        )
    name, value = next((s for s in splits if s[0].strip() in header), splits[0])
    find_column(name.strip(), header, file=file)
    if value.strip() in MISSING:
        raise InvalidInput(
            f"{option} {text!r} names no value: an empty field and NA are missing.", code="usage", value=text
        )
    return name.strip(), value.strip()


def read_outcome(sample: SampleFile, columns: OutcomeColumns) -> Outcome:
    """The outcome of each row.

    Raises:
        InvalidInput: a field that is no number; of a proportion, one that is not 0 or 1.
    """
    name = columns.names[0]
    if columns.value is not None:
        y = sample.equals(name, columns.value)
        if not (y == 1).any():
            seen = ", ".join(sample.some_values(name))
            return Outcome(y, notes=(f"No row has {name}={columns.value}; the column holds {seen or 'no value'}.",))
        return Outcome(y)
    if not columns.flags:
        x = sample.numbers(columns.names[1]) if len(columns.names) > 1 else None
        return Outcome(sample.numbers(name), x)
    hint = f"Name the positive value: --proportion {name}=VALUE."
    y = sample.numbers(name, flags=True, hint=hint)
    bad = ~np.isnan(y) & (y != 0) & (y != 1)
    if bad.any():
        sample.refuse(int(np.argmax(bad)), name, "is not 0 or 1", code="not_a_flag", rows=int(bad.sum()), hint=hint)
    return Outcome(y)
