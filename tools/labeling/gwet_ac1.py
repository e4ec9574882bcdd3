"""Gwet's AC1: agreement beyond chance that does not collapse when one label is rare."""

from __future__ import annotations

import numpy as np

from tools.estimation import Estimate
from tools.estimation.tables import Floats
from tools.labeling.item_estimate import NO_PAIRS, ONE_LABEL, Statistic, estimate_from_items, undefined

AC1 = Statistic("Gwet's AC1", "variance linearised over items (Gwet 2014, section 5.3)")


def estimate_ac1(votes: Floats, *, level: float = 0.95) -> Estimate:
    """AC1 = (pa - pe)/(1 - pe), pe = Σ π_k(1-π_k)/(q-1), with any number of labels per item.

    pa is the mean share of agreeing pairs over items with two labels, π_k the mean over all items of label k's share.
    Gwet 2008, Br. J. Math. Stat. Psychol. 61:29-48, eq. 8; variance with missing labels: Gwet 2014, section 5.3.

    Args:
        votes: (items, labels) one label a rater at most.
        level: coverage of the interval, t(items - 1).
    """
    votes = votes[votes.sum(axis=1) > 0][:, votes.sum(axis=0) > 0]
    given = votes.sum(axis=1)
    paired = given >= 2
    n2 = int(paired.sum())
    if n2 == 0:
        return undefined(0, level, NO_PAIRS)
    n, q = votes.shape
    if q < 2:
        return undefined(n2, level, ONE_LABEL)
    agreeing = pair_agreement(votes)
    pa = float(agreeing[paired].mean())
    shares = votes / given[:, None]
    pi = shares.mean(axis=0)
    pe = float((pi * (1 - pi)).sum()) / (q - 1)
    value = (pa - pe) / (1 - pe)
    each = n / n2 * (agreeing - pe * paired) / (1 - pe)
    chance = shares @ (1 - pi) / (q - 1)
    influence = each - 2 * (1 - value) * (chance - pe) / (1 - pe) - value
    return estimate_from_items(value, influence, statistic=AC1, level=level, n=n2)


def pair_agreement(votes: Floats) -> Floats:
    """(items,) share of agreeing pairs of labels; 0 where an item has fewer than two."""
    given = votes.sum(axis=1)
    pairs = given * (given - 1)
    return np.asarray((votes * (votes - 1)).sum(axis=1) / (pairs + (pairs == 0)))
