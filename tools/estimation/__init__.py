"""Design-based estimates: sums per cluster in, a value with its interval out.

    estimate_mean, estimate_total, estimate_ratio, estimate_proportion     one domain of one sample
    estimate_difference                                                    new minus old, covariance kept
    estimate_quantile                                                      Woodruff, over a weighted distribution
    estimate_agreement                                                     nominal labels
    sum_rows                                                               rows in memory to the tables these take

Every estimator linearises (influence values per cluster), one variance function per design consumes those, and an
interval is chosen by `choose_interval`. scipy is imported inside functions: a full count never needs it.
"""

from tools.estimation.agreement.estimate_agreement import estimate_agreement
from tools.estimation.choose_interval import Interval
from tools.estimation.difference import estimate_difference
from tools.estimation.estimate import Estimate
from tools.estimation.influence import Estimand
from tools.estimation.mean import estimate_mean
from tools.estimation.proportion import estimate_proportion
from tools.estimation.quantile import estimate_quantile
from tools.estimation.ratio import estimate_ratio
from tools.estimation.rows import Sample, sum_rows
from tools.estimation.tables import (
    ClusterTotals,
    Design,
    LabelCounts,
    Lonely,
    StratumMoments,
    Totals,
    WeightedValues,
)
from tools.estimation.total import estimate_total

__all__ = [
    "ClusterTotals",
    "Design",
    "Estimand",
    "Estimate",
    "Interval",
    "LabelCounts",
    "Lonely",
    "Sample",
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
    "sum_rows",
]
