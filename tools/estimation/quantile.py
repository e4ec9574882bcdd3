"""Quantiles of a weighted distribution."""

from __future__ import annotations

import math

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.estimate import Estimate
from tools.estimation.influence import linearise
from tools.estimation.intervals import t_quantile
from tools.estimation.sum_by import count_by, sum_by
from tools.estimation.tables import ClusterTotals, Design, Floats, Ints, StratumMoments, Totals, WeightedValues
from tools.estimation.variance import stratified_variance


def estimate_quantile(
    values: WeightedValues, q: float, *, design: Design | None = None, level: float = 0.95
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
    n, weight = int(values.n.sum()), float(values.sum_w.sum())
    if n == 0:
        return _undefined(n, level, "no rows")
    if not (math.isfinite(weight) and bool(np.isfinite(values.value).all())):
        return _undefined(n, level, "an outcome or a weight is not a number")
    if weight <= 0 or bool((values.sum_w < 0).any()):
        return _undefined(n, level, "the weights sum to zero" if weight == 0 else "a weight is negative")
    grid, cumulative = _distribution(values)
    point = _at(q, grid, cumulative)
    spread = stratified_variance(linearise(_below(values, point), of="proportion").influence, design=design)
    if spread.undefined is not None or (spread.df < 1 and not spread.census):
        reason = spread.undefined or "no stratum has two clusters with a row in the domain"
        return _undefined(n, level, reason)
    t = t_quantile((1 + level) / 2, max(spread.df, 1.0))
    half = t * math.sqrt(spread.variance)
    reached = float(cumulative[np.searchsorted(grid, point)])
    low, high = _at(reached - half, grid, cumulative), _at(reached + half, grid, cumulative)
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


def _distribution(values: WeightedValues) -> tuple[Floats, Floats]:
    grid, at = np.unique(values.value, return_inverse=True)
    share = sum_by(at, values.sum_w, len(grid))
    return grid, np.cumsum(share) / share.sum()


def _at(q: float, grid: Floats, cumulative: Floats) -> float:
    at = int(np.searchsorted(cumulative, q - 1e-12))
    return float(grid[min(max(at, 0), len(grid) - 1)])


def _below(values: WeightedValues, point: float) -> Totals:
    """Sums of the share at or below the point, per cluster or per stratum of rows."""
    stratum: Ints = np.zeros(len(values.n), dtype=np.int64) if values.stratum is None else values.stratum
    below = (values.value <= point).astype(np.float64)
    if values.cluster is not None:
        _, key = np.unique(values.cluster, return_inverse=True)
        pairs, at = np.unique(np.stack([stratum, key.ravel()]), axis=1, return_inverse=True)
        at, size = at.ravel(), pairs.shape[1]
        return ClusterTotals(
            stratum=pairs[0],
            n=count_by(at, values.n, size),
            sum_w=sum_by(at, values.sum_w, size),
            sum_wy=sum_by(at, values.sum_w * below, size),
        )
    squares = values.sum_w**2 / np.maximum(values.n, 1) if values.sum_ww is None else values.sum_ww
    codes, at = np.unique(stratum, return_inverse=True)
    size = len(codes)

    def add(x: Floats) -> Floats:
        return sum_by(at, x, size)

    return StratumMoments(
        stratum=codes,
        n=count_by(at, values.n, size),
        sum_w=add(values.sum_w),
        sum_wy=add(values.sum_w * below),
        sum_ww=add(squares),
        sum_wwy=add(squares * below),
        sum_wwyy=add(squares * below),
    )


def _undefined(n: int, level: float, reason: str) -> Estimate:
    return Estimate(None, None, None, None, level, None, n, None, None, None, "undefined", undefined=reason)
