"""The weighted mean of an outcome."""

from __future__ import annotations

from tools.estimation.choose_interval import Interval
from tools.estimation.estimate import Estimate
from tools.estimation.statistic import estimate_statistic
from tools.estimation.tables import Totals
from tools.estimation.unit_design import AnyDesign


def estimate_mean(
    totals: Totals, *, design: AnyDesign | None = None, level: float = 0.95, interval: Interval | None = None
) -> Estimate:
    """Weighted mean Σwy / Σw with a t interval.

    Args:
        totals: sums over the domain.
        design: the whole sample; None: every cluster of the sample is in `totals`, without population correction.
        level: coverage of the interval, 0..1.
        interval: `wald` or None.

    A ratio estimator: its bias is of order 1/m.
    The interval leans on the normal approximation: not for heavy tails with few clusters.

    Raises:
        InvalidInput: another interval, a level outside (0, 1), a design that does not hold the table's strata.
    """
    return estimate_statistic(totals, of="mean", design=design, level=level, interval=interval)
