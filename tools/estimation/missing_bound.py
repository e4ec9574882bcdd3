"""The most positives a sample could have missed: the bound when no row (or every row) was positive."""

from __future__ import annotations

import math

import numpy as np

from tools.estimation.tables import ClusterTotals, Design, Floats, Totals
from tools.estimation.variance import sampling_fractions


def missing_bound(totals: Totals, *, design: Design | None, level: float) -> float:
    """Largest share of the domain that is missed with probability at least 1 - level.

    Each sampled unit i stands for weight w_i of units like it, of which a share p_i is positive; the sample misses all
    with probability Π(1 - p_i). Maximising Σ w_i p_i under Π(1 - p_i) >= 1 - level gives p_i = max(0, 1 - λ/w_i).
    Units are clusters when rows came in clusters: a cluster is then wholly positive or wholly negative (intraclass
    correlation 1). Equal units give 1 - (1 - level)^(1/m). With a population count, Π(1 - p_i/(1 - f/2)) bounds the
    hypergeometric probability from above (Jensen), and a stratum counted in full misses nothing.

    The units never drawn are taken to carry the weights that were drawn: a frame that holds far rarer units than the
    sample shows needs its own bound.
    """
    weight, count, fraction = _units(totals, design)
    seen = (weight > 0) & (fraction < 1)
    if not seen.any():
        return 0.0
    reach = weight[seen] * (1 - fraction[seen] / 2)
    missed = _most_missed(reach, count[seen], log_miss=math.log(1 - level))
    total = float((weight * count).sum())
    unseen = float((weight * count * (1 - fraction)).sum())
    return min(missed, unseen) / total


def _units(totals: Totals, design: Design | None) -> tuple[Floats, Floats, Floats]:
    """Weight of each kind of unit, how many were drawn, and their stratum's sampling fraction."""
    fraction = sampling_fractions(totals.stratum, design=design)
    if isinstance(totals, ClusterTotals):
        return totals.sum_w, np.ones(len(totals.sum_w)), fraction
    some = totals.n > 0
    mean = totals.sum_w[some] / totals.n[some]
    largest = mean if totals.max_w is None else np.maximum(totals.max_w[some], mean)
    return largest, totals.sum_w[some] / largest, fraction[some]


def _most_missed(weight: Floats, count: Floats, *, log_miss: float) -> float:
    """max Σ c_i w_i r_i subject to Σ c_i log(1 - r_i) >= log_miss, by filling the heaviest units first."""
    order = np.argsort(-weight)
    w, c = weight[order], count[order]
    log_level = (log_miss + np.cumsum(c * np.log(w))) / np.cumsum(c)
    following = np.append(np.log(w[1:]), -np.inf)
    last = int(np.argmax(log_level >= following))
    level = math.exp(float(log_level[last]))
    return float((c[: last + 1] * (w[: last + 1] - level)).sum())
