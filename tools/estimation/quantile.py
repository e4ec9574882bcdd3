"""Quantiles of a weighted distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.estimate import Estimate
from tools.estimation.factorise import factorise
from tools.estimation.influence import Term
from tools.estimation.intervals import t_quantile
from tools.estimation.spread import find_spread
from tools.estimation.statistic import NO_PAIR
from tools.estimation.sum_by import count_by, sum_by
from tools.estimation.tables import ClusterTotals, Floats, Ints, StratumMoments, Totals, WeightedValues
from tools.estimation.unit_design import AnyDesign, UnitDesign


def estimate_quantile(
    values: WeightedValues, q: float, *, design: AnyDesign | None = None, level: float = 0.95
) -> Estimate:
    """The q-th quantile inf{v: F(v) >= q}, with Woodruff's interval.

    F̂ at the quantile is a share with a variance; F̂ ± t(df)·SE is carried back through the distribution.
    `se` is the half width over t. Woodruff 1952; R survey: svyquantile(interval.type="mean", qrule="math").

    Args:
        values: the weighted distribution. q: 0 < q < 1. design: as for `estimate_mean`.

    Raises:
        InvalidInput: q outside (0, 1), level outside (0, 1).
    """
    if not 0 < q < 1 or not 0 < level < 1:
        raise InvalidInput("q and the level must lie between 0 and 1", value=q if not 0 < q < 1 else level)
    n = int(values.n.sum())
    reason = _why_undefined(values)
    if reason is not None:
        return _undefined(n, level, reason)
    distribution = _distribute(values)
    point = distribution.at(q)
    spread = find_spread((Term(share_below(values, point, design=design), "proportion"),), design=design)
    if spread.undefined is not None or (spread.df < 1 and not spread.census):
        return _undefined(n, level, spread.undefined or NO_PAIR)
    t = t_quantile((1 + level) / 2, max(spread.df, 1.0))
    half, reached = t * math.sqrt(spread.variance), distribution.reached(point)
    low, high = distribution.at(reached - half), distribution.at(reached + half)
    notes = spread.notes
    if reached - half <= 0 or reached + half >= 1:
        notes += ("too few rows beyond the quantile: a limit is the smallest or largest value seen",)
    return Estimate(
        value=point,
        se=(high - low) / (2 * t),
        low=min(low, point),
        high=max(high, point),
        level=level,
        df=spread.df,
        n=n,
        n_eff=None,
        deff=None,
        positives=None,
        method="woodruff",
        notes=notes,
    )


def share_below(values: WeightedValues, point: float, *, design: AnyDesign | None) -> Totals:
    """Sums of the share at or below the point: per row, per cluster, or per stratum of rows."""
    stratum: Ints = np.zeros(len(values.n), dtype=np.int64) if values.stratum is None else values.stratum
    below = (values.value <= point).astype(np.float64)
    if isinstance(design, UnitDesign):
        return ClusterTotals(
            stratum=stratum, n=values.n, sum_w=values.sum_w, sum_wy=values.sum_w * below, cluster=values.cluster
        )
    if values.cluster is not None:
        return _by_cluster(values, stratum, below)
    return _by_stratum(values, stratum, below)


@dataclass(frozen=True, eq=False)
class _Distribution:
    """Distinct values in order and the share of the weight at or below each."""

    grid: Floats
    cumulative: Floats

    def at(self, q: float) -> float:
        place = int(np.searchsorted(self.cumulative, q - 1e-12))
        return float(self.grid[min(max(place, 0), len(self.grid) - 1)])

    def reached(self, value: float) -> float:
        return float(self.cumulative[np.searchsorted(self.grid, value)])


def _distribute(values: WeightedValues) -> _Distribution:
    order = np.argsort(values.value, kind="stable")
    ordered = values.value[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    cumulative = np.cumsum(values.sum_w[order])
    return _Distribution(ordered[last], cumulative[last] / cumulative[-1])


def _by_cluster(values: WeightedValues, stratum: Ints, below: Floats) -> ClusterTotals:
    assert values.cluster is not None
    key = factorise(values.cluster).code
    pair = factorise(key * (int(stratum.max(initial=0)) + 1) + stratum)
    size, first = len(pair.labels), np.zeros(len(pair.labels), dtype=np.int64)
    first[pair.code] = np.arange(len(key))
    return ClusterTotals(
        stratum=stratum[first],
        n=count_by(pair.code, values.n, size),
        sum_w=sum_by(pair.code, values.sum_w, size),
        sum_wy=sum_by(pair.code, values.sum_w * below, size),
        cluster=values.cluster[first],
    )


def _by_stratum(values: WeightedValues, stratum: Ints, below: Floats) -> StratumMoments:
    squares = values.sum_w**2 / np.maximum(values.n, 1) if values.sum_ww is None else values.sum_ww
    found = factorise(stratum)

    def add(x: Floats) -> Floats:
        return sum_by(found.code, x, len(found.labels))

    return StratumMoments(
        stratum=found.labels,
        n=count_by(found.code, values.n, len(found.labels)),
        sum_w=add(values.sum_w),
        sum_wy=add(values.sum_w * below),
        sum_ww=add(squares),
        sum_wwy=add(squares * below),
        sum_wwyy=add(squares * below),
    )


def _why_undefined(values: WeightedValues) -> str | None:
    weight = float(values.sum_w.sum())
    if int(values.n.sum()) == 0:
        return "no rows"
    if not (math.isfinite(weight) and bool(np.isfinite(values.value).all())):
        return "an outcome or a weight is not a number"
    if bool((values.sum_w < 0).any()):
        return "a weight is negative"
    return "the weights sum to zero" if weight <= 0 else None


def _undefined(n: int, level: float, reason: str) -> Estimate:
    return Estimate(None, None, None, None, level, None, n, None, None, None, "undefined", undefined=reason)
