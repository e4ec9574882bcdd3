"""New minus old, with the covariance of a sample they share."""

from __future__ import annotations

import math

from tools.errors import InvalidInput
from tools.estimation.choose_interval import Choice, Interval, Situation, choose_interval
from tools.estimation.estimate import Estimate
from tools.estimation.influence import Estimand, Linearised, linearise, subtract
from tools.estimation.intervals import Limits, wald
from tools.estimation.proportion import estimate_proportion
from tools.estimation.statistic import estimate_statistic, undefined_estimate, why_undefined
from tools.estimation.tables import Design, Totals
from tools.estimation.variance import Spread, stratified_variance


def estimate_difference(
    new: Totals,
    old: Totals,
    *,
    of: Estimand,
    design: Design | None = None,
    old_design: Design | None = None,
    independent: bool = False,
    level: float = 0.95,
    interval: Interval | None = None,
) -> Estimate:
    """New minus old.

    One sample (`independent` False): both tables are domains of `design`, holding different rows; clusters are matched
    by their keys and the covariance is kept. Independent samples: variances add, and df follows Satterthwaite 1946.
    Shares take the difference of limits (Zou and Donner 2008, eq. 9), so that rare and missing positives keep honest
    limits; everything else, and `interval="wald"`, is difference ± t(df)·SE.

    Args:
        new, old: sums over each domain.
        of: what is subtracted. design, old_design: the sample(s); `old_design` implies `independent`.

    Raises:
        InvalidInput: one sample of clusters without keys; another interval than wald.
    """
    if interval not in (None, "wald"):
        raise InvalidInput("a difference takes no such interval", value=interval, allowed=["wald"])
    for side, totals in (("new", new), ("old", old)):
        reason = why_undefined(totals, of=of, level=level)
        if reason is not None:
            return undefined_estimate(new, level=level, reason=f"{side}: {reason}")
    independent = independent or old_design is not None
    sides = _sides(new, old, of=of, level=level, design=design, old_design=old_design if independent else design)
    for side, estimate in zip(("new", "old"), sides, strict=True):
        if estimate.undefined is not None:
            return undefined_estimate(new, level=level, reason=f"{side}: {estimate.undefined}")
    points = linearise(new, of=of), linearise(old, of=of)
    if independent:
        spread = _add(points, design=design, old_design=old_design)
    else:
        spread = stratified_variance(subtract(*points).influence, design=design)
    if spread.undefined is not None:
        return undefined_estimate(new, level=level, reason=spread.undefined)
    return _difference(sides, spread=spread, of=of, level=level, interval=interval)


def _sides(
    new: Totals, old: Totals, *, of: Estimand, level: float, design: Design | None, old_design: Design | None
) -> tuple[Estimate, Estimate]:
    """Each side with two-sided limits: a one-sided bound is taken at the level that leaves half of the error."""
    found = []
    for totals, its_design in ((new, design), (old, old_design)):
        if of != "proportion":
            found.append(estimate_statistic(totals, of=of, design=its_design, level=level, interval=None))
            continue
        estimate = estimate_proportion(totals, design=its_design, level=level)
        if estimate.one_sided:
            estimate = estimate_proportion(totals, design=its_design, level=(1 + level) / 2)
        found.append(estimate)
    return found[0], found[1]


def _add(points: tuple[Linearised, Linearised], *, design: Design | None, old_design: Design | None) -> Spread:
    new = stratified_variance(points[0].influence, design=design)
    old = stratified_variance(points[1].influence, design=old_design)
    total = new.variance + old.variance
    weights = sum(s.variance**2 / s.df for s in (new, old) if s.df > 0)
    df = total**2 / weights if weights > 0 else new.df + old.df
    return Spread(total, df, new.census and old.census, new.undefined or old.undefined, new.notes + old.notes)


def _difference(
    sides: tuple[Estimate, Estimate], *, spread: Spread, of: Estimand, level: float, interval: Interval | None
) -> Estimate:
    new, old = sides
    assert new.value is not None and old.value is not None  # noqa: PT018
    value = new.value - old.value
    choice: Choice = choose_interval(Situation("difference of proportions" if of == "proportion" else of))
    if interval == "wald" or choice == "wald":
        choice = "wald"
        limits = wald(value, math.sqrt(spread.variance), df=max(spread.df, 1.0), level=level)
    else:
        limits = _difference_of_limits(new, old, spread=spread)
    known = new.positives is not None and old.positives is not None
    return Estimate(
        value=value,
        se=None if new.se is None or old.se is None else math.sqrt(spread.variance),
        low=limits.low,
        high=limits.high,
        level=level,
        df=spread.df,
        n=new.n + old.n,
        n_eff=None,
        deff=None,
        positives=(new.positives or 0) + (old.positives or 0) if known else None,
        method=choice,
        notes=tuple(dict.fromkeys(spread.notes + new.notes + old.notes)),
    )


def _difference_of_limits(new: Estimate, old: Estimate, *, spread: Spread) -> Limits:
    """d - √(a² - 2rab + b²) with a, b the arms of each side that face away; r the correlation of the two estimates."""
    values = (new.value, new.low, new.high, old.value, old.low, old.high)
    p1, l1, u1, p2, l2, u2 = (float(v) for v in values if v is not None)
    r = 0.0
    if new.se and old.se:
        r = (new.se**2 + old.se**2 - spread.variance) / (2 * new.se * old.se)
        r = min(max(r, -1.0), 1.0)
    below = _arm(p1 - l1, u2 - p2, r)
    above = _arm(u1 - p1, p2 - l2, r)
    return Limits(max(p1 - p2 - below, -1.0), min(p1 - p2 + above, 1.0))


def _arm(a: float, b: float, r: float) -> float:
    return math.sqrt(max(a * a - 2 * r * a * b + b * b, 0.0))
