"""Krippendorff's alpha: labels that are names, ranks or amounts, any of them missing."""

from __future__ import annotations

import numpy as np

from tools.estimation.agreement.item_bootstrap import (
    NO_PAIRS,
    ONE_LABEL,
    Coefficient,
    Resampling,
    estimate_coefficient,
    undefined,
)
from tools.estimation.agreement.label_weights import Scale
from tools.estimation.agreement.vote_patterns import VotePatterns
from tools.estimation.estimate import Estimate
from tools.estimation.tables import Floats

_CELLS = 4_000_000


def estimate_alpha(
    patterns: VotePatterns, values: Floats, *, scale: Scale = "nominal", how: Resampling | None = None
) -> Estimate:
    """alpha = 1 - (n-1)·A/B, A = Σ_u Σ_ck n_uc n_uk δ²_ck/(m_u-1), B = Σ_ck n_c n_k δ²_ck, over items with two labels.

    δ² is 1 for different labels (nominal), the squared number of labels ranked between (ordinal), (c-k)² (interval),
    ((c-k)/(c+k))² (ratio). Krippendorff 2011, "Computing Krippendorff's alpha-reliability", sections C and D. `se`
    linearises alpha in the items' label counts, through n_c also where the ordinal δ depends on them.

    Args:
        patterns: items' labels, each rater's once an item.
        values: (K,) the patterns' labels as numbers, increasing and distinct; of no effect on the nominal scale.
        how: level, replications and seed of the interval.
    """
    how = how or Resampling()
    patterns = patterns.keep(patterns.paired)
    n = round(float(patterns.times.sum()))
    if n == 0:
        return undefined(0, how.level, NO_PAIRS)
    if len(np.unique(patterns.votes.indices)) < 2:
        return undefined(n, how.level, ONE_LABEL)
    return estimate_coefficient(_coefficient(_Alpha(patterns, values, scale), n), how)


def _coefficient(alpha: _Alpha, n: int) -> Coefficient:
    times = alpha.patterns.times
    per_label = np.asarray(alpha.votes.T @ times)
    total = float(per_label.sum())
    observed = alpha.observed(per_label[None])[0]
    expected = alpha.distances(per_label)
    a, b = float(times @ observed), float(per_label @ expected)
    by_label = (total - 1) * a / b**2 * 2 * expected - a / b
    if alpha.scale == "ordinal":
        by_label += alpha.through_ranks(per_label, a, b)
    influence = (alpha.votes @ by_label - (total - 1) / b * observed) * n
    name = f"Krippendorff's alpha ({alpha.scale})"
    # m labels of which half lie at either end disagree most: A grows by m²/2/(m-1) times the largest distance
    given = alpha.patterns.given
    worst = float((given**2 / 2 / (given - 1)).max()) * alpha.farthest(per_label) * (total - 1) / b * n
    value = 1 - (total - 1) * a / b
    return Coefficient(name, value, n, times, influence, alpha.redraw, alpha.votes.shape[1], worst)


class _Alpha:
    """Distances between labels, from each other and within items, without a table of all pairs where none is needed.

    Where δ is a difference of the labels' places v, Σ_k n_k (v_c - v_k)² = n v_c² - 2 v_c Σ n_k v_k + Σ n_k v_k².
    """

    def __init__(self, patterns: VotePatterns, values: Floats, scale: Scale) -> None:
        self.patterns, self.votes, self.scale = patterns, patterns.votes, scale
        self.values = values = values / (
            np.abs(values).max() or 1.0
        )  # squares of 1e200 would not fit; δ's unit is free
        if scale == "ratio":
            both = values[:, None] + values
            self.table = ((values[:, None] - values) / np.where(both == 0, 1.0, both)) ** 2
        self.fixed = None if scale == "ordinal" else self._within()

    def redraw(self, times: Floats) -> Floats:
        """(R,) alpha of (R, P) times of each pattern."""
        per_label = np.asarray((self.votes.T @ times.T).T)
        total = per_label.sum(axis=1)
        a = (times * self.observed(per_label)).sum(axis=1)
        b = self._between(per_label)
        return np.where(b > 0, 1 - (total - 1) * a / b, np.nan)

    def observed(self, per_label: Floats) -> Floats:
        """(R or 1, P) an item's disagreement, given the (R, K) counts of labels that make ranks."""
        if self.fixed is not None:
            return self.fixed[None]
        rank = np.cumsum(per_label, axis=1) - per_label / 2
        return self._spread(rank.T).T

    def distances(self, per_label: Floats) -> Floats:
        """(K,) Σ_k n_k δ²_ck."""
        total = per_label.sum()
        if self.scale == "nominal":
            return np.asarray(total - per_label)
        if self.scale == "ratio":
            return np.asarray(self.table @ per_label)
        v = self._places(per_label)
        return np.asarray(total * v**2 - 2 * v * (per_label @ v) + per_label @ v**2)

    def farthest(self, per_label: Floats) -> float:
        """The largest δ² between labels that occur."""
        occur = np.flatnonzero(per_label > 0)
        if self.scale == "nominal":
            return 1.0
        if self.scale == "ratio":
            return float(self.table[np.ix_(occur, occur)].max())
        v = self._places(per_label)[occur]
        return float((v[-1] - v[0]) ** 2)

    def through_ranks(self, per_label: Floats, a: float, b: float) -> Floats:
        """(K,) what alpha gains through the ranks when a label is given once more."""
        total, rank = float(per_label.sum()), self._places(per_label)
        each = self.patterns.times / (self.patterns.given - 1)
        of_a = 4 * (rank * (self.votes.T @ (each * self.patterns.given)) - self.votes.T @ (each * (self.votes @ rank)))
        of_b = 4 * per_label * (total * rank - per_label @ rank)
        by_rank = (total - 1) / b * (a / b * of_b - of_a)
        after = by_rank.sum() - np.cumsum(by_rank)  # n_g shifts every later rank by 1 and its own by a half
        return np.asarray(after + by_rank / 2)

    def _between(self, per_label: Floats) -> Floats:
        total = per_label.sum(axis=1)
        if self.scale == "nominal":
            return np.asarray(total**2 - (per_label**2).sum(axis=1))
        if self.scale == "ratio":
            return np.asarray((per_label * (per_label @ self.table)).sum(axis=1))
        v = self._places(per_label)
        return np.asarray(2 * (total * (per_label * v**2).sum(axis=1) - (per_label * v).sum(axis=1) ** 2))

    def _places(self, per_label: Floats) -> Floats:
        if self.scale == "ordinal":
            return np.asarray(np.cumsum(per_label, axis=-1) - per_label / 2)
        return np.asarray(self.values - self.values.mean())

    def _within(self) -> Floats:
        """(P,) Σ_ck n_uc n_uk δ²_ck/(m_u-1) where δ is fixed."""
        given = self.patterns.given
        if self.scale == "interval":
            return self._spread((self.values - self.values.mean())[:, None])[:, 0]
        if self.scale == "nominal":
            return np.asarray((given**2 - self.votes.multiply(self.votes).sum(axis=1)) / (given - 1))
        found = np.empty(len(given))
        step = max(1, _CELLS // len(self.table))
        for start in range(0, len(given), step):
            block = self.votes[start : start + step]
            found[start : start + step] = block.multiply(block @ self.table).sum(axis=1)
        return found / (given - 1)

    def _spread(self, places: Floats) -> Floats:
        """(P, R) the same for δ = differences of (K, R) places."""
        given = self.patterns.given[:, None]
        return np.asarray(2 * (given * (self.votes @ places**2) - (self.votes @ places) ** 2) / (given - 1))
