"""Small tables for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.estimation import ClusterTotals, StratumMoments


def clusters(
    positives: Sequence[int], sizes: Sequence[int], *, weight: float = 1.0, stratum: Sequence[int] | None = None
) -> ClusterTotals:
    """Clusters of 0/1 rows of equal weight."""
    x, n = np.asarray(positives, dtype=np.int64), np.asarray(sizes, dtype=np.int64)
    return ClusterTotals(
        stratum=np.zeros(len(n), dtype=np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64),
        n=n,
        sum_w=weight * n.astype(np.float64),
        sum_wy=weight * x.astype(np.float64),
        positives=x,
        cluster=np.arange(len(n)),
    )


def strata(positives: Sequence[int], sizes: Sequence[int], weights: Sequence[float]) -> StratumMoments:
    """Strata of 0/1 rows, one weight each."""
    x, n, w = np.asarray(positives, dtype=np.int64), np.asarray(sizes, dtype=np.int64), np.asarray(weights, dtype=float)
    return StratumMoments(
        stratum=np.arange(len(n)),
        n=n,
        sum_w=w * n,
        sum_wy=w * x,
        sum_ww=w * w * n,
        sum_wwy=w * w * x,
        sum_wwyy=w * w * x,
        positives=x,
    )
