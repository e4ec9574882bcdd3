"""Linearise a statistic: its value, and what each cluster (or stratum of rows) contributes to its error.

An estimand is a point formula and an influence function, both here. Variance functions (`variance.py`) consume
the influence and know nothing of the estimand; intervals come third.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tools.errors import InvalidInput
from tools.estimation.factorise import factorise
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
    """(H,) stratum codes, sums of z and of z² over rows, and rows of the domain.

    `within` is Σ(z - z̄)² over the `counted` rows with an outcome, where it is known without a difference of squares.
    """

    stratum: Ints
    sum_z: Floats
    sum_zz: Floats
    rows: Ints
    within: Floats | None = None
    counted: Ints | None = None


Influence = PerCluster | PerStratum


@dataclass(frozen=True, eq=False)
class Linearised:
    """A value and the influence values whose design variance is that of the value."""

    value: float
    influence: Influence


@dataclass(frozen=True, eq=False)
class Term:
    """A statistic of one domain, and whether it is added or subtracted."""

    totals: Totals
    of: Estimand
    sign: float = 1.0

    @property
    def sums(self) -> tuple[Floats, ...]:
        """What the statistic is made of: weighted outcomes, and unless it is a total, denominators."""
        if self.of == "total":
            return (self.totals.sum_wy,)
        with_x = self.of == "ratio" and self.totals.sum_wx is not None
        denominator = self.totals.sum_wx if with_x else self.totals.sum_w
        assert denominator is not None
        return (self.totals.sum_wy, denominator)

    @property
    def keys(self) -> Ints:
        """Rows of the sample that the lines of the table are, under a `UnitDesign`."""
        if not isinstance(self.totals, ClusterTotals) or self.totals.cluster is None:
            raise InvalidInput("this design needs a table with one line a row, and the row's number as its cluster")
        return self.totals.cluster


def linearise_terms(terms: Sequence[Term]) -> Linearised:
    """One statistic, or one minus another: domains of one sample that share no row."""
    first = linearise(terms[0].totals, of=terms[0].of)
    return first if len(terms) == 1 else subtract(first, linearise(terms[1].totals, of=terms[1].of))


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
    rows = totals.n if totals.rows is None else totals.rows
    within = None if with_x else _within(totals, scale)
    return PerStratum(totals.stratum, z, np.maximum(squares, 0.0), rows, within, totals.n)


def _within(totals: StratumMoments, scale: float) -> Floats | None:
    """w² n₁ n₀ / n of a 0/1 outcome whose weights are equal within strata: 0 exactly where a stratum is pure."""
    if totals.positives is None or totals.max_w is not None:
        return None
    n = np.maximum(totals.n, 1)
    weight = totals.sum_w / n / scale
    return np.asarray(weight**2 * totals.positives * (totals.n - totals.positives) / n, dtype=np.float64)


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
    strata = np.concatenate([a.stratum, b.stratum])
    codes = factorise(np.concatenate([a.key, b.key])).code * (int(strata.max(initial=0)) + 1) + strata
    _, first, at = np.unique(codes, return_index=True, return_inverse=True)
    z = sum_by(at, np.concatenate([a.z, -b.z]), len(first))
    return PerCluster(strata[first], z, codes[first])
