"""What the warehouse hands to the estimators: sums per cluster or per stratum, never finished ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Lonely = Literal["fail", "adjust", "certainty", "average"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """The sample as drawn, whatever domain is being estimated.

    Attributes:
        stratum: (H,) stratum codes, as used in the tables below.
        clusters: (H,) first-stage units drawn in each stratum (rows, where rows are drawn directly),
            including those without a row in the domain.
        population: (H,) first-stage units the stratum holds in the frame; a value <= 1 is a sampling
            fraction; NaN, or None for all strata, means no finite population correction.
        rows: rows of the whole sample (Korn-Graubard's n); None takes those of the table.
        lonely: what a stratum with one cluster adds to the variance.
    """

    stratum: Ints
    clusters: Ints
    population: Floats | None = None
    rows: int | None = None
    lonely: Lonely = "fail"


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterTotals:
    """One row per cluster that has a row in the domain; sums run over the domain's rows of the cluster.

    Attributes:
        stratum: (M,) stratum codes.
        n: (M,) rows with an outcome; 0 where all outcomes of the domain's rows are missing.
        sum_w, sum_wy: (M,) weights, weighted outcome (for a proportion y is 0 or 1).
        sum_wx: (M,) weighted denominator; None stands for x = 1, that is sum_w.
        positives: (M,) rows with y = 1, unweighted; None where y is not 0/1.
        cluster: (M,) keys, any dtype that compares; needed by `estimate_difference` alone. Clusters are
            nested in strata.
        sum_wyy, sum_wxy, sum_wxx: (M,) for the design effect; None leaves it undefined except for
            proportions, where y² = y.
    """

    stratum: Ints
    n: Ints
    sum_w: Floats
    sum_wy: Floats
    sum_wx: Floats | None = None
    positives: Ints | None = None
    cluster: NDArray[Any] | None = None
    sum_wyy: Floats | None = None
    sum_wxy: Floats | None = None
    sum_wxx: Floats | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class StratumMoments:
    """One row per stratum that has a row in the domain, for designs that draw rows directly.

    Attributes:
        stratum: (H,) stratum codes.
        n: (H,) rows of the domain with an outcome.
        sum_w, sum_wy, sum_wx: (H,) as in `ClusterTotals`.
        sum_ww, sum_wwy, sum_wwx, sum_wwyy, sum_wwxy, sum_wwxx: (H,) sums of w², w²y, w²x, w²y², w²xy, w²x²;
            those with x may be None for x = 1.
        max_w: (H,) largest weight; None where weights are equal within strata.
        rows: (H,) rows of the domain, with or without an outcome; None when all have one.
        positives, sum_wyy, sum_wxy, sum_wxx: as in `ClusterTotals`.
    """

    stratum: Ints
    n: Ints
    sum_w: Floats
    sum_wy: Floats
    sum_ww: Floats
    sum_wwy: Floats
    sum_wwyy: Floats
    sum_wx: Floats | None = None
    sum_wwx: Floats | None = None
    sum_wwxy: Floats | None = None
    sum_wwxx: Floats | None = None
    max_w: Floats | None = None
    rows: Ints | None = None
    positives: Ints | None = None
    sum_wyy: Floats | None = None
    sum_wxy: Floats | None = None
    sum_wxx: Floats | None = None


Totals = ClusterTotals | StratumMoments


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightedValues:
    """A weighted distribution: one row per distinct value within a cluster (or within a stratum of rows).

    Attributes:
        value: (K,) outcomes.
        sum_w: (K,) weight on that value.
        n: (K,) rows with that value.
        stratum: (K,) stratum codes; None for one stratum.
        cluster: (K,) keys; None when rows were drawn directly.
        sum_ww: (K,) sums of w², needed when `cluster` is None and n > 1 with unequal weights.
    """

    value: Floats
    sum_w: Floats
    n: Ints
    stratum: Ints | None = None
    cluster: NDArray[Any] | None = None
    sum_ww: Floats | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelCounts:
    """How often each label was given to each item: one row per (item, label), missing labels left out.

    Attributes:
        item: (K,) item keys. label: (K,) label keys. n: (K,) raters who gave that label.
    """

    item: NDArray[Any]
    label: NDArray[Any]
    n: Ints
