"""The ratio of two totals."""

from __future__ import annotations

from tools.estimation.choose_interval import Interval
from tools.estimation.estimate import Estimate
from tools.estimation.statistic import estimate_statistic
from tools.estimation.tables import Totals
from tools.estimation.unit_design import AnyDesign


def estimate_ratio(
    totals: Totals, *, design: AnyDesign | None = None, level: float = 0.95, interval: Interval | None = None
) -> Estimate:
    """Ratio of totals Σwy / Σwx with a t interval; `totals.sum_wx` None means x = 1.

    Args:
        totals: sums over the domain.
        design: the whole sample; None: every cluster of the sample is in `totals`, without population correction.
        level: coverage of the interval, 0..1.
        interval: `wald` or None.

    Its bias is of order 1/m; unreliable where the denominator's own relative error exceeds about a tenth.

    Raises:
        InvalidInput: another interval, a level outside (0, 1), a design that does not hold the table's strata.
    """
    return estimate_statistic(totals, of="ratio", design=design, level=level, interval=interval)
