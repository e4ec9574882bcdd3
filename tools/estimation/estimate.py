"""One estimate, how sure it is, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; either `value`, `low` and `high` are finite, or `undefined` says why not.

    Attributes:
        value, se, low, high: in the outcome's units; `se` is None where it has no meaning (zero positives).
        level: coverage the interval aims at.
        df: degrees of freedom of the t quantile: clusters minus strata over clusters with a row in the domain.
        n: rows in the domain with an outcome. positives: of these with y = 1, unweighted.
        n_eff: n / deff. deff: variance over that of simple random sampling with replacement of the same n.
        method: the interval, in words fit for `Figure.method`.
        one_sided: `low` (zero positives) or `high` (all positive) is a certainty, the other a one-sided bound.
        undefined: reason, or None. notes: what a reader should know.
    """

    value: float | None
    se: float | None
    low: float | None
    high: float | None
    level: float
    df: float | None
    n: int
    n_eff: float | None
    deff: float | None
    positives: int | None
    method: str
    one_sided: bool = False
    undefined: str | None = None
    notes: tuple[str, ...] = ()
