"""What a correction of the counts adds to each estimate's variance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tools.estimation.hidden.chao import estimate_chao_bound
from tools.estimation.hidden.chapman import estimate_chapman
from tools.estimation.hidden.gradient import gradient_of
from tools.estimation.hidden.histories import Histories
from tools.estimation.hidden.loglinear import LoglinearFit
from tools.estimation.hidden.size_estimate import SizeEstimate, log_limits
from tools.estimation.tables import Floats


def widen_fit(fit: LoglinearFit, excess: Floats) -> LoglinearFit:
    estimate = fit.estimate
    if estimate.value is None or estimate.se is None:
        return fit
    slope = 1 + fit.unseen * fit.influence
    return replace(fit, estimate=_with_variance(estimate, float(slope @ excess @ slope)))


def widen(
    estimate: SizeEstimate, size: Callable[[Floats], float], histories: Histories, excess: Floats
) -> SizeEstimate:
    """Add what the correction adds: g'(Cov - diag)g with g the size's derivative by the counts."""
    if estimate.value is None or estimate.se is None:
        return estimate
    slope = gradient_of(size, histories.counts)
    return _with_variance(estimate, float(slope @ excess @ slope))


def _with_variance(estimate: SizeEstimate, added: float) -> SizeEstimate:
    assert estimate.value is not None and estimate.se is not None  # noqa: PT018
    se = math.sqrt(max(estimate.se**2 + added, 0.0))
    limits = log_limits(estimate.value, se, seen=estimate.seen, level=estimate.level, one_sided=estimate.one_sided)
    return replace(estimate, se=se, low=limits.low, high=limits.high)


def chapman_of(histories: Histories, a: int, b: int) -> Callable[[Floats], float]:
    on = histories.cells.T.astype(np.float64)

    def size(z: Floats) -> float:
        found = estimate_chapman(float(on[a] @ z), float(on[b] @ z), float((on[a] * on[b]) @ z)).value
        return math.nan if found is None else found

    return size


def chao_size(histories: Histories) -> Callable[[Floats], float]:
    times, lists = histories.times, len(histories.lists)

    def size(z: Floats) -> float:
        once, twice = float(z[times == 1].sum()), float(z[times == 2].sum())
        found = estimate_chao_bound(once, twice, seen=float(z.sum()), occasions=lists).value
        return math.nan if found is None else found

    return size
