"""Kappa of two raters: Cohen, with or without weights."""

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
from tools.estimation.estimate import Estimate
from tools.estimation.tables import Floats, Ints


def estimate_cohen_kappa(
    first: Ints, second: Ints, *, weights: Floats | None = None, how: Resampling | None = None
) -> Estimate:
    """kappa = (pa - pe)/(1 - pe), pe = Σ_kl w_kl p_k. p_.l, over items that both raters labelled.

    Cohen 1960, Educational and Psychological Measurement 20:37-46, and 1968, Psychological Bulletin 70:213-220; `se` by
    Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72:323-327, eq. 8 and 13 (divisor n).

    Args:
        first, second: (n,) label codes of the two raters, item by item.
        weights: (q, q) as of `weigh_labels`, symmetric; None is the identity.
        how: level, replications and seed of the interval.
    """
    how = how or Resampling()
    n = len(first)
    if n == 0:
        return undefined(0, how.level, NO_PAIRS.replace("two labels", "a label of both raters"))
    q = int(max(first.max(), second.max())) + 1 if weights is None else len(weights)
    cells, times = np.unique(first * q + second, return_counts=True)
    a, b = cells // q, cells % q
    if len(set(a) | set(b)) < 2:
        return undefined(n, how.level, ONE_LABEL)
    return estimate_coefficient(_coefficient(a, b, times.astype(np.float64), q, weights), how)


def _coefficient(a: Ints, b: Ints, times: Floats, q: int, weights: Floats | None) -> Coefficient:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]  # start-up

    place, ones = np.arange(len(a)), np.ones(len(a))
    by_first = csr_array((ones, (a, place)), shape=(q, len(a)))
    by_second = csr_array((ones, (b, place)), shape=(q, len(b)))
    agree = (a == b).astype(np.float64) if weights is None else weights[a, b]

    def met(shares: Floats) -> Floats:
        return shares if weights is None else np.asarray(shares @ weights)

    def redraw(drawn: Floats) -> Floats:
        share = drawn / drawn.sum(axis=1, keepdims=True)
        pe = ((by_first @ share.T).T * met((by_second @ share.T).T)).sum(axis=1)
        return np.where(pe < 1 - 1e-12, (share @ agree - pe) / (1 - pe), np.nan)

    n = float(times.sum())
    row, column = by_first @ times / n, by_second @ times / n
    pa, pe = float(times @ agree) / n, float(row @ met(column))
    value = (pa - pe) / (1 - pe)
    influence = (agree - (1 - value) * (met(column)[a] + met(row)[b])) / (1 - pe)
    name = "Cohen's kappa" if weights is None else "Cohen's weighted kappa"
    return Coefficient(name, value, round(n), times, influence, redraw, q, 1 / (1 - pe), divisor=round(n))
