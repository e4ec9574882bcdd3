"""One estimate of a population's size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tools.estimation.intervals import Limits, t_quantile


@dataclass(frozen=True)
class SizeEstimate:
    """A size with its interval; either the numbers are finite, or `undefined` says why not.

    Attributes:
        method: as in the report. seen: distinct units that were observed, which no size is below.
        aic: Akaike's criterion of a log-linear model, None of others.
        one_sided: `low` is a bound at the level and nothing is claimed from above (`high` is then the value), or `high`
            is and nothing is claimed from below (`low` is then the value).
    """

    method: str
    value: float | None
    se: float | None
    low: float | None
    high: float | None
    level: float
    seen: float
    aic: float | None = None
    one_sided: bool = False
    undefined: str | None = None

    @property
    def only_from_below(self) -> bool:
        """Whether this is a lower bound and no more."""
        return self.one_sided and self.value == self.high and self.low != self.value


def undefined_size(method: str, *, level: float, seen: float, reason: str, aic: float | None = None) -> SizeEstimate:
    """An estimate that does not exist, with the reason."""
    return SizeEstimate(method, None, None, None, None, level, seen, aic, undefined=reason)


def log_limits(value: float, se: float, *, seen: float, level: float, one_sided: bool = False) -> Limits:
    """seen + (N - seen)/C and seen + (N - seen)·C, C = exp(z √log(1 + se²/(N - seen)²)). Chao 1987, eq. 12."""
    unseen = value - seen
    if unseen <= 0 or se == 0:
        return Limits(value, value)
    z = t_quantile(level if one_sided else (1 + level) / 2, math.inf)
    spread = math.exp(z * math.sqrt(math.log1p((se / unseen) ** 2)))
    return Limits(seen + unseen / spread, value if one_sided else seen + unseen * spread)
