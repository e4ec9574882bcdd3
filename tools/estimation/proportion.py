"""The share of a domain that is positive."""

from __future__ import annotations

import math

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.choose_interval import MIN_CLUSTERS, MIN_POSITIVES, UNEVEN, Interval, Situation, choose_interval
from tools.estimation.design_effect import design_effect
from tools.estimation.estimate import Estimate
from tools.estimation.few_positives import invert_test, measure_clumping, weight_of_one
from tools.estimation.gather import Gathered, gather_units
from tools.estimation.influence import Term, linearise
from tools.estimation.intervals import (
    Limits,
    asin,
    clopper_pearson,
    jeffreys,
    korn_graubard,
    logit,
    wald,
    wilson,
)
from tools.estimation.likelihood_interval import likelihood
from tools.estimation.missing_bound import missing_bound
from tools.estimation.spread import find_spread
from tools.estimation.statistic import NO_PAIR, undefined_estimate, why_undefined
from tools.estimation.tables import ClusterTotals, Totals
from tools.estimation.unit_design import AnyDesign
from tools.estimation.variance import Spread


def estimate_proportion(
    totals: Totals, *, design: AnyDesign | None = None, level: float = 0.95, interval: Interval | None = None
) -> Estimate:
    """Share Σwy / Σw of a 0/1 outcome, with the interval of `choose_interval` unless one is named.

    Args:
        totals: sums over the domain; `positives` is required, and sum_wx is not used.
        design: the whole sample; None: every cluster of the sample is in `totals`, without population correction.
        level: coverage of the interval, 0..1.
        interval: a named interval, computed as named.

    Without a positive, `value` 0, `low` 0, `high` the one-sided design bound; by symmetry when all are positive.
    Assumes that rows of different clusters are drawn independently or without replacement, labels without error.

    Raises:
        InvalidInput: `positives` missing, a level outside (0, 1), a design that does not hold the table's strata.
    """
    if totals.positives is None:
        raise InvalidInput("a share needs the number of positive rows (positives)")
    reason = why_undefined(totals, of="proportion", level=level, design=design)
    if reason is not None:
        return undefined_estimate(totals, level=level, reason=reason)
    positives, n = int(totals.positives.sum()), int(totals.n.sum())
    value = linearise(totals, of="proportion").value
    spread = find_spread((Term(totals, "proportion"),), design=design)
    units = gather_units(totals, design=design)
    if positives in (0, n) and not spread.census:
        return _bound(units, level=level, interval=interval)
    p = positives / n if positives in (0, n) else value
    if not 0 <= p <= 1:
        reason = "calibrated weights are negative, and the share falls outside 0 to 1"
        return undefined_estimate(totals, level=level, reason=reason)
    if spread.undefined is None and spread.df < 1 and not spread.census:
        spread = Spread(spread.variance, spread.df, undefined=NO_PAIR)
    if spread.undefined is not None:
        return undefined_estimate(totals, level=level, reason=spread.undefined)
    sample = n if design is None or design.rows is None else design.rows
    return _interval(units, p=p, spread=spread, sample=sample, level=level, interval=interval)


def _interval(
    units: Gathered, *, p: float, spread: Spread, sample: int, level: float, interval: Interval | None
) -> Estimate:
    totals = units.totals
    n = int(totals.n.sum())
    fewer, clusters = _rarer(totals)
    deff = design_effect(totals, of="proportion", value=p, variance=spread.variance)
    one = 0.0 if units.modelled else weight_of_one(totals, seen=units.seen)
    heavy = min(p, 1 - p) / one if one * n > UNEVEN else math.inf
    situation = Situation("proportion", fewer, clusters, heavy, spread.census, deff or 0.0)
    choice = interval or choose_interval(situation)
    limits = _limits(units, choice, p=p, spread=spread, deff=deff, sample=sample, level=level)
    notes = spread.notes
    common = min(fewer, heavy) >= MIN_POSITIVES and clusters >= MIN_CLUSTERS
    if interval in ("wald", "wilson", "logit", "asin", "likelihood") and not common:
        notes += (f"{interval} is not recommended with {fewer} rows of the rarer outcome in {clusters} clusters",)
    return Estimate(
        value=p,
        se=math.sqrt(spread.variance),
        low=limits.low if interval == "wald" else min(limits.low, p),
        high=limits.high if interval == "wald" else max(limits.high, p),
        level=level,
        df=spread.df,
        n=n,
        n_eff=n / deff if deff else None,
        deff=deff,
        positives=int(totals.positives.sum()) if totals.positives is not None else None,
        method=choice,
        notes=notes,
    )


