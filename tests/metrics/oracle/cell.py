"""One number of the oracle."""

from __future__ import annotations

from dataclasses import dataclass

Number = float | int


class NoData(Exception):
    """The data has no day in the period, or none of a value."""


@dataclass(frozen=True)
class Cell:
    """A value, or None where nothing can be said.

    Attributes:
        n: rows behind it, where docs/metrics.md says which. positives: of a share.
        too_few: `min_n` withholds it.
        n_eff, half_width: of an estimate from a sample, where the formula is simple.
        no_error: all or none of the rows are positive: there is a bound, and no standard error to go on with.
        sum_wy: of a total that is thin, for its share of a whole that is not.
        thin: no stratum has two clusters with a row, so that its error is not known.
    """

    value: Number | None
    n: int | None = None
    positives: int | None = None
    too_few: bool = False
    sampled: bool = False
    n_eff: float | None = None
    half_width: float | None = None
    no_error: bool = False
    sum_wy: Number | None = None
    thin: bool = False
