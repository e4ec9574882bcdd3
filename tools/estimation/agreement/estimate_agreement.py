"""Agreement of several labellers on the same items, from how often each label was given to each item."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tools.estimation.agreement.item_bootstrap import Resampling
from tools.estimation.agreement.krippendorff_alpha import estimate_alpha
from tools.estimation.agreement.pair_agreement import estimate_pair_agreement
from tools.estimation.agreement.vote_patterns import VotePatterns, collapse_votes
from tools.estimation.estimate import Estimate
from tools.estimation.tables import LabelCounts


def estimate_agreement(
    counts: LabelCounts, *, statistic: Literal["alpha", "percent"] = "alpha", level: float = 0.95
) -> Estimate:
    """Krippendorff's nominal alpha, or the mean share of agreeing pairs of labels per item, over items with two labels.

    Items are taken as a simple random sample of items; the interval is the bootstrap of `transect agreement` with its
    defaults, 2,000 draws of items from seed 0. `n` counts items.

    Raises:
        InvalidInput: level outside (0, 1).
    """
    how = Resampling(level)
    patterns = _patterns(counts)
    if statistic == "percent":
        return estimate_pair_agreement(patterns, chance="none", how=how)
    return estimate_alpha(patterns, np.arange(1.0, patterns.votes.shape[1] + 1), how=how)


def _patterns(counts: LabelCounts) -> VotePatterns:
    """Items in the order of their keys: the draws, and so the last digits, do not depend on the order of the rows."""
    from scipy.sparse import csr_array  # type: ignore[import-untyped]  # start-up

    items, item = np.unique(counts.item, return_inverse=True)
    labels, label = np.unique(counts.label, return_inverse=True)
    votes = csr_array((counts.n.astype(np.float64), (item, label)), shape=(len(items), len(labels)))
    votes.sum_duplicates()
    return collapse_votes(votes)
