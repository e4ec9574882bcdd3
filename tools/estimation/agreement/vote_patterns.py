"""Items whose labels are the same, counted together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.estimation.tables import Floats


@dataclass(frozen=True, eq=False)
class VotePatterns:
    """The distinct ways in which items were labelled; who gave a label plays no part.

    Attributes:
        votes: sparse (P, K), how often each label was given in the pattern, by rows.
        times: (P,) items of each pattern. given: (P,) labels of an item.
    """

    votes: Any
    times: Floats
    given: Floats

    @property
    def paired(self) -> Any:
        """(P,) whether the pattern has two labels."""
        return self.given >= 2

    def keep(self, rows: Any) -> VotePatterns:
        """The patterns of a mask or an order."""
        return VotePatterns(self.votes[rows], self.times[rows], self.given[rows])


def collapse_votes(votes: Any) -> VotePatterns:
    """The patterns of sparse (items, labels) counts by rows; items without a label and labels not given are left out.

    Patterns are told apart by a 64-bit sum of one random number a label: for a million patterns, two are taken for one
    with a probability below 1e-7.
    """
    votes = votes[np.diff(votes.indptr) > 0]
    votes = votes[:, np.unique(votes.indices)]
    if votes.shape[0] == 0:
        return VotePatterns(votes, np.zeros(0), np.zeros(0))
    key = np.random.default_rng(0).integers(0, 2**64, votes.shape[1], dtype=np.uint64)
    marks = np.add.reduceat(votes.data.astype(np.uint64) * key[votes.indices], votes.indptr[:-1])
    _, first, times = np.unique(marks, return_index=True, return_counts=True)
    order = np.argsort(first)
    kept = votes[first[order]]
    return VotePatterns(kept, times[order].astype(np.float64), np.asarray(kept.sum(axis=1), dtype=np.float64))
