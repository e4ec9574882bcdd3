"""The most positives a sample could have missed: the bound when no row (or every row) was positive."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tools.estimation.sum_by import sum_by
from tools.estimation.tables import ClusterTotals, Floats, Ints, Totals

_HALVINGS = 200


def missing_bound(totals: Totals, *, fraction: Floats, level: float, poisson: bool = False) -> float:
    """Largest share of the domain that is missed with probability at least 1 - level.

    Each sampled unit i stands for weight w_i of units like it, of which a share p_i is positive. The n draws of a
    stratum miss all of them with probability (1 - Σp_i/n)^n, and strata multiply. Σ w_i p_i is maximised: the heaviest
    units of a stratum are filled first. Units of equal weight give 1 - (1 - level)^(1/n). Units are clusters when rows
    came in clusters: a cluster is then wholly positive or wholly negative (intraclass correlation 1).

    Args:
        fraction: for each line of the table, the share f of units like it that was drawn: 0 without a population
            count, the unit's own probability where these are unequal. p_i/(1 - f/2) then replaces p_i, which bounds the
            hypergeometric probability from above (Jensen); what was counted in full misses nothing.
        poisson: units were drawn one by one, so that exp(-Σp_i) replaces (1 - Σp_i/n)^n.

    The units never drawn are taken to carry the weights that were drawn: a frame that holds far rarer units than the
    sample shows needs its own bound.
    """
    weight, count, fraction = _units(totals, fraction)
    open_ = (weight > 0) & (fraction < 1)
    if not open_.any():
        return 0.0
    stratum = totals.stratum[totals.n > 0] if len(totals.stratum) != len(weight) else totals.stratum
    blocks = _blocks(
        weight[open_] * (1 - fraction[open_] / 2),
        count[open_],
        np.zeros(int(open_.sum()), dtype=np.int64) if poisson else stratum[open_],
        log_miss=math.log(1 - level),
        draws=1e7 if poisson else None,
    )
    missed = _most_missed(blocks, log_miss=math.log(1 - level))
    unseen = float((weight * count * (1 - fraction)).sum())
    return min(missed, unseen) / float((weight * count).sum())


@dataclass(frozen=True, eq=False)
class _Blocks:
    """Units of equal weight within a stratum, heaviest first.

    Attributes:
        weight, count: of the units. before: units of the stratum that are heavier. draws: of the block's stratum.
        stratum: (B,) place of the block's stratum. strata_draws: (H,) draws of each stratum.
    """

    weight: Floats
    count: Floats
    before: Floats
    draws: Floats
    stratum: Ints
    strata_draws: Floats


def _units(totals: Totals, fraction: Floats) -> tuple[Floats, Floats, Floats]:
    """Weight of each kind of unit, how many were drawn, and the share of such units that was drawn."""
    if isinstance(totals, ClusterTotals):
        return totals.sum_w, np.ones(len(totals.sum_w)), fraction
    some = totals.n > 0
    mean = totals.sum_w[some] / totals.n[some]
    largest = mean if totals.max_w is None else np.maximum(totals.max_w[some], mean)
    return largest, totals.sum_w[some] / largest, fraction[some]


def _blocks(weight: Floats, count: Floats, stratum: Ints, *, log_miss: float, draws: float | None) -> _Blocks:
    """Only the heaviest -log(1 - level) units of a stratum can be filled, whatever the number of draws."""
    order = np.lexsort((-weight, stratum))
    weight, count, stratum = weight[order], count[order], stratum[order]
    _, first, place = np.unique(stratum, return_index=True, return_inverse=True)
    place = place.ravel()
    running = np.cumsum(count) - count
    before = running - running[first][place]
    total = sum_by(place, count, len(first)) if draws is None else np.full(len(first), draws)
    kept = before <= -log_miss
    return _Blocks(weight[kept], count[kept], before[kept], total[place][kept], place[kept], total)


def _most_missed(blocks: _Blocks, *, log_miss: float) -> float:
    """max Σ w f over fills f within Σ_h n_h log(1 - F_h/n_h) >= log_miss: the price of a miss is found by bisection."""
    low, high = 0.0, float(blocks.weight.max())
    for _ in range(_HALVINGS):
        price = (low + high) / 2
        if price in (low, high):  # no number lies between
            break
        if _log_miss(blocks, _fill(blocks, price)) >= log_miss:
            high = price
        else:
            low = price
    return float((blocks.weight * _fill(blocks, high)).sum())


def _fill(blocks: _Blocks, price: float) -> Floats:
    """Units of each block that pay at this price: w(1 - F/n) is what the last one adds."""
    return np.clip(blocks.draws * (1 - price / blocks.weight) - blocks.before, 0.0, blocks.count)


def _log_miss(blocks: _Blocks, fill: Floats) -> float:
    share = sum_by(blocks.stratum, fill, len(blocks.strata_draws)) / blocks.strata_draws
    with np.errstate(divide="ignore"):
        return float((blocks.strata_draws * np.log1p(-np.minimum(share, 1.0))).sum())
