"""Melded limits of a corrected share: confidence distributions of three rates put together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.estimation.intervals import Limits
from tools.estimation.tables import Floats
from tools.estimation.validation import Rate

NODES = 24

Solve = Callable[[Floats, Floats], Callable[[float], Floats]]  # 1 - specificity and sensitivity in, share(q) out


def melded_limits(apparent: float, n_eff: float, *, sensitivity: Rate, specificity: Rate, level: float) -> Limits:
    """Limits of (T1 - T2)/(T3 - T2), T1 the apparent share, T2 = 1 - specificity, T3 sensitivity.

    The lower limit is the quantile at (1 - level)/2 with T1 from its lower confidence distribution Beta(x, n - x + 1)
    and T2, T3 from their upper ones Beta(x + 1, n - x); the upper limit the other way round (Bayer, Fay and Graubard
    2022, Confidence intervals for prevalence estimates from complex surveys with imperfect assays; Fay, Proschan and
    Brittain 2015, Biometrics 71:146-156). The published function draws 100,000 times; here T2 and T3 are integrated
    over Gauss-Legendre nodes, and no seed is needed. Limits are not below -1 nor above 2.

    Args:
        apparent, n_eff: the share that the labeller finds, and its effective n (p(1-p)/SE²).
    """
    x = apparent * n_eff

    def meet(wrong: Floats, right: Floats) -> Callable[[float], Floats]:
        return lambda q: wrong + q * (right - wrong)

    return meld(x, n_eff, sensitivity=sensitivity, specificity=specificity, level=level, low=meet, high=meet)


def meld(x: float, n: float, *, sensitivity: Rate, specificity: Rate, level: float, low: Solve, high: Solve) -> Limits:
    """Limits of q where `low` and `high` say which apparent share goes with q, 1 - specificity and sensitivity.

    Both rise with q. P(T1 ≤ share(q)) is averaged over T2 and T3, and q found by Brent's method.
    """
    tail = (1 - level) / 2
    nodes, weight = _nodes()
    grid = np.outer(weight, weight)
    wrong = Rate(specificity.of - specificity.right, specificity.of)
    if specificity.known:
        wrong = Rate(1 - specificity.right, specificity.of)

    def limit(solve: Solve, *, upper: bool) -> float:
        t2 = _quantiles(wrong, nodes, upper=not upper)[:, None]
        t3 = _quantiles(sensitivity, nodes, upper=not upper)[None, :]
        share = solve(t2, t3)
        a, b = (x + 1, n - x) if upper else (x, n - x + 1)

        def below(q: float) -> float:
            return float((grid * _distribution(a, b, share(q))).sum())

        return _cross(below, 1 - tail if upper else tail)

    return Limits(limit(low, upper=False), limit(high, upper=True))


def _nodes() -> tuple[Floats, Floats]:
    at, weight = np.polynomial.legendre.leggauss(NODES)
    return np.asarray((at + 1) / 2), np.asarray(weight / 2)


def _quantiles(rate: Rate, at: Floats, *, upper: bool) -> Floats:
    """Of the upper or lower confidence distribution of a rate."""
    from scipy.special import betaincinv  # type: ignore[import-untyped]  # start-up

    x, n = rate.right, rate.of
    if rate.known:
        return np.full(len(at), x)
    if upper:
        return np.ones(len(at)) if x >= n else np.asarray(betaincinv(x + 1, n - x, at))
    return np.zeros(len(at)) if x <= 0 else np.asarray(betaincinv(x, n - x + 1, at))


def _distribution(a: float, b: float, at: Floats) -> Floats:
    """Beta distribution function, a point mass at 0 for a = 0 and at 1 for b = 0."""
    from scipy.special import betainc  # start-up

    if a <= 0:
        return np.asarray(at >= 0, dtype=np.float64)
    if b <= 0:
        return np.asarray(at >= 1, dtype=np.float64)
    return np.asarray(betainc(a, b, np.clip(at, 0.0, 1.0)))


def _cross(below: Callable[[float], float], target: float) -> float:
    """Where a rising function reaches the target, between -1 and 2."""
    from scipy.optimize import brentq  # type: ignore[import-untyped]  # start-up

    if below(-1.0) >= target:
        return -1.0
    if below(2.0) <= target:
        return 2.0
    return float(brentq(lambda q: below(q) - target, -1.0, 2.0, xtol=1e-10, rtol=1e-9))
