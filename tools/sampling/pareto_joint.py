"""The true joint inclusion probabilities of Pareto sampling."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tools.errors import InvalidInput
from tools.sampling.pareto_probabilities import STEP, ln_t_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def pareto_joint(
    targets: Sequence[float] | Floats, *, n: int, counts: Sequence[int] | None = None, at: Sequence[int] | None = None
) -> Floats:
    """P(units k and l are both among the n smallest of Q), Q = u/(1-u) * (1-pi)/pi.

    Args:
        targets, n, counts, at: as in `pareto_probabilities`.

    Returns:
        a square matrix in the order of `at`. On the diagonal stand two different units of one kind; NaN where a kind
        has one unit only.

    Both are drawn when fewer than n - 1 of the others lie below t, the larger of their two numbers:
    pi_kl = integral of P(fewer than n - 1 others below t) d[F_k(t) F_l(t)], one integral over ln t like the first-order
    one. Source: Rosén 1997; Aires 1999, Algorithms to find exact inclusion probabilities for conditional Poisson
    sampling and Pareto pi-ps sampling designs.
    """
    import numpy as np  # start-up

    pi = np.asarray(targets, dtype=np.float64)
    if not bool(np.all((pi > 0) & (pi < 1))):
        raise InvalidInput("Targets of Pareto sampling lie between 0 and 1; certainty units are left out.")
    many = np.ones(len(pi), dtype=np.int64) if counts is None else np.asarray(counts, dtype=np.int64)
    odds, wanted = pi / (1 - pi), list(range(len(pi)) if at is None else at)
    joint = np.full((len(wanted), len(wanted)), np.nan)
    if n < 2:
        joint[:] = 0.0
        return joint
    grid, rest = ln_t_grid(odds, many, n)
    raised = np.exp(grid)[:, None] * odds[wanted][None, :]  # t o, of every t and wanted kind
    share = raised / (1 + raised)
    scale = rest[:, None] - np.log1p(odds[wanted])[None, :] + np.log1p(raised)
    for i, k in enumerate(wanted):
        counts_below = _counts_without(odds, many, n - 1, k, wanted)
        log_rest = scale - np.log1p(odds[k]) + np.log1p(raised[:, [i]])
        below = np.minimum(_evaluate(counts_below, grid, log_rest), 1.0)
        both = share[:, [i]] * share
        joint[i] = (below * both * ((1 - share[:, [i]]) + (1 - share))).sum(axis=0) * STEP
        if many[k] < 2:
            joint[i, i] = np.nan
    return np.asarray((joint + joint.T) / 2, dtype=np.float64)


def _counts_without(odds: Floats, many: NDArray[np.int64], n: int, k: int, others: Sequence[int]) -> Floats:
    """P(m units with Q <= 1), m below n, without one unit of kind k and one of each other kind: a row each."""
    import numpy as np

    found = np.zeros((len(others), n))
    found[:, 0] = 1.0
    row_of = {other: row for row, other in enumerate(others)}
    for kind, chance in enumerate(odds / (1 + odds)):
        units = int(many[kind]) - (kind == k)
        product = _times(found, _binomial(units, float(chance), n))
        if kind in row_of and units > 0:
            row = row_of[kind]
            product[row] = _times(found[[row]], _binomial(units - 1, float(chance), n))[0]
        found = product
    return found


def _times(found: Floats, factor: Floats) -> Floats:
    """Each row, a polynomial, times `factor`; powers beyond the row are left out."""
    import numpy as np

    product = np.zeros_like(found)
    for power, weight in enumerate(factor):
        product[:, power:] += weight * found[:, : found.shape[1] - power]
    return product


def _binomial(units: int, chance: float, n: int) -> Floats:
    """P(m of `units`), m below n."""
    import numpy as np

    if units == 1:
        return np.array([1 - chance, chance])[:n]
    m = np.arange(min(units, n - 1) + 1)
    logs = [math.lgamma(units + 1) - math.lgamma(i + 1) - math.lgamma(units - i + 1) for i in m.tolist()]
    return np.asarray(
        np.exp(np.array(logs) + m * math.log(chance) + (units - m) * math.log1p(-chance)), dtype=np.float64
    )


def _evaluate(counts: Floats, grid: Floats, log_rest: Floats) -> Floats:
    """Sum over m of counts[row, m] t^m, times exp(log_rest), for every t (rows of the result) and row of `counts`."""
    import numpy as np

    with np.errstate(divide="ignore"):
        logs = np.log(counts)
    most = np.maximum(logs.max(axis=0), -700.0)
    powers = grid[:, None] * np.arange(counts.shape[1])[None, :] + most[None, :]
    top = powers.max(axis=1, keepdims=True)
    sums = np.exp(powers - top) @ np.exp(logs - most[None, :]).T
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(np.log(sums) + top + log_rest), dtype=np.float64)
