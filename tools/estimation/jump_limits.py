"""Limits of a mean that a few large residuals decide: a skewed sum in both directions, at the design's own scale."""

from __future__ import annotations

import math

from tools.estimation.intervals import Limits, t_quantile
from tools.estimation.tables import Floats


def jump_limits(
    value: float, parts: Floats, *, variance: float, df: float, level: float, up: tuple[float, float], down: float
) -> Limits:
    """Limits around `value` = centre + Σ parts, with the skewness of the parts and the variance of the design.

    Parts above and below 0 are two sums of jumps. Each has the gamma limits of Fay and Feuer 1997 with the next jump of
    Tiwari, Clegg and Zou 2006: Poisson's exact ones for equal jumps. Arms that face one way are combined by squares
    (Zou and Donner 2008) and scaled by √(variance / Σ parts²) and t(df)/z, so that many small jumps give value ± t·SE.
    A residual of the largest size that was not met (a positive without a prediction) is allowed for: `up`.

    Args:
        parts: (n,) share of each row, or cluster, in the deviation of the mean, about 0 in sum.
        variance: of the mean, by the design.
        up: the next jump upwards, and its spread (Σw²/(Σw)² for weights). down: the next one downwards.
    """
    squares = float((parts * parts).sum())
    if squares <= 0:
        return Limits(value, value)
    tail = (1 - level) / 2
    above, below = parts[parts > 0], -parts[parts < 0]
    rise = _arms(above, tail=tail, jump=up[0], spread=up[1])
    fall = _arms(below, tail=tail, jump=down, spread=down)
    scale = math.sqrt(variance / squares) * t_quantile(1 - tail, df) / t_quantile(1 - tail, math.inf)
    return Limits(value - scale * math.hypot(rise.low, fall.high), value + scale * math.hypot(rise.high, fall.low))


def _arms(jumps: Floats, *, tail: float, jump: float, spread: float) -> Limits:
    """How far the expected sum may lie below and above the sum that was seen."""
    from scipy.special import gammaincinv  # type: ignore[import-untyped]  # start-up

    total, squares = float(jumps.sum()), float((jumps * jumps).sum())
    low, each = 0.0, 0.0
    if total > 0 and squares > 0:
        each = squares / total
        low = total - float(gammaincinv(total / each, tail)) * each
    step = max(jump, each)
    if step <= 0:
        return Limits(low, 0.0)
    more, wide = total + step, squares + step * max(spread, each)
    return Limits(low, float(gammaincinv(more * more / wide, 1 - tail)) * wide / more - total)
