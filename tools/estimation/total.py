"""The weighted total of an outcome."""

from __future__ import annotations

from tools.estimation.choose_interval import Interval
from tools.estimation.estimate import Estimate
from tools.estimation.statistic import estimate_statistic
from tools.estimation.tables import Totals
from tools.estimation.unit_design import AnyDesign


def estimate_total(
    totals: Totals, *, design: AnyDesign | None = None, level: float = 0.95, interval: Interval | None = None
) -> Estimate:
    """Weighted total Σwy with a t interval; weights must be on the frame's scale (1/π).

    Args:
        totals: sums over the domain.
        design: the whole sample; None: every cluster of the sample is in `totals`, without population correction.
        level: coverage of the interval, 0..1.
        interval: `wald` or None.

    The interval leans on the normal approximation: not
    for rare events (estimate the share) or heavy tails.

    Raises:
        InvalidInput: another interval, a level outside (0, 1), a design that does not hold the table's strata.
    """
    return estimate_statistic(totals, of="total", design=design, level=level, interval=interval)
