"""Rows of moments as the tables that `tools.estimation` takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tools.metrics.definitions import Metric, Prevalence, Proportion, Ratio
from tools.metrics.sample_design import SampleDesign
from tools.metrics.sample_sql import moments

if TYPE_CHECKING:
    from tools.estimation import Totals, WeightedValues

MomentRows = Sequence[tuple[Any, ...]]


def totals_of(metric: Metric, rows: MomentRows, design: SampleDesign, *, clustered: bool) -> Totals:
    """One cell's moments: rows of (stratum, [cluster,] moments)."""
    import numpy as np  # start-up

    from tools.estimation import ClusterTotals, StratumMoments

    stratum = np.array([design.codes[r[0]] for r in rows], dtype=np.int64)
    start = 2 if clustered else 1
    table = {
        name: np.array([float(r[start + i] or 0) for r in rows])
        for i, name in enumerate(moments(with_x=isinstance(metric, Ratio), clustered=clustered))
    }
    n = table.pop("n").astype(np.int64)
    sum_y = table.pop("sum_y")
    positives = np.rint(sum_y).astype(np.int64) if isinstance(metric, (Proportion, Prevalence)) else None
    if design.weights is not None and len(rows):
        scale = np.array(design.weights)[stratum]
        table = {name: values * scale ** name.count("w") for name, values in table.items()}
    if not clustered:
        return StratumMoments(stratum=stratum, n=n, positives=positives, **table)
    keys = np.array(design.cluster_codes(stratum.tolist(), [r[1] for r in rows]), dtype=np.int64)
    return ClusterTotals(stratum=stratum, n=n, positives=positives, cluster=keys, **table)


def distribution_of(rows: MomentRows, design: SampleDesign, *, clustered: bool) -> WeightedValues:
    """One cell's weighted distribution: rows of (stratum, [cluster,] value, n, Σw, Σw²)."""
    import numpy as np  # start-up

    from tools.estimation import WeightedValues

    stratum = np.array([design.codes[r[0]] for r in rows], dtype=np.int64)
    scale = np.array(design.weights)[stratum] if design.weights is not None and len(rows) else np.ones(len(rows))
    codes = design.cluster_codes(stratum.tolist(), [r[1] for r in rows]) if clustered else None
    return WeightedValues(
        value=np.array([float(r[-4]) for r in rows]),
        n=np.array([int(r[-3]) for r in rows], dtype=np.int64),
        sum_w=np.array([float(r[-2]) for r in rows]) * scale,
        sum_ww=np.array([float(r[-1]) for r in rows]) * scale**2,
        stratum=stratum,
        cluster=None if codes is None else np.array(codes, dtype=np.int64),
    )
