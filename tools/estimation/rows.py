"""Rows in memory, summed to the tables that estimators take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import InvalidInput
from tools.estimation.sum_by import count_by, sum_by
from tools.estimation.tables import ClusterTotals, Design, Floats, Ints, Lonely


@dataclass(frozen=True, eq=False)
class Sample:
    """The domain's sums and the design of the whole sample; `missing` rows of the domain had no outcome."""

    totals: ClusterTotals
    design: Design
    missing: int = 0


def sum_rows(
    y: ArrayLike,
    *,
    x: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    lonely: Lonely = "fail",
) -> Sample:
    """Sums per first-stage cluster of the rows in `domain`, and the design over all rows.

    Args:
        y: (n,) outcomes, NaN where missing. x: (n,) denominators of a ratio, NaN where missing.
        weights: (n,) weights > 0; None: 1. strata, clusters: (n,) labels; clusters are nested in strata.
        population: (n,) first-stage units in the row's stratum (a value <= 1 is a sampling fraction).
        domain: (n,) booleans; None: all rows. A row without outcome leaves as a domain does.

    Raises:
        InvalidInput: columns of different lengths, weights that are missing or not above 0, a population count that
            differs within a stratum.
    """
    outcome = np.asarray(y, dtype=np.float64)
    rows = len(outcome)
    weight = _column(weights, rows, 1.0, "weights")
    bad = ~(weight > 0) | ~np.isfinite(weight)
    if bad.any():
        at = int(np.argmax(bad))
        raise InvalidInput("weights must be above 0", value=float(weight[at]), where=f"row {at + 1}")
    stratum = _codes(strata, rows, "strata")
    cluster = _nest(stratum, np.arange(rows) if clusters is None else _codes(clusters, rows, "clusters"))
    design = _design(stratum, cluster, population=population, rows=rows, lonely=lonely)
    inside = np.ones(rows, dtype=bool) if domain is None else np.asarray(domain, dtype=bool)
    denominator = None if x is None else _column(x, rows, 1.0, "x")
    seen = inside & np.isfinite(outcome)
    if denominator is not None:
        seen &= np.isfinite(denominator)
    totals = _sum(outcome, denominator, weight, stratum, cluster, inside=inside, seen=seen)
    return Sample(totals, design, missing=int(np.count_nonzero(inside & ~seen)))


def _sum(
    y: Floats,
    x: Floats | None,
    w: Floats,
    stratum: Ints,
    cluster: Ints,
    *,
    inside: NDArray[np.bool_],
    seen: NDArray[np.bool_],
) -> ClusterTotals:
    keys, first, at = np.unique(cluster[inside], return_index=True, return_inverse=True)
    at, size, counted = at.ravel(), len(keys), seen[inside]

    def add(values: Floats) -> Floats:
        return sum_by(at, np.where(counted, values[inside], 0.0), size)

    binary = bool(np.isin(y[seen], (0.0, 1.0)).all())
    return ClusterTotals(
        stratum=stratum[inside][first],
        n=count_by(at, counted, size),
        sum_w=add(w),
        sum_wy=add(w * y),
        sum_wx=None if x is None else add(w * x),
        positives=add(y).astype(np.int64) if binary else None,
        cluster=keys,
        sum_wyy=add(w * y * y),
        sum_wxy=None if x is None else add(w * x * y),
        sum_wxx=None if x is None else add(w * x * x),
    )


def _design(stratum: Ints, cluster: Ints, *, population: ArrayLike | None, rows: int, lonely: Lonely) -> Design:
    _, first = np.unique(cluster, return_index=True)
    codes, drawn = np.unique(stratum[first], return_counts=True)
    counts: Floats | None = None
    if population is not None:
        column = _column(population, rows, np.nan, "population")
        _, start, at = np.unique(stratum, return_index=True, return_inverse=True)
        counts = column[start]
        if not np.array_equal(counts[at.ravel()], column, equal_nan=True):
            raise InvalidInput("the population count differs within a stratum")
    return Design(stratum=codes, clusters=drawn.astype(np.int64), population=counts, rows=rows, lonely=lonely)


def _column(values: ArrayLike | None, rows: int, default: float, name: str) -> Floats:
    if values is None:
        return np.full(rows, default)
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (rows,):
        raise InvalidInput(f"{name} must have one value a row", value=list(column.shape), allowed=[str(rows)])
    return column


def _codes(labels: ArrayLike | None, rows: int, name: str) -> Ints:
    if labels is None:
        return np.zeros(rows, dtype=np.int64)
    values: NDArray[Any] = np.asarray(labels)
    if values.shape != (rows,):
        raise InvalidInput(f"{name} must have one value a row", value=list(values.shape), allowed=[str(rows)])
    return np.unique(values, return_inverse=True)[1].ravel().astype(np.int64)


def _nest(stratum: Ints, cluster: Ints) -> Ints:
    """One code per (stratum, cluster)."""
    return np.asarray(stratum * (int(cluster.max(initial=0)) + 1) + cluster, dtype=np.int64)
