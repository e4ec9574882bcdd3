"""Interval formulas: an estimate, its precision and a level in, two limits out. None depends on the design."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Low and high, in the estimate's units."""

    low: float
    high: float


def t_quantile(probability: float, df: float) -> float:
    """Student's t; df = inf is the normal."""
    from scipy.special import ndtri, stdtrit  # type: ignore[import-untyped]  # start-up

    return float(ndtri(probability)) if math.isinf(df) else float(stdtrit(df, probability))


def wald(value: float, se: float, *, df: float, level: float) -> Limits:
    """value ± t·SE, not clipped. Not for proportions near 0 or 1."""
    half = t_quantile((1 + level) / 2, df) * se
    return Limits(value - half, value + half)


def logit(p: float, se: float, *, df: float, level: float) -> Limits:
    """expit(logit p ± t·SE/(p(1-p))), 0 < p < 1. R survey: svyciprop(method="xlogit")."""
    centre, half = math.log(p / (1 - p)), t_quantile((1 + level) / 2, df) * se / (p * (1 - p))
    return Limits(_expit(centre - half), _expit(centre + half))


def asin(p: float, se: float, *, df: float, level: float) -> Limits:
    """sin²(asin √p ± t·SE/(2√(p(1-p)))), 0 < p < 1. R survey: svyciprop(method="asin").

    Not clipped: with few positives the lower limit folds back from below 0, as in R.
    """
    centre, half = math.asin(math.sqrt(p)), t_quantile((1 + level) / 2, df) * se / (2 * math.sqrt(p * (1 - p)))
    return Limits(math.sin(centre - half) ** 2, math.sin(centre + half) ** 2)


def wilson(p: float, n_eff: float, *, level: float, df: float = math.inf) -> Limits:
    """Score interval at an effective n, t(df) in place of z. Wilson 1927; not below 20 positives."""
    if math.isinf(n_eff):
        return Limits(p, p)
    z = t_quantile((1 + level) / 2, df)
    scale = 1 + z**2 / n_eff
    centre = (p + z**2 / (2 * n_eff)) / scale
    half = z / scale * math.sqrt(p * (1 - p) / n_eff + z**2 / (4 * n_eff**2))
    return Limits(max(centre - half, 0.0), min(centre + half, 1.0))


def clopper_pearson(positives: float, n: float, *, level: float) -> Limits:
    """Inverts the binomial test in both tails; `positives` and `n` may be effective. Clopper and Pearson 1934."""
    tail = (1 - level) / 2
    low = _beta_quantile(tail, positives, n - positives + 1) if positives > 0 else 0.0
    high = _beta_quantile(1 - tail, positives + 1, n - positives) if positives < n else 1.0
    return Limits(low, high)


def jeffreys(positives: float, n: float, *, level: float) -> Limits:
    """Equal-tailed posterior under Beta(½, ½), ends fixed at 0 and 1. Brown, Cai and DasGupta 2001."""
    tail = (1 - level) / 2
    a, b = positives + 0.5, n - positives + 0.5
    low = _beta_quantile(tail, a, b) if positives > 0 else 0.0
    high = _beta_quantile(1 - tail, a, b) if positives < n else 1.0
    return Limits(low, high)


def korn_graubard(p: float, se: float, *, n: int, df: float, level: float) -> Limits:
    """Clopper-Pearson at p(1-p)/SE² times (t(n-1)/t(df))², n all rows of the sample; not capped at n.

    Korn and Graubard 1998; R survey: svyciprop(method="beta").
    """
    if se <= 0:
        return Limits(p, p)
    n_eff = p * (1 - p) / se**2 * t_correction(n=n, df=df, level=level)
    return clopper_pearson(p * n_eff, n_eff, level=level)


def t_correction(*, n: int, df: float, level: float) -> float:
    """(t(n-1) / t(df))²: what few clusters take from the effective n."""
    tail = (1 + level) / 2
    return (t_quantile(tail, max(n - 1, 1)) / t_quantile(tail, df)) ** 2


def _beta_quantile(probability: float, a: float, b: float) -> float:
    from scipy.special import betaincinv  # start-up

    return float(betaincinv(a, b, probability))


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
