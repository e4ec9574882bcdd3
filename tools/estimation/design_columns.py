"""Columns that say how a sample was drawn, checked and coded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import InvalidInput
from tools.estimation.factorise import Codes, factorise
from tools.estimation.tables import Floats, Ints

Labels = ArrayLike | Codes


def number_column(values: ArrayLike, rows: int, name: str) -> Floats:
    """(rows,) numbers, missing ones NaN."""
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (rows,):
        raise InvalidInput(f"{name} must have one value a row", value=list(column.shape), allowed=[str(rows)])
    return column


def label_column(labels: Labels, rows: int, name: str) -> Codes:
    """(rows,) codes of labels, none missing."""
    codes = labels if isinstance(labels, Codes) else factorise(labels)
    if codes.code.shape != (rows,):
        raise InvalidInput(f"{name} must have one value a row", value=list(codes.code.shape), allowed=[str(rows)])
    return codes


def weight_column(values: ArrayLike, rows: int) -> Floats:
    """(rows,) weights, each finite and above 0."""
    weight = number_column(values, rows, "weights")
    refuse_first(~(weight > 0) | ~np.isfinite(weight), weight, "weights must be above 0")
    return weight


def probability_column(values: ArrayLike, rows: int) -> Floats:
    """(rows,) inclusion probabilities in (0, 1]."""
    pi = number_column(values, rows, "probability")
    refuse_first(~((pi > 0) & (pi <= 1)), pi, "inclusion probabilities must be above 0 and at most 1")
    return pi


def nest(outer: Ints, inner: Ints) -> Ints:
    """One code 0..K-1 per pair: labels are nested."""
    return factorise(outer * (int(inner.max(initial=0)) + 1) + inner).code


def first_of(values: NDArray[Any], code: Ints, size: int) -> NDArray[Any]:
    """(size,) value of some row of each code."""
    found = np.empty(size, dtype=values.dtype)
    found[code] = values
    return found


def population_counts(values: ArrayLike, code: Ints, drawn: Ints, *, of: str, within: str) -> Floats:
    """(K,) units that each group holds, or its sampling fraction where <= 1; NaN where not known.

    Args:
        values: (n,) counts, one a row. code: (n,) group of each row. drawn: (K,) units of each group in the sample.
        of, within: what is counted and where, for messages ("clusters", "stratum").

    Raises:
        InvalidInput: 0 or less, different within a group, or fewer than were drawn.
    """
    column = number_column(values, len(code), "population")
    refuse_first(column <= 0, column, f"a population count of {of} must be above 0")
    counts = np.asarray(first_of(column, code, len(drawn)), dtype=np.float64)
    same = (column == counts[code]) | (np.isnan(column) & np.isnan(counts[code]))
    refuse_first(~same, column, f"the population count differs within a {within}")
    few = (counts > 1) & (counts < drawn)
    if few.any():
        group = int(np.argmax(few))
        raise InvalidInput(
            f"a {within} holds {counts[group]:g} {of} in the population, and {drawn[group]:,} are in the sample",
            code="population_too_small",
            value=float(counts[group]),
            where=f"row {int(np.argmax(code == group)) + 1}",
        )
    return counts


def sampling_fraction(counts: Floats, drawn: Ints) -> Floats:
    """(K,) share of each group's units that were drawn; 0 where the count is not known."""
    with np.errstate(invalid="ignore"):
        fraction = np.where(counts > 1, drawn / np.where(counts > 1, counts, 1.0), counts)
    return np.asarray(np.nan_to_num(fraction, nan=0.0), dtype=np.float64)


def refuse_first(bad: NDArray[np.bool_], values: Floats, message: str, *, hint: str = "") -> None:
    """InvalidInput naming the first bad row, when there is one."""
    if bad.any():
        at = int(np.argmax(bad))
        raise InvalidInput(message, value=float(values[at]), hint=hint, where=f"row {at + 1}")
