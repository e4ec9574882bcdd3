"""Test inversion for a share with few positives, where the variance estimate itself is not to be trusted.

Clopper-Pearson is kept, but what one more positive would weigh is not read off the data alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.estimation.intervals import Limits, t_correction
from tools.estimation.tables import ClusterTotals, Floats, Ints, Totals

SINGLE = 1.3  # inflation of the design effect with one positive cluster; falls as 1/K
CLUMPED = (0.65, 2.2)  # further inflation per positive cluster beyond the first, and its cap, when positives clump


@dataclass(frozen=True)
class Clumping:
    """What a few positives weigh.

    Attributes:
        scale: weight share of one effective positive if rows were independent (1/n for equal weights).
        mean, spread: weight share of a row, on average over rows and over weight (Σw/n and Σw²/Σw, over Σw).
        clusters: clusters with a row. hit: of these with a positive. None when rows were drawn directly.
    """

    scale: float
    mean: float
    spread: float
    clusters: int | None
    hit: int


def invert_test(
    p: float, *, variance: float, clumping: Clumping, n: int, sample: int, df: float, level: float
) -> Limits:
    """Beta limits at an effective n that never trusts a small design effect.

    With s the weight share of one effective positive (1/n for a simple random sample):
      s   = max(v/(p(1-p))·(n-1)/n, what independent rows of these weights would give)
      s'  = s(1 + c/K·(1 - K/m)) under clusters, c = 1.3 + min(1, d-1)·min(0.65(K-1), 2.2), K of m clusters positive,
            d the design effect of clustering: a variance resting on K clusters is uncertain, more so if they clump
      low  = lower tail of Beta(k·p/s, k(1-p)/s + 1)
      high = upper tail of Beta(k((p+g)/u - 1) + 1, k(1-p-g)/u + k),
            g = max(s', mean weight share), u = (s'p + g·max(s', Σw²/(Σw)²))/(p + g)
    and k the squared ratio of t quantiles (n-1 against df). Equal weights without clusters: Clopper-Pearson exactly.
    With unequal weights the upper limit lets the next positive be any row of the sample, as the gamma interval of
    Tiwari, Clegg and Zou 2006 does; the largest weight of Fay and Feuer 1997 costs many times the width where weights
    follow a score. The constants of c were set on simulated samples other than those of the study in
    docs/evidence/coverage.md, which judges them. p must be in (0, ½].
    """
    from scipy.special import betaincinv  # type: ignore[import-untyped]  # start-up

    tail, k = (1 - level) / 2, t_correction(n=sample, df=df, level=level)
    s = max(variance / (p * (1 - p)) * (n - 1) / n, clumping.scale)
    wide = s * _inflation(clumping, effect=s / clumping.scale)
    g = max(wide, clumping.mean)
    u = (wide * p + g * max(wide, clumping.spread)) / (p + g)
    low = float(betaincinv(k * p / s, k * (1 - p) / s + 1, tail))
    rest = k * (1 - p - g) / u + k
    high = float(betaincinv(k * ((p + g) / u - 1) + 1, rest, 1 - tail)) if rest > 0 else 1.0
    return Limits(low, high)


def measure_clumping(totals: Totals, *, positives: Floats, hits: Ints, p: float, seen: Floats) -> Clumping:
    """`positives` is the weighted outcome counted, and `hits` its rows, per line of `totals`; p its share.

    `seen` is the share of the frame's rows like these that were drawn.
    """
    weight = float(totals.sum_w.sum())
    rest, squares = 1.0 - seen, _squares(totals)
    rows = int(totals.n.sum())
    if isinstance(totals, ClusterTotals):
        each = totals.sum_w / np.maximum(totals.n, 1)
        squares_pos = each * positives
        hit = int(np.count_nonzero(hits > 0))
        clusters = int(np.count_nonzero(totals.n > 0)) if bool(np.any(totals.n > 1)) else None
    else:
        flipped = bool(np.any(positives != totals.sum_wy))
        squares_pos = totals.sum_ww - totals.sum_wwy if flipped else totals.sum_wwy
        hit, clusters = int(hits.sum()), None
    scale_pos = float((rest * squares_pos).sum()) / (weight * weight * p)
    scale_neg = float((rest * (squares - squares_pos)).sum()) / (weight * weight * (1 - p))
    return Clumping(
        scale=(1 - p) * scale_pos + p * scale_neg,
        mean=float((rest * totals.sum_w).sum()) / (rows * weight),
        spread=weight_of_one(totals, seen=seen),
        clusters=clusters,
        hit=hit,
    )


def weight_of_one(totals: Totals, *, seen: Floats) -> float:
    """Weight share of the row that stands for a unit of the frame drawn at random, Σw²/(Σw)².

    With clusters a row's weight is that of its cluster on average; what was counted in full is left out.
    """
    return float(((1.0 - seen) * _squares(totals)).sum()) / float(totals.sum_w.sum()) ** 2


def _squares(totals: Totals) -> Floats:
    if isinstance(totals, ClusterTotals):
        return totals.sum_w * totals.sum_w / np.maximum(totals.n, 1)
    return totals.sum_ww


def _inflation(clumping: Clumping, *, effect: float) -> float:
    if clumping.clusters is None:
        return 1.0
    k = max(clumping.hit, 1)
    slope, cap = CLUMPED
    c = SINGLE + min(max(effect - 1, 0.0), 1.0) * min(slope * (k - 1), cap)
    return 1.0 + c / k * (1 - k / max(clumping.clusters, k))
