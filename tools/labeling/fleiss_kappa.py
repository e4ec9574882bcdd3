"""Kappa of many raters: Fleiss, with any number of labels per item."""

from __future__ import annotations

from tools.estimation import Estimate
from tools.estimation.tables import Floats
from tools.labeling.gwet_ac1 import pair_agreement
from tools.labeling.item_estimate import NO_PAIRS, ONE_LABEL, Statistic, estimate_from_items, undefined

FLEISS = Statistic("Fleiss' kappa", "variance linearised over items (Gwet 2014, section 5.3)")


def estimate_fleiss_kappa(votes: Floats, *, level: float = 0.95) -> Estimate:
    """kappa = (pa - pe)/(1 - pe), pe = Σ π_k², with any number of labels per item.

    pa and π_k as for AC1; with as many labels on every item this is Fleiss 1971, Psychological Bulletin 76:378-382.
    Variance: Gwet 2014, section 5.3, which unlike Fleiss's own also holds when raters do agree.

    Args:
        votes: (items, labels) one label a rater at most.
        level: coverage of the interval, t(items - 1).
    """
    votes = votes[votes.sum(axis=1) > 0][:, votes.sum(axis=0) > 0]
    given = votes.sum(axis=1)
    paired = given >= 2
    n, n2 = len(votes), int(paired.sum())
    if n2 == 0:
        return undefined(0, level, NO_PAIRS)
    if votes.shape[1] < 2:
        return undefined(n2, level, ONE_LABEL)
    agreeing = pair_agreement(votes)
    pa = float(agreeing[paired].mean())
    shares = votes / given[:, None]
    pi = shares.mean(axis=0)
    pe = float((pi**2).sum())
    value = (pa - pe) / (1 - pe)
    each = n / n2 * (agreeing - pe * paired) / (1 - pe)
    influence = each - 2 * (1 - value) * (shares @ pi - pe) / (1 - pe) - value
    return estimate_from_items(value, influence, statistic=FLEISS, level=level, n=n2)
