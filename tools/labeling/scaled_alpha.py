"""Krippendorff's alpha for labels that are ranks or amounts."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tools.errors import Declined
from tools.estimation import Estimate
from tools.estimation.tables import Floats
from tools.labeling.item_estimate import NO_PAIRS, ONE_LABEL, Statistic, estimate_from_items, undefined

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
MOST_VALUES = 2_000  # the distances between all of them are held in memory
_CELLS = 4_000_000


def estimate_scaled_alpha(votes: Floats, values: Floats, *, scale: Scale, level: float = 0.95) -> Estimate:
    """alpha = 1 - (n-1)·A/B, A = Σ_u Σ_ck n_uc n_uk δ²_ck/(m_u-1), B = Σ_ck n_c n_k δ²_ck, over items with two labels.

    δ² is 1 for different labels (nominal), the squared number of labels ranked between (ordinal), (c-k)² (interval),
    ((c-k)/(c+k))² (ratio). Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C and D. The
    variance linearises alpha in the items' label counts, through n_c also where the ordinal δ depends on them.

    Args:
        votes: (items, K) how often each item got each label.
        values: (K,) the labels as numbers, increasing and distinct.
        scale: what differences between labels mean.
        level: coverage of the interval, t(items - 1), items being a simple random sample.

    Raises:
        Declined: more than 2,000 distinct labels.
    """
    if len(values) > MOST_VALUES:
        raise Declined(
            f"Alpha on this scale takes at most {MOST_VALUES:,} distinct labels.",
            reason="unsupported_cut",
            rule="too_many_labels",
            value=len(values),
            hint="Round the labels.",
        )
    votes = votes[votes.sum(axis=1) >= 2]
    statistic = Statistic(f"Krippendorff's alpha ({scale})", "variance linearised over items")
    if len(votes) == 0:
        return undefined(0, level, NO_PAIRS)
    per_label = votes.sum(axis=0)
    delta = squared_distances(values, per_label, scale)
    total = float(per_label.sum())
    expected = delta @ per_label
    b = float(per_label @ expected)
    if b <= 0:
        return undefined(len(votes), level, ONE_LABEL)
    observed, pairs = _observed(votes, delta)
    a = float(observed.sum())
    value = 1 - (total - 1) * a / b
    by_label = (total - 1) * a / b**2 * 2 * expected - a / b
    if scale == "ordinal":
        by_label += _through_ranks(per_label, (total - 1) / b * (a / b * np.outer(per_label, per_label) - pairs))
    influence = votes @ by_label - (total - 1) / b * observed
    return estimate_from_items(
        value, (influence - influence.mean()) * len(votes), statistic=statistic, level=level, n=len(votes)
    )


def squared_distances(values: Floats, per_label: Floats, scale: Scale) -> Floats:
    """(K, K) δ² between labels; `per_label` counts each label."""
    if scale == "nominal":
        return 1.0 - np.eye(len(values))
    if scale == "ordinal":
        rank = np.cumsum(per_label) - per_label / 2
        return np.asarray((rank[:, None] - rank[None, :]) ** 2)
    difference = values[:, None] - values[None, :]
    if scale == "interval":
        return np.asarray(difference**2)
    both = values[:, None] + values[None, :]
    return np.asarray((difference / np.where(both == 0, 1.0, both)) ** 2)


def _observed(votes: Floats, delta: Floats) -> tuple[Floats, Floats]:
    """(items,) disagreement within each item, and (K, K) how often two labels met in one, both over m_u - 1."""
    each = np.empty(len(votes))
    met = np.zeros_like(delta)
    step = max(1, _CELLS // votes.shape[1])
    for start in range(0, len(votes), step):
        block = votes[start : start + step]
        share = block / (block.sum(axis=1, keepdims=True) - 1)
        each[start : start + step] = ((share @ delta) * block).sum(axis=1)
        met += share.T @ block
    return each, met


def _through_ranks(per_label: Floats, weight: Floats) -> Floats:
    """(K,) Σ_ck weight_ck ∂δ²_ck/∂n_g for δ = the distance between the middles of two labels' ranks."""
    rank = np.cumsum(per_label) - per_label / 2
    slope = 2 * weight * (rank[:, None] - rank[None, :])  # weight is symmetric: rank_c moves up, rank_k down
    by_rank = slope.sum(axis=1) - slope.sum(axis=0)
    after = by_rank.sum() - np.cumsum(by_rank)  # n_g shifts every later rank by 1 and its own by a half
    return np.asarray(after + by_rank / 2)
