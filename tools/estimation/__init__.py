"""Design-based estimates: sums per cluster in, a value with its interval out.

    estimate_mean, estimate_total, estimate_ratio, estimate_proportion     one domain of one sample
    estimate_difference                                                    new minus old, covariance kept
    estimate_quantile                                                      Woodruff, over a weighted distribution
    estimate_agreement, krippendorff_alpha                                 nominal labels

Every estimator linearises (influence values per cluster), one variance function per design consumes
those, and an interval is chosen by `choose_interval`. scipy is imported inside functions: a full count
never needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tools.estimation.estimate import Estimate
from tools.estimation.tables import (
    ClusterTotals,
    Design,
    LabelCounts,
    Lonely,
    StratumMoments,
    Totals,
    WeightedValues,
)

Interval = Literal["wald", "logit", "asin", "wilson", "clopper-pearson", "jeffreys", "korn-graubard"]
Estimand = Literal["mean", "total", "ratio", "proportion"]


def estimate_mean(
    totals: Totals, *, design: Design | None = None, level: float = 0.95, interval: Interval | None = None
) -> Estimate:
    """Weighted mean Σwy / Σw. `design` None: every cluster of the sample is in `totals`, no population correction."""
    raise NotImplementedError


def estimate_total(
    totals: Totals, *, design: Design | None = None, level: float = 0.95, interval: Interval | None = None
) -> Estimate:
    """Weighted total Σwy (weights on the frame's scale)."""
    raise NotImplementedError


def estimate_ratio(
    totals: Totals, *, design: Design | None = None, level: float = 0.95, interval: Interval | None = None
) -> Estimate:
    """Ratio of totals Σwy / Σwx."""
    raise NotImplementedError


def estimate_proportion(
    totals: Totals, *, design: Design | None = None, level: float = 0.95, interval: Interval | None = None
) -> Estimate:
    """Share Σwy / Σw of a 0/1 outcome; `positives` is required. Zero positives: a one-sided bound."""
    raise NotImplementedError


def estimate_difference(
    new: Totals,
    old: Totals,
    *,
    of: Estimand,
    design: Design | None = None,
    old_design: Design | None = None,
    level: float = 0.95,
    interval: Interval | None = None,
) -> Estimate:
    """New minus old.

    One sample (`old_design` None): both tables are domains of `design`, clusters matched by their keys, covariance
    kept. With `old_design`, two independent samples: variances add.
    """
    raise NotImplementedError


def estimate_quantile(
    values: WeightedValues, q: float, *, design: Design | None = None, level: float = 0.95
) -> Estimate:
    """The q-th quantile with Woodruff's interval."""
    raise NotImplementedError


def estimate_agreement(
    counts: LabelCounts, *, statistic: Literal["alpha", "percent"] = "alpha", level: float = 0.95
) -> Estimate:
    """Krippendorff's nominal alpha, or the share of agreeing pairs, with an interval over items."""
    raise NotImplementedError


def krippendorff_alpha(coincidences: Sequence[Sequence[float]]) -> float | None:
    """Nominal alpha of a square coincidence table; None when no pair of labels exists or only one label occurs."""
    raise NotImplementedError


__all__ = [
    "ClusterTotals",
    "Design",
    "Estimand",
    "Estimate",
    "Interval",
    "LabelCounts",
    "Lonely",
    "StratumMoments",
    "Totals",
    "WeightedValues",
    "estimate_agreement",
    "estimate_difference",
    "estimate_mean",
    "estimate_proportion",
    "estimate_quantile",
    "estimate_ratio",
    "estimate_total",
    "krippendorff_alpha",
]
