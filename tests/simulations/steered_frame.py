"""A frame of a hundred million units with a binormal score, held by kinds, and Pareto draws from it.

Units with the same score are alike to a draw, so a kind is a score, its units and its positives; what a draw takes of
each kind is simulated exactly, at the cost of the sample and not of the frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WIDTH = 0.02  # of a kind, in standard deviations of the score


@dataclass(frozen=True, eq=False)
class ScoredFrame:
    """Scores in rising order, units and positives of each."""

    score: Floats
    units: Ints
    positives: Ints

    @property
    def size(self) -> int:
        return int(self.units.sum())

    @property
    def truth(self) -> float:
        return float(self.positives.sum()) / self.size


def binormal_frame(
    auc: float, *, prevalence: float, units: int, rng: np.random.Generator, spread: float = 1.0
) -> ScoredFrame:
    """Negatives score N(0, 1), positives N(d, spread²), d so that the area under the curve is `auc`.

    Positives are a Poisson draw of their expectation: the curve p(s) is true of no finite frame exactly.
    """
    from scipy.special import ndtr, ndtri  # type: ignore[import-untyped]

    d = math.sqrt(1 + spread**2) * float(ndtri(auc))
    low = np.arange(-6.0, d + 6 * max(spread, 1.0), WIDTH)
    negative = ndtr(low + WIDTH) - ndtr(low)
    positive = ndtr((low + WIDTH - d) / spread) - ndtr((low - d) / spread)
    negatives = np.round(units * (1 - prevalence) * negative).astype(np.int64)
    positives = rng.poisson(units * prevalence * positive).astype(np.int64)
    there = negatives + positives > 0
    return ScoredFrame((low + WIDTH / 2)[there], (negatives + positives)[there], positives[there])


def godambe_joshi_bound(auc: float, *, prevalence: float, half_width: float, level: float = 0.95) -> float:
    """Fewest labels of any design and difference estimator: (E sqrt(p(1-p)))² / V, by numeric integration."""
    from scipy.special import ndtri
    from scipy.stats import norm  # type: ignore[import-untyped]

    d, s = math.sqrt(2) * float(ndtri(auc)), np.arange(-10, 14, 1e-3)
    negative, positive = (1 - prevalence) * norm.pdf(s), prevalence * norm.pdf(s - d)
    density = negative + positive
    p = positive / density
    mean = float((density * np.sqrt(p * (1 - p))).sum() * 1e-3)
    return (mean / (half_width / float(ndtri((1 + level) / 2)))) ** 2


def draw_kinds(pi: Floats, units: Ints, *, n: int, rng: np.random.Generator) -> Ints:
    """How many of each kind a Pareto draw of n takes; pi is the target of a unit of the kind.

    Below a number t that more than n units fall under, each kind has a binomial count, and the ranking numbers of
    these are independent draws from its distribution cut at t; the n smallest are the sample.
    """
    taken = np.where(pi >= 1, units, 0)
    rest = n - int(taken.sum())
    some = (pi > 0) & (pi < 1)
    odds, there = pi[some] / (1 - pi[some]), units[some]
    spread = float((there * pi[some] * (1 - pi[some])).sum())
    t = 1.0 + (8 * math.sqrt(spread) + 40) / max(spread, 1.0)
    share = t * odds / (1 + t * odds)
    below = rng.binomial(there, share)
    while int(below.sum()) < rest:  # practically never: all units, then
        t, share, below = math.inf, np.ones_like(odds), there
    kind = np.repeat(np.arange(len(odds)), below)
    u = rng.random(len(kind)) * share[kind]
    ranking = u / (1 - u) / odds[kind]
    kept = kind[np.argpartition(ranking, rest - 1)[:rest]] if rest else kind[:0]
    taken[some] = np.bincount(kept, minlength=len(odds))
    return taken


def draw_positives(frame: ScoredFrame, taken: Ints, rng: np.random.Generator) -> Ints:
    """How many of those taken of each kind are positive."""
    return rng.hypergeometric(frame.positives, frame.units - frame.positives, taken).astype(np.int64)
