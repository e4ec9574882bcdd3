"""What mean, total and ratio share: linearise, find the variance, draw the interval."""

from __future__ import annotations

import math

from tools.errors import InvalidInput
from tools.estimation.choose_interval import Interval, Situation, choose_interval
from tools.estimation.design_effect import design_effect
from tools.estimation.estimate import Estimate
from tools.estimation.influence import Estimand, Term, linearise
from tools.estimation.intervals import wald
from tools.estimation.spread import find_spread
from tools.estimation.tables import Totals
from tools.estimation.unit_design import AnyDesign, UnitDesign

NO_PAIR = "no stratum has two clusters with a row in the domain"
_ALONE = "so the variance cannot be estimated"


def lacks_clusters(reason: str) -> bool:
    """Whether a statistic is undefined because too few clusters were drawn for it, so that more would help."""
    return NO_PAIR in reason or _ALONE in reason


def estimate_statistic(
    totals: Totals, *, of: Estimand, design: AnyDesign | None, level: float, interval: Interval | None
) -> Estimate:
    """A mean, total or ratio with value ± t(df)·SE, or `undefined` with the reason."""
    if interval not in (None, "wald"):
        raise InvalidInput(f"a {of} takes no {interval} interval", value=interval, allowed=["wald"])
    reason = why_undefined(totals, of=of, level=level, design=design)
    if reason is not None:
        return undefined_estimate(totals, level=level, reason=reason)
    point = linearise(totals, of=of)
    spread = find_spread((Term(totals, of),), design=design)
    if spread.undefined is not None:
        return undefined_estimate(totals, level=level, reason=spread.undefined)
    if spread.df < 1 and not spread.census:
        return undefined_estimate(totals, level=level, reason=NO_PAIR)
    n, se = int(totals.n.sum()), math.sqrt(spread.variance)
    deff = design_effect(totals, of=of, value=point.value, variance=spread.variance)
    limits = wald(point.value, se, df=max(spread.df, 1.0), level=level)
    return Estimate(
        value=point.value,
        se=se,
        low=limits.low,
        high=limits.high,
        level=level,
        df=spread.df,
        n=n,
        n_eff=n / deff if deff else None,
        deff=deff,
        positives=None if totals.positives is None else int(totals.positives.sum()),
        method=choose_interval(Situation(of)),
        notes=spread.notes,
    )


def undefined_estimate(totals: Totals, *, level: float, reason: str) -> Estimate:
    """No value, and why."""
    return Estimate(
        value=None,
        se=None,
        low=None,
        high=None,
        level=level,
        df=None,
        n=int(totals.n.sum()),
        n_eff=None,
        deff=None,
        positives=None if totals.positives is None else int(totals.positives.sum()),
        method="undefined",
        undefined=reason,
    )


def why_undefined(totals: Totals, *, of: Estimand, level: float, design: AnyDesign | None) -> str | None:
    """The first reason why the statistic has no value, or None. Linear calibration may make weights negative.

    Raises:
        InvalidInput: level outside (0, 1).
    """
    if not 0 < level < 1:
        raise InvalidInput("the level must lie between 0 and 1", value=level)
    if int(totals.n.sum()) == 0:
        return "no rows"
    denominator = totals.sum_wx if of == "ratio" and totals.sum_wx is not None else totals.sum_w
    sums = (float(totals.sum_wy.sum()), float(denominator.sum()), float(totals.sum_w.sum()))
    if not all(math.isfinite(s) for s in sums):
        return "an outcome or a weight is not a number"
    calibrated = isinstance(design, UnitDesign) and design.calibration is not None
    if bool((totals.sum_w < 0).any()) and not calibrated:
        return "a weight is negative"
    if sums[2] <= 0:
        return "the weights sum to zero" if sums[2] == 0 else "the calibrated weights sum to less than zero"
    if of == "ratio" and sums[1] == 0:
        return "the denominator is zero"
    return None