def _limits(
    units: Gathered, choice: str, *, p: float, spread: Spread, deff: float | None, sample: int, level: float
) -> Limits:
    se, df = math.sqrt(spread.variance), spread.df
    if choice == "test inversion":
        return _few(units, p=p, spread=spread, sample=sample, level=level)
    if choice == "korn-graubard":
        return korn_graubard(p, se, n=sample, df=df, level=level)
    if choice == "counted in full" or se == 0:
        return Limits(p, p)
    if choice == "wilson":
        return wilson(p, p * (1 - p) / spread.variance, df=df, level=level)
    if choice in ("clopper-pearson", "jeffreys"):
        n_eff = int(units.totals.n.sum()) / (deff or 1.0)
        return (clopper_pearson if choice == "clopper-pearson" else jeffreys)(p * n_eff, n_eff, level=level)
    if choice == "likelihood":
        return likelihood(p, se, n=int(units.totals.n.sum()), df=df, level=level)
    formulas = {"wald": wald, "logit": logit, "asin": asin}
    return formulas[choice](p, se, df=df, level=level)


def _few(units: Gathered, *, p: float, spread: Spread, sample: int, level: float) -> Limits:
    totals = units.totals
    assert totals.positives is not None
    flipped = p > 0.5
    hits = totals.n - totals.positives if flipped else totals.positives
    weighted = totals.sum_w - totals.sum_wy if flipped else totals.sum_wy
    q = 1 - p if flipped else p
    clumping = measure_clumping(totals, positives=weighted, hits=hits, p=q, seen=units.seen)
    n = int(totals.n.sum())
    limits = invert_test(q, variance=spread.variance, clumping=clumping, n=n, sample=sample, df=spread.df, level=level)
    return Limits(1 - limits.high, 1 - limits.low) if flipped else limits


def _bound(units: Gathered, *, level: float, interval: Interval | None) -> Estimate:
    """No row positive, or none negative: one-sided. Under two stages the larger of the bounds by cluster and by row."""
    totals = units.totals
    assert totals.positives is not None
    n, positives = int(totals.n.sum()), int(totals.positives.sum())
    missed = missing_bound(totals, fraction=units.first, level=level, poisson=units.poisson)
    if units.rows is not None:
        missed = max(missed, missing_bound(units.rows.totals, fraction=units.rows.first, level=level))
    what = "positive" if positives == 0 else "negative"
    notes: tuple[str, ...] = ()
    if isinstance(totals, ClusterTotals) and bool(np.any(totals.n > 1)):
        independent = -math.expm1(math.log(1 - level) / n)
        notes += (
            f"No {what} row: the bound lets whole clusters be {what}; with rows of a cluster independent of one"
            f" another it would be {independent:.2%}.",
        )
    if interval is not None:
        notes += (f"{interval} does not apply without a {what} row; the one-sided design bound is given instead",)
    return Estimate(
        value=0.0 if positives == 0 else 1.0,
        se=None,
        low=0.0 if positives == 0 else 1.0 - missed,
        high=missed if positives == 0 else 1.0,
        level=level,
        df=None,
        n=n,
        n_eff=math.log(1 - level) / math.log1p(-missed) if 0 < missed < 1 else None,
        deff=None,
        positives=positives,
        method="design bound",
        one_sided=True,
        notes=notes,
    )


def _rarer(totals: Totals) -> tuple[int, int]:
    """Rows of the rarer outcome, and clusters that hold one (rows, where rows were drawn directly)."""
    assert totals.positives is not None
    negatives = totals.n - totals.positives
    fewer = min(int(totals.positives.sum()), int(negatives.sum()))
    if not isinstance(totals, ClusterTotals):
        return fewer, fewer
    return fewer, min(int(np.count_nonzero(totals.positives)), int(np.count_nonzero(negatives)))
