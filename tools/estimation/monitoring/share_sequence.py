"""A confidence sequence for a share, from counts at each look."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import InvalidInput
from tools.estimation.monitoring.confidence_sequence import ConfidenceSequence, intersect
from tools.estimation.tables import Floats

PRIOR = (0.5, 0.5)
_HALVINGS = 45
_TINY = 1e-300


def share_sequence(
    positives: ArrayLike, n: ArrayLike, *, level: float = 0.95, prior: tuple[float, float] = PRIOR
) -> ConfidenceSequence:
    """All shares p that the likelihood ratio against a Beta mixture has never reached 1/(1 - level).

    B(a + S, b + n - S) / (B(a, b) p^S (1 - p)^(n - S)) is a martingale under p, so that Ville's inequality bounds every
    look at once (Robbins 1970; Howard et al. 2021, section 3.2). Rows are drawn one by one or in batches, each a simple
    random sample (or all) of what comes, with one share p throughout; rows that clump in clusters make the limits too
    narrow: use `weighted_mean_sequence` with a cluster as an observation.

    Args:
        positives, n: (L,) new counts at each look.
        prior: a and b; the limits are narrowest where p is near a/(a + b) and n near a + b, and valid everywhere.

    Raises:
        InvalidInput: counts that are negative or positives beyond n; no look.
    """
    new, rows = np.asarray(positives, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if new.shape != rows.shape or new.ndim != 1 or not len(new):
        raise InvalidInput("positives and n have one count a look, for at least one look")
    if not (np.all(new >= 0) and np.all(new <= rows) and np.all(np.isfinite(rows))):
        raise InvalidInput("Positives lie between 0 and n.", code="usage")
    if not 0 < level < 1 or min(prior) <= 0:
        raise InvalidInput("The level lies between 0 and 1, and a prior above 0.", code="usage", value=[level, *prior])
    s, total = np.cumsum(new), np.cumsum(rows)
    value = s / np.maximum(total, 1)
    low, high = _limits(s, total, level, prior)
    return intersect(total.astype(np.int64), value, low, high, level=level, method="beta mixture sequence")


def _limits(s: Floats, n: Floats, level: float, prior: tuple[float, float]) -> tuple[Floats, Floats]:
    """Both roots of s·log p + (n - s)·log(1 - p) = log of the mixture + log(1 - level), by bisection."""
    from scipy.special import betaln, xlog1py, xlogy  # type: ignore[import-untyped]  # start-up

    a, b = prior
    floor = betaln(a + s, b + n - s) - betaln(a, b) + np.log(1 - level)
    middle = s / np.maximum(n, 1)

    def search(outer: Floats) -> Floats:
        inside, outside = middle.copy(), outer
        for _ in range(_HALVINGS):
            p = (inside + outside) / 2
            held = xlogy(s, p) + xlog1py(n - s, -p) >= floor
            inside, outside = np.where(held, p, inside), np.where(held, outside, p)
        return outside  # outwards, so that rounding never narrows

    low = np.where(s > 0, search(np.full_like(s, _TINY)), 0.0)
    high = np.where(s < n, search(np.ones_like(s)), 1.0)
    return np.where(low <= 2 * _TINY, 0.0, low), high
