"""A difference of two full counts as the outcome of a process: actors are drawn, and all rows of one come with it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tools.estimation.difference import difference_of_limits
from tools.estimation.estimate import Estimate
from tools.estimation.intervals import Limits, clopper_pearson, korn_graubard, wald

MIN_CLUSTERS = 2


@dataclass(frozen=True)
class ProcessSide:
    """One of two counts.

    Attributes:
        value: in the metric's units. n: rows. positives: of a share, else None.
        clusters: actors with a row here, each row without an actor being one.
        variance: Σu² over clusters, u the linearised influence on the value (y - R·x)/X; y itself for a total.
        rows_variance: the same with every row a cluster of its own; None where that has no meaning.
    """

    value: float
    n: int
    positives: int | None
    clusters: int
    variance: float
    rows_variance: float | None


def estimate_process_difference(
    new: ProcessSide,
    old: ProcessSide,
    *,
    clusters: int,
    covariance: float,
    fourth: float,
    is_total: bool,
    level: float = 0.95,
) -> Estimate:
    """New minus old, with the interval that a repetition of the process would give.

    Clusters are independent, rows within one are not. Means and ratios: variance m/(m-1)·Σu², the ratio's linearisation
    (Särndal, Swensson and Wretman 1992, section 5.5). Totals: the number of actors is random too, so that nothing is
    centred (a compound Poisson sum). df = 2(Σu²)²/Σu⁴, at most m - 1: a variance that rests on a few large clusters is
    itself unsure (Satterthwaite 1946). Shares take the difference of each side's limits, as samples do.

    Args:
        clusters: m, of both sides together. covariance: Σu·v over clusters that both sides have.
        fourth: Σ(u - v)⁴ over clusters. is_total: counts and sums.
    """
    factor = 1.0 if is_total else clusters / max(clusters - 1, 1)
    squares = max(new.variance + old.variance - 2 * covariance, 0.0)
    n, value = new.n + old.n, new.value - old.value
    if clusters < MIN_CLUSTERS or squares <= 0.0:
        reason = "too few actors to tell how far they differ" if clusters < MIN_CLUSTERS else "no actor differs"
        return Estimate(None, None, None, None, level, None, n, None, None, None, "none", undefined=reason)
    df = min(max(2 * squares**2 / fourth, 1.0) if fourth > 0 else math.inf, max(clusters - 1.0, 1.0))
    variance = factor * squares
    rows = None if new.rows_variance is None or old.rows_variance is None else new.rows_variance + old.rows_variance
    known = new.positives is not None and old.positives is not None
    if known:
        sides = tuple(_share(side, df=df, level=level) for side in (new, old))
        correlation = _correlation(new, old, covariance)
        limits = difference_of_limits(sides[0], sides[1], correlation=correlation)
        limits = Limits(max(limits.low, -1.0), min(limits.high, 1.0))
    else:
        limits = wald(value, math.sqrt(variance), df=df, level=level)
    return Estimate(
        value=value,
        se=math.sqrt(variance),
        low=limits.low,
        high=limits.high,
        level=level,
        df=df,
        n=n,
        n_eff=None,
        deff=variance / rows if rows else None,
        positives=(new.positives or 0) + (old.positives or 0) if known else None,
        method="difference of limits, clustered" if known else "wald, clustered",
    )


def _share(side: ProcessSide, *, df: float, level: float) -> Estimate:
    """One side's own limits; a cluster is all or nothing where every row is alike."""
    p = side.value
    factor = side.clusters / max(side.clusters - 1, 1)
    se = math.sqrt(side.variance * factor)
    if side.positives in (0, side.n) or se <= 0.0:
        limits = clopper_pearson(p * side.clusters, side.clusters, level=level)
    else:
        limits = korn_graubard(p, se, n=side.n, df=df, level=level)
    return Estimate(p, se, limits.low, limits.high, level, df, side.n, None, None, side.positives, "korn-graubard")


def _correlation(new: ProcessSide, old: ProcessSide, covariance: float) -> float:
    both = math.sqrt(new.variance * old.variance)
    return min(max(covariance / both, -1.0), 1.0) if both > 0 else 0.0
