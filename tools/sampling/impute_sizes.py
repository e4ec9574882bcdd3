"""Sizes that are missing: the mean of those that are known, and counted."""

from __future__ import annotations

import math
from dataclasses import replace

from tools.errors import InvalidInput
from tools.sampling.check_frame import FrameFacts
from tools.sampling.columns import Columns, Size
from tools.sampling.designs import Design, Stratified
from tools.sampling.inclusion_probabilities import divide, unit_of
from tools.sampling.source import Source
from tools.sampling.sql_literal import double
from tools.sampling.steer_frame import count_steps


def impute_sizes(source: Source, columns: Columns, design: Design, *, facts: FrameFacts) -> Columns:
    """The columns, with a value for sizes that are missing.

    A score steers the draw and nothing else, so a unit without one gets a probability in the middle: the mean of the
    known sizes, floor applied, an exact sum over their number. What steers an allocation is not imputed: a stratum's
    standard deviation is that of its known values.

    Raises:
        InvalidInput: no size is known.
    """
    size = columns.size
    if size is None or not facts.missing or isinstance(design, Stratified):
        return columns
    unit = unit_of(facts.largest or 1.0)
    whole = source.query(f"select sum(floor({size.sql} * {double(unit)})::hugeint) from {source.relation}")[0][0]
    value = mean_size(int(whole or 0), unit=unit, known=facts.rows - facts.missing, column=size.column)
    size = replace(size, imputed=value)
    if size.predicts:
        size = replace(size, predicted=predict_frame(source, size) / (facts.rows - facts.missing))
    return replace(columns, size=size)


def predict_frame(source: Source, size: Size) -> float:
    """Positives that are predicted among the rows with a score."""
    assert size.steps is not None
    counts = count_steps(source, size.number, size.steps)
    return math.fsum(units * share for units, share in zip(counts, size.steps.predictions, strict=True))


def mean_size(whole: int, *, unit: float, known: int, column: str) -> float:
    """The mean of `known` sizes, whose sum is `whole` times 1/unit.

    Raises:
        InvalidInput: none is known.
    """
    if not known:
        raise InvalidInput(
            f"No row has a value in {column!r}, so nothing says which units are large.",
            code="invalid_size",
            value=column,
            hint="Draw with --design srs, or name another size column.",
        )
    return divide(whole, unit) / known
