"""A confidence sequence for a weighted mean of bounded outcomes, by betting."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import InvalidInput
from tools.estimation.monitoring.confidence_sequence import ConfidenceSequence, intersect
from tools.estimation.tables import Floats, Ints

CANDIDATES = 1_001
TRUNCATION = 0.5  # of the largest bet that cannot lose everything
_ROWS = 4_096


def weighted_mean_sequence(
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    max_weight: float = 1.0,
    ends: ArrayLike | None = None,
    level: float = 0.95,
    candidates: ArrayLike | None = None,
) -> ConfidenceSequence:
    """All m in [0, 1] against which a gambler on w(y - m) has never turned 1 into 1/(1 - level).

    For every m the hedged capital ½Π(1 + λ w(y - m)) + ½Π(1 - λ w(y - m)) is a martingale if E[w(y - m)] = 0 given the
    past. Bets λ are predictable, √(2 log(2/(1 - level))/(v t log(1 + t))) with v the variance so far, cut at half of
    what could lose everything. Waudby-Smith and Ramdas 2024, eq. 21 to 26, with weights.

    E[Σwy]/E[Σw] is what is estimated: units drawn with replacement or from a large frame, each with probability
    proportional to 1/w, in any order that does not look at y. An observation may be a cluster or a whole day: y its
    mean, and w its weight.

    Args:
        y: (n,) in [0, 1]. weights: (n,) in (0, max_weight]; None: 1 each. max_weight: the largest the design can give.
        ends: (L,) rows up to each look; None: every row is a look.
        candidates: (G,) ascending values of m that are tried; None: 1,001 from 0 to 1. Limits reach to the next
            candidate outwards, so that the grid never narrows them.

    Raises:
        InvalidInput: outcomes outside [0, 1], weights above `max_weight`, looks out of order.
    """
    outcome = np.asarray(y, dtype=np.float64)
    weight = np.ones(len(outcome)) if weights is None else np.asarray(weights, dtype=np.float64)
    grid = np.linspace(0, 1, CANDIDATES) if candidates is None else np.asarray(candidates, dtype=np.float64)
    looks = np.arange(1, len(outcome) + 1) if ends is None else np.asarray(ends, dtype=np.int64)
    _check(outcome, weight, max_weight, looks, level)
    capital = _log_capital(outcome, weight, max_weight, grid, looks, 1 - level)
    kept = np.maximum.accumulate(capital, axis=0) < math.log(1 / (1 - level))
    low, high = _ends(kept, grid)
    total, weighted = np.cumsum(weight)[looks - 1], np.cumsum(weight * outcome)[looks - 1]
    return intersect(looks, weighted / total, low, high, level=level, method="betting sequence")


def _log_capital(y: Floats, w: Floats, most: float, grid: Floats, looks: Ints, alpha: float) -> Floats:
    """(L, G) logarithm of the hedged capital at each look."""
    bets = _bets(y, w, alpha)
    up_cap = TRUNCATION / (most * np.maximum(grid, 1e-12))
    down_cap = TRUNCATION / (most * np.maximum(1 - grid, 1e-12))
    found = np.empty((len(looks), len(grid)))
    up, down, at = np.zeros(len(grid)), np.zeros(len(grid)), 0
    for begin in range(0, len(y), _ROWS):
        part = slice(begin, begin + _ROWS)
        gain = w[part, None] * (y[part, None] - grid)
        bet = bets[part, None]
        ups = up + np.cumsum(np.log1p(np.minimum(bet, up_cap) * gain), axis=0)
        downs = down + np.cumsum(np.log1p(-np.minimum(bet, down_cap) * gain), axis=0)
        here = looks[(looks > begin) & (looks <= begin + len(ups))] - begin - 1
        found[at : at + len(here)] = np.logaddexp(ups[here], downs[here]) - math.log(2)
        up, down, at = ups[-1], downs[-1], at + len(here)
    return found


def _bets(y: Floats, w: Floats, alpha: float) -> Floats:
    """(n,) bets, each from the rows before: their variance of w(y - running mean), a quarter to begin with."""
    t = np.arange(1, len(y) + 1)
    mean = (0.5 * w[0] + np.cumsum(w * y)) / (w[0] + np.cumsum(w)) if len(y) else y
    before = (0.25 + np.cumsum((w * (y - mean)) ** 2)) / (t + 1)
    variance = np.concatenate([[0.25], before[:-1]])
    return np.asarray(np.sqrt(2 * math.log(2 / alpha) / (variance * t * np.log1p(t))), dtype=np.float64)


def _ends(kept: np.ndarray, grid: Floats) -> tuple[Floats, Floats]:
    """The candidates next to those that are kept, outwards; crossed limits when none is."""
    steps = len(grid)
    first, last = np.argmax(kept, axis=1), steps - 1 - np.argmax(kept[:, ::-1], axis=1)
    some = kept.any(axis=1)
    low = np.where(first > 0, grid[np.maximum(first - 1, 0)], 0.0)
    high = np.where(last < steps - 1, grid[np.minimum(last + 1, steps - 1)], 1.0)
    return np.where(some, low, 1.0), np.where(some, high, 0.0)


def _check(y: Floats, w: Floats, most: float, looks: Ints, level: float) -> None:
    if y.ndim != 1 or y.shape != w.shape or not len(y):
        raise InvalidInput("y and weights have one number a row, for at least one row")
    if not (np.all(y >= 0) and np.all(y <= 1)):
        raise InvalidInput("Outcomes lie between 0 and 1; rescale those that do not.", code="usage")
    if not (np.all(w > 0) and np.all(w <= most * (1 + 1e-12))):
        hint = "max_weight is known from the design, not from the sample."
        raise InvalidInput("Weights lie above 0 and at most at max_weight.", code="usage", value=most, hint=hint)
    if not len(looks) or looks[0] < 1 or looks[-1] > len(y) or np.any(np.diff(looks) <= 0):
        raise InvalidInput("Looks are rows 1..n in ascending order.", code="usage")
    if not 0 < level < 1:
        raise InvalidInput("The level is a share between 0 and 1.", code="usage", value=level)
