"""Agreement of pairs of labels beyond chance, whoever gave them: Fleiss, Gwet, Brennan and Prediger."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tools.estimation.agreement.item_bootstrap import (
    NO_PAIRS,
    ONE_LABEL,
    Coefficient,
    Resampling,
    estimate_coefficient,
    undefined,
)
from tools.estimation.agreement.vote_patterns import VotePatterns
from tools.estimation.estimate import Estimate
from tools.estimation.tables import Floats

Chance = Literal["fleiss", "gwet", "uniform", "none"]
_NAMES = {
    "fleiss": ("Fleiss' kappa", "Fleiss' weighted kappa"),
    "gwet": ("Gwet's AC1", "Gwet's AC2"),
    "uniform": ("Brennan and Prediger's kappa", "Brennan and Prediger's weighted kappa"),
    "none": ("Share of agreeing pairs", "Weighted share of agreeing pairs"),
}
_CELLS = 4_000_000


def estimate_pair_agreement(
    patterns: VotePatterns, *, chance: Chance, weights: Floats | None = None, how: Resampling | None = None
) -> Estimate:
    """(pa - pe)/(1 - pe) with any number of labels an item.

    pa is the mean over items with two labels of the mean weight of their pairs, π_k the mean over all items of label
    k's share. pe by `chance`: Σ_kl w_kl π_k π_l (fleiss; with as many labels on every item Fleiss 1971, Psychological
    Bulletin 76:378-382), Σ_kl w_kl Σ_k π_k(1-π_k)/(q(q-1)) (gwet, 2008, Br. J. Math. Stat. Psychol. 61:29-48, and AC2
    with weights), Σ_kl w_kl/q² (uniform: Brennan and Prediger 1981) or 0 (none, which is pa itself). Labels missing and
    the variance: Gwet 2014, Handbook of Inter-Rater Reliability, section 5.3, which unlike Fleiss's own variance holds
    when raters do agree.

    Args:
        patterns: every label that occurs, each rater's once an item.
        weights: (q, q) as of `weigh_labels`; None is the identity.
        how: level, replications and seed of the interval.
    """
    how = how or Resampling()
    n = round(float(patterns.times[patterns.paired].sum()))
    if n == 0:
        return undefined(0, how.level, NO_PAIRS)
    if chance == "none":
        patterns = patterns.keep(patterns.paired)
    elif patterns.votes.shape[1] < 2:
        return undefined(n, how.level, ONE_LABEL)
    return estimate_coefficient(_coefficient(patterns, chance, weights, n), how)


def _coefficient(patterns: VotePatterns, chance: Chance, weights: Floats | None, n: int) -> Coefficient:
    from scipy.sparse import diags_array  # type: ignore[import-untyped]  # start-up

    agreeing = _agreeing(patterns, weights)
    shares = (diags_array(1 / patterns.given) @ patterns.votes).tocsr()
    paired = patterns.paired.astype(np.float64)
    q = patterns.votes.shape[1]
    whole = float(q if weights is None else weights.sum())

    def expected(pi: Floats) -> Floats:
        """(R,) pe of (R, q) label shares."""
        if chance == "none":
            return np.zeros(len(pi))
        if chance == "fleiss":
            return np.asarray((pi * _spread(pi, weights)).sum(axis=1))
        mixed = (pi * (1 - pi)).sum(axis=1) / (q - 1) if chance == "gwet" else np.full(len(pi), 1 / q)
        return np.asarray(mixed * whole / q)

    def redraw(times: Floats) -> Floats:
        pi = (shares.T @ times.T).T / times.sum(axis=1, keepdims=True)
        pe = expected(pi)
        return np.where(pe < 1 - 1e-12, (times @ agreeing / (times @ paired) - pe) / (1 - pe), np.nan)

    items = float(patterns.times.sum())
    pi = np.asarray(shares.T @ patterns.times)[None] / items
    pa, pe = float(patterns.times @ agreeing) / n, float(expected(pi)[0])
    value = (pa - pe) / (1 - pe)
    each = items / n * (agreeing - pe * paired) / (1 - pe)
    slope = {"fleiss": lambda: _spread(pi, weights)[0], "gwet": lambda: (1 - pi[0]) * whole / (q * (q - 1))}
    by_label = slope[chance]() if chance in slope else np.zeros(q)
    influence = each - 2 * (1 - value) * (shares @ by_label) / (1 - pe)
    name = _NAMES[chance][weights is not None]
    return Coefficient(name, value, n, patterns.times, influence, redraw, q, 1 / (1 - pe))


def _spread(pi: Floats, weights: Floats | None) -> Floats:
    return pi if weights is None else np.asarray(pi @ weights)


def _agreeing(patterns: VotePatterns, weights: Floats | None) -> Floats:
    """(P,) mean weight of an item's pairs of labels; 0 where it has fewer than two."""
    votes, given = patterns.votes, patterns.given
    pairs = given * (given - 1)
    if weights is None:
        same = np.asarray(votes.multiply(votes).sum(axis=1)) - given
    else:
        same = np.empty(len(given))
        step = max(1, _CELLS // len(weights))
        for start in range(0, len(given), step):
            block = votes[start : start + step]
            same[start : start + step] = block.multiply(block @ weights).sum(axis=1)
        same -= given
    return np.asarray(same / (pairs + (pairs == 0)))
