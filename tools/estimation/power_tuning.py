"""How far a prediction is trusted: the slope λ of a difference estimator, from labels other than the row's own."""

from __future__ import annotations

import numpy as np

from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats, Ints

FOLDS = 10
CAP = 4.0  # of λ: scores that are shrunken towards the middle need more than 1


def tune_power(y: Floats, centred: Floats, *, weight: Floats, unit: Ints, group: Ints, seed: int = 0) -> Floats:
    """(n,) λ for each row, fitted without the labels of its fold, within 0 and 4.

        λ = Σ w²(y - ȳ)(m - M) / Σ w²(m - M)²

    minimises the variance of the mean of y - λ(m - M) over independent rows (Angelopoulos, Duchi and Zrnic 2023, PPI++,
    eq. 5, with weights as in Särndal, Swensson and Wretman 1992, section 6.4). Fitted on other folds it is independent
    of the rows it is used on, so that the estimate keeps the labels' own unbiasedness (Zrnic and Candès 2024).

    Args:
        y: (n,) outcomes. centred: (n,) m - M. weight: (n,) weights.
        unit: (n,) first-stage unit; a unit falls into one fold whole. group: (n,) ȳ is that of the group (stratum).
        seed: of the folds.
    """
    size, fold = int(group.max(initial=0)) + 1, _folds(unit, seed)
    squared = weight * weight * centred

    def others(values: Floats) -> Floats:
        """(folds, strata) sums over all folds but one."""
        table = sum_by(fold * size + group, values, FOLDS * size).reshape(FOLDS, size)
        return np.asarray(table.sum(axis=0) - table, dtype=np.float64)

    total = others(weight)
    mean = np.divide(others(weight * y), total, out=np.zeros_like(total), where=total > 0)
    cross = (others(squared * y) - mean * others(squared)).sum(axis=1)
    own = others(squared * centred).sum(axis=1)
    slope = np.divide(cross, own, out=np.zeros(FOLDS), where=own > 0)
    return np.asarray(np.clip(slope, 0.0, CAP)[fold], dtype=np.float64)


def _folds(unit: Ints, seed: int) -> Ints:
    units = int(unit.max(initial=0)) + 1
    place = np.random.default_rng(seed).permutation(units) % FOLDS
    return np.asarray(place[unit], dtype=np.int64)
