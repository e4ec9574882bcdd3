"""Sums, differences, products and ratios of cells, with their intervals."""

from __future__ import annotations

from dataclasses import replace
from math import hypot
from typing import Literal

from tools.metrics.outcome import Outcome

Op = Literal["ratio", "difference", "sum", "product"]


def combine(op: Op, first: Outcome, second: Outcome, *, independent: bool, scale: float = 1.0) -> Outcome:
    """`first` op `second`.

    A full count has no error of its own. Of two estimates from one sample the covariance is not known here, so that
    their errors are added as if they always pointed the same way (never too narrow); of independent samples the
    variances add. First-order (delta) method: Särndal, Swensson and Wretman 1992, section 5.5.
    """
    joined = _joined(first, second)
    for side in (first, second):
        if side.undefined is not None:
            return replace(joined, undefined=side.undefined)
    a, b = float(first.value or 0), float(second.value or 0)
    if op == "ratio" and b == 0:
        return replace(joined, undefined="the denominator is 0")
    exact = op != "ratio" and isinstance(first.value, int) and isinstance(second.value, int) and scale == 1.0
    value, da, db = {
        "ratio": lambda: (a / b, 1 / b, -a / b**2),
        "difference": lambda: (a - b, 1.0, -1.0),
        "sum": lambda: (a + b, 1.0, 1.0),
        "product": lambda: (a * b, b, a),
    }[op]()
    if not joined.sampled:
        return replace(joined, value=round(value) if exact else value * scale, method="full count")
    errors = [abs(d * (o.se or 0.0)) for d, o in ((da, first), (db, second))]
    if any(o.sampled and o.se is None for o in (first, second)):
        return replace(joined, undefined="a part of it has no standard error")
    se = hypot(*errors) if independent else sum(errors)
    how = "independent samples" if independent else "errors added, covariance not used"
    return with_interval(joined, value * scale, se * scale, method=f"delta method, {how}")


def with_interval(outcome: Outcome, value: float, se: float, *, method: str) -> Outcome:
    """value ± t(df)·se."""
    from tools.estimation.intervals import wald  # start-up: scipy

    level = outcome.level or 0.95
    limits = wald(value, se, df=max(outcome.df or 1.0, 1.0), level=level)
    return replace(outcome, value=value, se=se, low=limits.low, high=limits.high, level=level, method=method)


def _joined(first: Outcome, second: Outcome) -> Outcome:
    """What two cells have in common: the smaller n and df, both guards."""
    dfs = [o.df for o in (first, second) if o.sampled and o.df is not None]
    known = [o.n for o in (first, second) if o.n is not None]
    return Outcome(
        level=first.level or second.level,
        n=min(known) if known else None,
        sampled=first.sampled or second.sampled,
        method="delta method",
        provisional=first.provisional or second.provisional,
        guard=(*first.guard, *second.guard),
        df=min(dfs) if dfs else None,
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
    )


def subtract(new: Outcome, old: Outcome, *, level: float) -> Outcome:
    """New minus old; of one sample, with the covariance of clusters that both periods share."""
    joined = _joined(new, old)
    if new.sample is None or old.sample is None or new.undefined is not None or old.undefined is not None:
        return combine("difference", new, old, independent=False)
    from tools.estimation import estimate_difference  # start-up
    from tools.metrics.sample import from_estimate

    estimate = estimate_difference(
        new.sample.totals, old.sample.totals, of=new.sample.of, design=new.sample.design.design, level=level
    )
    return replace(from_estimate(estimate, scale=new.sample.scale), guard=joined.guard, provisional=joined.provisional)


def relative_change(new: Outcome, old: Outcome, *, level: float) -> Outcome:
    """new / old - 1; of one sample with the covariance that the difference's error reveals.

    var(log(new/old)) = (se_new/new)² + (se_old/old)² - 2 cov/(new·old); the interval is taken on that scale.
    """
    difference = subtract(new, old, level=level)
    if difference.undefined is not None:
        return difference
    a, b = float(new.value or 0), float(old.value or 0)
    if b == 0:
        return difference.without_value("the earlier period is 0")
    if not difference.sampled:
        return replace(difference, value=a / b - 1)
    if new.se is None or old.se is None or difference.se is None or a <= 0 or b <= 0:
        return difference.without_value("one of the periods has no standard error")
    from math import exp, log, sqrt

    from tools.estimation.intervals import wald  # start-up: scipy

    covariance = (new.se**2 + old.se**2 - difference.se**2) / 2
    variance = (new.se / a) ** 2 + (old.se / b) ** 2 - 2 * covariance / (a * b)
    limits = wald(log(a / b), sqrt(max(variance, 0.0)), df=max(difference.df or 1.0, 1.0), level=level)
    low, high = exp(limits.low) - 1, exp(limits.high) - 1
    return replace(difference, value=a / b - 1, low=low, high=high, se=None, method="log ratio, delta method")
