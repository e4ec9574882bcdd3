"""An agreement coefficient with its interval, from one influence value per item."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.estimation import Estimate
from tools.estimation.intervals import wald
from tools.estimation.tables import Floats


@dataclass(frozen=True)
class Statistic:
    """What a coefficient is called, and how its interval is made."""

    name: str
    method: str


def estimate_from_items(
    value: float, influence: Floats, *, statistic: Statistic, level: float, n: int, divisor: int | None = None
) -> Estimate:
    """value ± t(m-1)·SE with SE² = Σ(z - z̄)²/(m·divisor) over the m items' influence values, kept within [-1, 1].

    Args:
        value: the coefficient.
        influence: (m,) each item's, of mean zero up to rounding: items are a simple random sample of items.
        statistic: what it is called.
        level: coverage aimed at.
        n: items that say something about agreement.
        divisor: m - 1 unless the literature's formula has another one.
    """
    if not 0 < level < 1:
        raise InvalidInput("The level must lie between 0 and 1.", value=level)
    m = len(influence)
    if m < 2 or n < 2:
        return undefined(n, level, "only one item has two labels, so the variance cannot be estimated")
    se = math.sqrt(float(((influence - influence.mean()) ** 2).sum()) / (m * (divisor or m - 1)))
    limits = wald(value, se, df=m - 1, level=level)
    at = (max(limits.low, min(-1.0, value)), min(limits.high, max(1.0, value)))
    return Estimate(value, se, at[0], at[1], level, m - 1, n, None, None, None, f"{statistic.name}, {statistic.method}")


def undefined(n: int, level: float, reason: str) -> Estimate:
    """A coefficient that has no value, and why."""
    return Estimate(None, None, None, None, level, None, n, None, None, None, "undefined", undefined=reason)


NO_PAIRS = "no item has two labels"
ONE_LABEL = "only one label occurs, so there is no agreement beyond chance to measure"
