"""A quantile of one domain minus that of another, of one sample."""

from __future__ import annotations

import math
from dataclasses import replace

from tools.estimation.difference import difference_of_limits
from tools.estimation.estimate import Estimate
from tools.estimation.influence import Term
from tools.estimation.quantile import estimate_quantile, share_below
from tools.estimation.spread import find_spread
from tools.estimation.tables import WeightedValues
from tools.estimation.unit_design import AnyDesign


def estimate_quantile_difference(
    new: WeightedValues, old: WeightedValues, q: float, *, design: AnyDesign | None = None, level: float = 0.95
) -> Estimate:
    """New minus old, both domains of `design` that share no row.

    Woodruff's limits of each side combined by the difference of limits (Zou and Donner 2008, eq. 9), with the
    correlation of the two shares below their quantiles: to first order a quantile errs as its share does.

    Raises:
        InvalidInput: q or level outside (0, 1); one sample of clusters without keys.
    """
    sides = [estimate_quantile(values, q, design=design, level=level) for values in (new, old)]
    for name, side in zip(("new", "old"), sides, strict=True):
        if side.undefined is not None:
            return replace(side, undefined=f"{name}: {side.undefined}")
    first, second = sides
    assert first.value is not None
    assert second.value is not None
    assert first.se is not None
    assert second.se is not None
    r = _correlate(new, old, first.value, second.value, design)
    limits = difference_of_limits(first, second, correlation=r)
    variance = first.se**2 + second.se**2 - 2 * r * first.se * second.se
    return replace(
        first,
        value=first.value - second.value,
        se=math.sqrt(max(variance, 0.0)),
        low=limits.low,
        high=limits.high,
        n=first.n + second.n,
        method="difference of limits",
        notes=tuple(dict.fromkeys(first.notes + second.notes)),
    )


def _correlate(
    new: WeightedValues, old: WeightedValues, at_new: float, at_old: float, design: AnyDesign | None
) -> float:
    """Of the two shares below; the variance of their difference holds their covariance."""
    terms = (
        Term(share_below(new, at_new, design=design), "proportion"),
        Term(share_below(old, at_old, design=design), "proportion", sign=-1.0),
    )
    both = find_spread(terms, design=design).variance
    alone = [find_spread((Term(term.totals, term.of),), design=design).variance for term in terms]
    if min(alone) <= 0:
        return 0.0
    return min(max((sum(alone) - both) / (2 * math.sqrt(alone[0] * alone[1])), -1.0), 1.0)
