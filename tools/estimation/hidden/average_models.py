"""One size from many models, each with Akaike's weight."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.estimation.hidden.loglinear import LoglinearFit
from tools.estimation.hidden.size_estimate import SizeEstimate, log_limits, undefined_size


def select_model(fits: Sequence[LoglinearFit]) -> LoglinearFit | None:
    """The model with the smallest AIC among those that give a size; the simpler one on a tie."""
    sound = [fit for fit in fits if fit.estimate.undefined is None]
    return min(sound, key=lambda fit: (round(fit.aic, 9), -fit.df)) if sound else None


def average_models(fits: Sequence[LoglinearFit], *, level: float = 0.95) -> SizeEstimate:
    """Σ w N with w ∝ exp(-AIC/2), se = Σ w √(se² + (N - N̄)²), log-transformed limits.

    Buckland, Burnham and Augustin 1997, eq. 9. The spread between models counts; a dependence that none of them holds
    does not.
    """
    sound = [fit for fit in fits if fit.estimate.undefined is None]
    seen = fits[0].estimate.seen
    best = select_model(fits)
    if best is None:
        return undefined_size("averaged", level=level, seen=seen, reason="no model gives a size")
    weights = [math.exp(-(fit.aic - best.aic) / 2) for fit in sound]
    total = sum(weights)
    parts = [(w / total, f.estimate.value or 0.0, f.estimate.se or 0.0) for w, f in zip(weights, sound, strict=True)]
    value = sum(w * size for w, size, _ in parts)
    se = sum(w * math.hypot(spread, size - value) for w, size, spread in parts)
    limits = log_limits(value, se, seen=seen, level=level)
    return SizeEstimate("averaged", value, se, limits.low, limits.high, level, seen)


def akaike_weight(fits: Sequence[LoglinearFit], of: LoglinearFit) -> float:
    """Share of the weight that one model has."""
    sound = [fit for fit in fits if fit.estimate.undefined is None]
    return math.exp(-of.aic / 2 + min(f.aic for f in sound) / 2) / sum(
        math.exp(-(fit.aic - min(f.aic for f in sound)) / 2) for fit in sound
    )
