"""A domain of a survey as the tables that estimators take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.estimation.sum_by import count_by, sum_by
from tools.estimation.survey import Survey
from tools.estimation.tables import ClusterTotals, Floats, Ints, StratumMoments, Totals, WeightedValues
from tools.estimation.unit_design import UnitDesign

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Domain:
    """The sums of a domain; `missing` of its rows had no outcome."""

    totals: Totals
    missing: int = 0


def sum_domain(survey: Survey, y: Floats, *, x: Floats | None = None, rows: Ints | None = None) -> Domain:
    """Sums over a domain, by cluster; by row where the design looks at rows; by stratum where that says it all.

    Args:
        y: (n,) outcomes of the whole sample, NaN where missing. x: (n,) denominators of a ratio, NaN where missing.
        rows: row numbers of the domain, ascending; None: all. Rows without outcome leave the sums, not the design.
    """
    inside = slice(None) if rows is None else rows
    outcome, denominator = y[inside], None if x is None else x[inside]
    seen = np.isfinite(outcome)
    if denominator is not None:
        seen &= np.isfinite(denominator)
    missing = int(len(seen) - np.count_nonzero(seen))
    if missing:
        outcome = np.where(seen, outcome, 0.0)
        denominator = None if denominator is None else np.where(seen, denominator, 0.0)
    part = _Part(outcome, denominator, survey.weight[inside], survey.stratum[inside], seen, missing)
    if isinstance(survey.design, UnitDesign):
        keys = np.arange(survey.rows) if rows is None else rows
        return Domain(_by_row(part, keys), missing)
    if survey.cluster is not None:
        return Domain(_by_cluster(part, survey, survey.cluster[inside]), missing)
    if part.binary and denominator is None and (moments := _by_stratum(part, survey)) is not None:
        return Domain(moments, missing)
    return Domain(_by_row(part, np.arange(survey.rows) if rows is None else rows), missing)


def distribute_domain(survey: Survey, y: Floats, *, rows: Ints | None = None) -> WeightedValues:
    """The weighted distribution of a domain's outcomes, one line a row."""
    keys = np.arange(survey.rows) if rows is None else rows
    keys = keys[np.isfinite(y[keys])]
    weight = survey.weight[keys]
    cluster = keys if isinstance(survey.design, UnitDesign) else None
    if cluster is None and survey.cluster is not None:
        cluster = survey.cluster[keys]
    return WeightedValues(
        value=y[keys],
        sum_w=weight,
        n=np.ones(len(keys), dtype=np.int64),
        stratum=survey.stratum[keys],
        cluster=cluster,
        sum_ww=weight * weight,
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows of a domain; outcome and denominator are 0 where `seen` is false."""

    y: Floats
    x: Floats | None
    w: Floats
    stratum: Ints
    seen: Mask
    missing: int

    @property
    def binary(self) -> bool:
        return bool(((self.y == 0) | (self.y == 1)).all())

    @property
    def weight(self) -> Floats:
        return np.where(self.seen, self.w, 0.0) if self.missing else self.w


def _by_row(part: _Part, keys: Ints) -> ClusterTotals:
    w, binary = part.weight, part.binary
    wy = w * part.y
    wx = None if part.x is None else w * part.x
    return ClusterTotals(
        stratum=part.stratum,
        n=part.seen.astype(np.int64),
        sum_w=w,
        sum_wy=wy,
        sum_wx=wx,
        positives=part.y.astype(np.int64) if binary else None,
        cluster=keys,
        sum_wyy=wy if binary else wy * part.y,
        sum_wxy=None if wx is None else wx * part.y,
        sum_wxx=None if wx is None or part.x is None else wx * part.x,
    )


def _by_cluster(part: _Part, survey: Survey, cluster: Ints) -> ClusterTotals:
    """Sums by first-stage unit; clusters whose rows all miss their outcome stay, with n = 0."""
    assert survey.cluster_stratum is not None
    size, w, binary = len(survey.cluster_stratum), part.weight, part.binary
    lines = np.bincount(cluster, minlength=size)
    kept = np.flatnonzero(lines)

    def add(values: Floats) -> Floats:
        return sum_by(cluster, values, size)[kept]

    wy = w * part.y
    wx = None if part.x is None else w * part.x
    summed = add(wy)
    return ClusterTotals(
        stratum=survey.cluster_stratum[kept],
        n=count_by(cluster, part.seen, size)[kept] if part.missing else lines[kept].astype(np.int64),
        sum_w=add(w),
        sum_wy=summed,
        sum_wx=None if wx is None else add(wx),
        positives=np.rint(add(part.y)).astype(np.int64) if binary else None,
        cluster=kept,
        sum_wyy=summed if binary else add(wy * part.y),
        sum_wxy=None if wx is None else add(wx * part.y),
        sum_wxx=None if wx is None or part.x is None else add(wx * part.x),
    )


def _by_stratum(part: _Part, survey: Survey) -> StratumMoments | None:
    """Sums by stratum of a 0/1 outcome whose weights are equal within strata, which loses nothing; else None."""
    size = len(survey.strata)
    weight = np.zeros(size)
    weight[part.stratum] = part.w
    if not np.array_equal(weight[part.stratum], part.w):
        return None
    lines = np.bincount(part.stratum, minlength=size)
    kept = np.flatnonzero(lines)
    w = weight[kept]
    n = count_by(part.stratum, part.seen, size)[kept]
    positives = np.rint(sum_by(part.stratum, part.y, size)[kept]).astype(np.int64)
    return StratumMoments(
        stratum=kept,
        n=n,
        sum_w=w * n,
        sum_wy=w * positives,
        sum_ww=w * w * n,
        sum_wwy=w * w * positives,
        sum_wwyy=w * w * positives,
        rows=lines[kept].astype(np.int64),
        positives=positives,
        sum_wyy=w * positives,
    )
