"""Chao's lower bound: what those seen once and twice say about those never seen."""

from __future__ import annotations

import math

from tools.estimation.hidden.size_estimate import SizeEstimate, log_limits, undefined_size


def estimate_chao_bound(
    once: float,
    twice: float,
    *,
    seen: float,
    occasions: int | None = None,
    bias_corrected: bool = False,
    one_sided: bool = False,
    level: float = 0.95,
) -> SizeEstimate:
    """seen + c·f1²/(2 f2), c = (T - 1)/T with T occasions or lists, 1 without a limit.

    A lower bound in expectation when units differ in how easily they are caught and occasions do not; dependence that
    makes a second capture less likely breaks it. Chao 1987; with T, Rivest and Baillargeon 2007, model Mh. Without a
    unit seen twice, or `bias_corrected`: c·f1(f1 - 1)/(2(f2 + 1)) with the variance of Chao 1989.

    Args:
        once, twice: units seen exactly once and twice. seen: distinct units.
        one_sided: the lower limit alone.
    """
    c = 1.0 if occasions is None else (occasions - 1) / occasions
    if bias_corrected or twice == 0:
        unseen = c * once * max(once - 1, 0.0) / (2 * (twice + 1))
        variance = _corrected_variance(once, twice, c)
    else:
        unseen = c * once**2 / (2 * twice)
        variance = unseen + (unseen**2 * (4 / once + 1 / twice) if once else 0.0)
    if twice == 0 and unseen == 0:
        reason = "no unit was seen exactly twice, and at most one once"
        return undefined_size("chao_lower", level=level, seen=seen, reason=reason)
    value, se = seen + unseen, math.sqrt(max(variance, 0.0))
    limits = log_limits(value, se, seen=seen, level=level, one_sided=one_sided)
    return SizeEstimate("chao_lower", value, se, limits.low, limits.high, level, seen, one_sided=one_sided)


def _corrected_variance(f1: float, f2: float, c: float) -> float:
    first = c * f1 * (f1 - 1) / (2 * (f2 + 1))
    second = f1 * (f1 - 1) * (f1**2 + 4 * f1 * f2 + 3 * f1 - 6 * f2 - 6) / (4 * (f2 + 1) ** 2 * (f2 + 2))
    return first + c**2 * second
