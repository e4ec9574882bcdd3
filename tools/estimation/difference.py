"""New minus old, with the covariance of a sample they share."""

from __future__ import annotations

import math

from tools.errors import InvalidInput
from tools.estimation.choose_interval import Choice, Interval, Situation, choose_interval
from tools.estimation.estimate import Estimate
from tools.estimation.influence import Estimand, Term
from tools.estimation.intervals import Limits, wald
from tools.estimation.proportion import estimate_proportion
from tools.estimation.spread import find_spread
from tools.estimation.statistic import estimate_statistic, undefined_estimate, why_undefined
from tools.estimation.tables import Totals
from tools.estimation.unit_design import AnyDesign
from tools.estimation.variance import Spread


def estimate_difference(
    new: Totals,
    old: Totals,
    *,
    of: Estimand,
    design: AnyDesign | None = None,
    old_design: AnyDesign | None = None,
    independent: bool = False,
    level: float = 0.95,
    interval: Interval | None = None,
) -> Estimate:
    """New minus old.

    One sample (`independent` False): both tables are domains of `design`, holding different rows; clusters are matched
    by their keys and the covariance is kept. Independent samples: variances add, and df follows Satterthwaite 1946.
    Shares take the difference of limits (Zou and Donner 2008, eq. 9), so that rare and missing positives keep honest
    limits; everything else, and `interval="wald"`, is difference ± t(df)·SE. Another named interval of a share is that
    of each side.

    Args:
        new, old: sums over each domain.
        of: what is subtracted. design, old_design: the sample(s); `old_design` implies `independent`.

    Raises:
        InvalidInput: one sample of clusters without keys; another interval than wald, except of shares.
    """
    if of != "proportion" and interval not in (None, "wald"):
        raise InvalidInput(f"a difference of {of}s takes no {interval} interval", value=interval, allowed=["wald"])
    for side, totals, its in (("new", new, design), ("old", old, old_design or design)):
        reason = why_undefined(totals, of=of, level=level, design=its)
        if reason is not None:
            return undefined_estimate(new, level=level, reason=f"{side}: {reason}")
    independent = independent or old_design is not None
    named = None if interval == "wald" else interval
    pairs = ((new, design), (old, old_design if independent else design))
    sides = tuple(_side(totals, of=of, design=its, level=level, interval=named) for totals, its in pairs)
    for side, estimate in zip(("new", "old"), sides, strict=True):
        if estimate.undefined is not None:
            return undefined_estimate(new, level=level, reason=f"{side}: {estimate.undefined}")
    terms = Term(new, of), Term(old, of, sign=-1.0)
    spread = _add(terms, design=design, old_design=old_design) if independent else find_spread(terms, design=design)
    if spread.undefined is not None:
        return undefined_estimate(new, level=level, reason=spread.undefined)
    return _difference(sides[0], sides[1], spread=spread, of=of, level=level, interval=interval)


def _side(
    totals: Totals, *, of: Estimand, design: AnyDesign | None, level: float, interval: Interval | None
) -> Estimate:
    """Two-sided limits: a one-sided bound is taken at the level that leaves half of the error."""
    if of != "proportion":
        return estimate_statistic(totals, of=of, design=design, level=level, interval=None)
    found = estimate_proportion(totals, design=design, level=level, interval=interval)
    if found.one_sided:
        return estimate_proportion(totals, design=design, level=(1 + level) / 2, interval=interval)
    return found


def _add(terms: tuple[Term, Term], *, design: AnyDesign | None, old_design: AnyDesign | None) -> Spread:
    new = find_spread(terms[:1], design=design)
    old = find_spread(terms[1:], design=old_design)
    total = new.variance + old.variance
    weights = sum(s.variance**2 / s.df for s in (new, old) if s.df > 0)
    df = total**2 / weights if weights > 0 else new.df + old.df
    return Spread(total, df, new.census and old.census, new.undefined or old.undefined, new.notes + old.notes)


def _difference(
    new: Estimate, old: Estimate, *, spread: Spread, of: Estimand, level: float, interval: Interval | None
) -> Estimate:
    assert new.value is not None and old.value is not None  # noqa: PT018
    value = new.value - old.value
    choice: Choice = choose_interval(Situation("difference of proportions" if of == "proportion" else of))
    if interval == "wald" or choice == "wald":
        choice = "wald"
        limits = wald(value, math.sqrt(spread.variance), df=max(spread.df, 1.0), level=level)
    else:
        limits = difference_of_limits(new, old, correlation=_correlation(new, old, spread))
        limits = Limits(max(limits.low, -1.0), min(limits.high, 1.0))
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


def difference_of_limits(new: Estimate, old: Estimate, *, correlation: float) -> Limits:
    """d - √(a² - 2rab + b²) with a, b the arms of each side that face away; r the correlation of the two estimates.

    Zou and Donner 2008, eq. 9, with covariance.
    """
    values = (new.value, new.low, new.high, old.value, old.low, old.high)
    p1, l1, u1, p2, l2, u2 = (float(v) for v in values if v is not None)
    below = _arm(p1 - l1, u2 - p2, correlation)
    above = _arm(u1 - p1, p2 - l2, correlation)
    return Limits(p1 - p2 - below, p1 - p2 + above)


def _correlation(new: Estimate, old: Estimate, spread: Spread) -> float:
    if not new.se or not old.se:
        return 0.0
    r = (new.se**2 + old.se**2 - spread.variance) / (2 * new.se * old.se)
    return min(max(r, -1.0), 1.0)


def _arm(a: float, b: float, r: float) -> float:
    return math.sqrt(max(a * a - 2 * r * a * b + b * b, 0.0))
