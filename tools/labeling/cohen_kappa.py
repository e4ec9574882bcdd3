"""Kappa of two raters: Cohen."""

from __future__ import annotations

import numpy as np

from tools.estimation import Estimate
from tools.estimation.tables import Ints
from tools.labeling.item_estimate import NO_PAIRS, ONE_LABEL, Statistic, estimate_from_items, undefined

COHEN = Statistic("Cohen's kappa", "variance linearised over items (Fleiss, Cohen and Everitt 1969)")


def estimate_cohen_kappa(first: Ints, second: Ints, *, level: float = 0.95) -> Estimate:
    """kappa = (pa - pe)/(1 - pe), pe = Σ p_k. p_.k, over items that both raters labelled.

    Cohen 1960, Educational and Psychological Measurement 20:37-46; variance by linearisation, Fleiss, Cohen and
    Everitt 1969, Psychological Bulletin 72:323-327, eq. 13 (divisor n).

    Args:
        first, second: (n,) label codes of the two raters, item by item.
        level: coverage of the interval, t(n - 1).
    """
    n = len(first)
    if n == 0:
        return undefined(0, level, NO_PAIRS.replace("two labels", "a label of both raters"))
    q = int(max(first.max(), second.max())) + 1
    row, column = np.bincount(first, minlength=q) / n, np.bincount(second, minlength=q) / n
    agree = (first == second).astype(np.float64)
    pa, pe = float(agree.mean()), float((row * column).sum())
    if pe >= 1 - 1e-15:
        return undefined(n, level, ONE_LABEL)
    value = (pa - pe) / (1 - pe)
    chance = column[first] + row[second] - 2 * pe
    influence = (agree - pa - (1 - value) * chance) / (1 - pe)
    return estimate_from_items(value, influence, statistic=COHEN, level=level, n=n, divisor=n)
