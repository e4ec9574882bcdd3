"""Agreement of several labellers on the same items, nominal labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.estimate import Estimate
from tools.estimation.intervals import wald
from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats, Ints, LabelCounts


def estimate_agreement(
    counts: LabelCounts, *, statistic: Literal["alpha", "percent"] = "alpha", level: float = 0.95
) -> Estimate:
    """Krippendorff's nominal alpha, or the mean share of agreeing pairs of labels per item, over items with two labels.

    alpha = 1 - A(n-1)/B with A = Σ_u (m_u - Σ_c n_uc(n_uc-1)/(m_u-1)) and B = n² - Σ n_c²; its variance is that of
    the linearised items, taken as a simple random sample of items, and the interval t(items - 1).
    Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C; percent: Gwet 2014, eq. 4.7 (p_a).
    `n` counts items.

    Raises:
        InvalidInput: level outside (0, 1).
    """
    if not 0 < level < 1:
        raise InvalidInput("the level must lie between 0 and 1", value=level)
    table = _tabulate(counts)
    items = len(table.labels)
    if items == 0:
        return _undefined(items, level, "no item has two labels")
    agreeing = sum_by(table.item, table.n * (table.n - 1), items)
    if statistic == "percent":
        each = agreeing / (table.labels * (table.labels - 1))
        return _estimate(float(each.mean()), each / items, level=level, low=0.0, method="percent agreement, wald")
    total = float(table.labels.sum())
    per_label = sum_by(table.label, table.n, int(table.label.max()) + 1)
    b = total**2 - float((per_label**2).sum())
    if b <= 0:
        return _undefined(items, level, "only one label occurs, so there is no agreement beyond chance to measure")
    disagreeing = table.labels - agreeing / (table.labels - 1)
    a = float(disagreeing.sum())
    same = sum_by(table.item, per_label[table.label] * table.n, items)
    z = -(total - 1) / b * disagreeing - a / b * table.labels
    z += a * (total - 1) / b**2 * 2 * (total * table.labels - same)
    alpha = 1 - a * (total - 1) / b
    return _estimate(alpha, z, level=level, low=-1.0, method="alpha, linearised over items")


def krippendorff_alpha(coincidences: Sequence[Sequence[float]]) -> float | None:
    """Nominal alpha of a square coincidence table; None when no pair of labels exists or only one label occurs."""
    table = np.asarray(coincidences, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise InvalidInput("a coincidence table is square", value=list(table.shape))
    per_label = table.sum(axis=1)
    n = float(per_label.sum())
    b = n**2 - float((per_label**2).sum())
    if b <= 0:
        return None
    return 1.0 - (n - 1) * (n - float(np.trace(table))) / b


@dataclass(frozen=True, eq=False)
class _Table:
    """Items with at least two labels: codes of item and label, counts, and (items,) labels per item."""

    item: Ints
    label: Ints
    n: Floats
    labels: Floats


def _tabulate(counts: LabelCounts) -> _Table:
    _, item = np.unique(counts.item, return_inverse=True)
    item = item.ravel()
    if len(item) == 0:
        return _Table(item, item, np.zeros(0), np.zeros(0))
    keep = sum_by(item, counts.n, int(item.max()) + 1)[item] >= 2
    _, item = np.unique(item[keep], return_inverse=True)
    _, label = np.unique(counts.label[keep], return_inverse=True)
    n = counts.n[keep].astype(np.float64)
    return _Table(item.ravel(), label.ravel(), n, sum_by(item, n, int(item.max(initial=-1)) + 1))


def _estimate(value: float, z: Floats, *, level: float, low: float, method: str) -> Estimate:
    items = len(z)
    if items < 2:
        return _undefined(items, level, "one item has two labels, so the variance cannot be estimated")
    se = math.sqrt(items / (items - 1) * float(((z - z.mean()) ** 2).sum()))
    limits = wald(value, se, df=items - 1, level=level)
    at = (max(limits.low, min(low, value)), min(limits.high, max(1.0, value)))
    return Estimate(value, se, at[0], at[1], level, items - 1, items, None, None, None, method)


def _undefined(items: int, level: float, reason: str) -> Estimate:
    return Estimate(None, None, None, None, level, None, items, None, None, None, "undefined", undefined=reason)
