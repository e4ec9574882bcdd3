"""Linearise a statistic: its value, and what each cluster (or stratum of rows) contributes to its error.

An estimand is a point formula and an influence function, both here. Variance functions (`variance.py`) consume
the influence and know nothing of the estimand; intervals come third.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tools.errors import InvalidInput
from tools.estimation.sum_by import count_by, sum_by
from tools.estimation.tables import ClusterTotals, Floats, Ints, StratumMoments, Totals

Estimand = Literal["mean", "total", "ratio", "proportion"]


@dataclass(frozen=True, eq=False)
class PerCluster:
    """(M,) stratum codes, influence values and, when given, keys of the clusters with a row in the domain."""

    stratum: Ints
    z: Floats
    key: NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class PerStratum:
    """(H,) stratum codes, sums of z and of z² over rows, and rows of the domain."""

    stratum: Ints
    sum_z: Floats
    sum_zz: Floats
    rows: Ints


Influence = PerCluster | PerStratum


@dataclass(frozen=True, eq=False)
class Linearised:
    """A value and the influence values whose design variance is that of the value."""

    value: float
    influence: Influence


def linearise(totals: Totals, *, of: Estimand) -> Linearised:
    """Total: z = wy. Mean, proportion, ratio: z = w(y - Rx) / Σwx, with x = 1 for mean and proportion.

    Source: Särndal, Swensson and Wretman 1992, eq. 5.6.8 and 5.7.5.
    """
    if of == "total":
        return Linearised(float(totals.sum_wy.sum()), _influence(totals, ratio=0.0, scale=1.0, with_x=False))
    with_x = of == "ratio" and totals.sum_wx is not None
    denominator = float((totals.sum_wx if with_x and totals.sum_wx is not None else totals.sum_w).sum())
    value = float(totals.sum_wy.sum()) / denominator
    return Linearised(value, _influence(totals, ratio=value, scale=denominator, with_x=with_x))


def subtract(new: Linearised, old: Linearised) -> Linearised:
    """New minus old, both domains of one sample: clusters are matched by key, rows are different rows."""
    value = new.value - old.value
    a, b = new.influence, old.influence
    if isinstance(a, PerStratum) and isinstance(b, PerStratum):
        return Linearised(value, _subtract_strata(a, b))
    if isinstance(a, PerCluster) and isinstance(b, PerCluster):
        return Linearised(value, _subtract_clusters(a, b))
    raise InvalidInput("a difference needs two tables of the same kind", allowed=["ClusterTotals", "StratumMoments"])


def _influence(totals: Totals, *, ratio: float, scale: float, with_x: bool) -> Influence:
    x = totals.sum_wx if with_x and totals.sum_wx is not None else totals.sum_w
    z = (totals.sum_wy - ratio * x) / scale
    if isinstance(totals, ClusterTotals):
        return PerCluster(totals.stratum, z, totals.cluster)
    wwxy, wwxx = _moments_of_x(totals, with_x)
    squares = (totals.sum_wwyy - 2 * ratio * wwxy + ratio**2 * wwxx) / scale**2
    return PerStratum(totals.stratum, z, np.maximum(squares, 0.0), totals.n if totals.rows is None else totals.rows)


def _moments_of_x(totals: StratumMoments, with_x: bool) -> tuple[Floats, Floats]:
    if not with_x:
        return totals.sum_wwy, totals.sum_ww
    if totals.sum_wwxy is None or totals.sum_wwxx is None:
        raise InvalidInput("a ratio over stratum moments needs sum_wwxy and sum_wwxx")
    return totals.sum_wwxy, totals.sum_wwxx


def _subtract_strata(a: PerStratum, b: PerStratum) -> PerStratum:
    stratum, at = np.unique(np.concatenate([a.stratum, b.stratum]), return_inverse=True)
    size = len(stratum)
    return PerStratum(
        stratum,
        sum_by(at, np.concatenate([a.sum_z, -b.sum_z]), size),
        sum_by(at, np.concatenate([a.sum_zz, b.sum_zz]), size),
        count_by(at, np.concatenate([a.rows, b.rows]), size),
    )


def _subtract_clusters(a: PerCluster, b: PerCluster) -> PerCluster:
    if a.key is None or b.key is None:
        raise InvalidInput("a difference within one sample needs the clusters' keys, to keep the covariance")
    _, codes = np.unique(np.concatenate([a.key, b.key]), return_inverse=True)
    strata = np.concatenate([a.stratum, b.stratum])
    _, first, at = np.unique(np.stack([strata, codes]), axis=1, return_index=True, return_inverse=True)
    z = sum_by(at, np.concatenate([a.z, -b.z]), len(first))
    return PerCluster(strata[first], z, codes[first])
