"""How much of a change comes from a different mix of groups, and how much from different rates within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import InvalidInput
from tools.estimation.change.two_periods import TwoPeriods, gather_periods
from tools.estimation.estimate import Estimate
from tools.estimation.factorise import factorise
from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats, Ints, Lonely


@dataclass(frozen=True)
class Decomposition:
    """total = mix + rate, to the last digit.

    Attributes:
        total: new mean minus old. mix: what the groups' shares did. rate: what their means did.
        rate_by_group: each group's part of `rate`, by label. notes: what a reader should know.
    """

    total: Estimate
    mix: Estimate
    rate: Estimate
    rate_by_group: dict[Any, Estimate]
    notes: tuple[str, ...]


def decompose_change(
    y: ArrayLike,
    period: ArrayLike,
    group: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population: ArrayLike | None = None,
    independent: bool = False,
    level: float = 0.95,
    lonely: Lonely = "fail",
) -> Decomposition:
    """mix = Σ (s1 - s0)(r0 + r1)/2, rate = Σ (r1 - r0)(s0 + s1)/2 over groups with shares s and means r. Kitagawa 1955.

    Each part is linearised, so that the interval counts the sampling of shares and means and what the periods share. A
    group seen in one period alone has no rate to compare: all of its effect is mix. It is bookkeeping, not cause.

    Args:
        y: (n,) outcomes, NaN where missing. period: (n,) two values, the new one last in sort order.
        group: (n,) labels. weights, strata, clusters, population: as `describe_survey` takes them, over both periods.
        independent: the periods are two samples; else one, whose clusters keep their label in both.

    Raises:
        InvalidInput: not two periods, one without outcomes, a group for another number of rows.
    """
    rows = gather_periods(
        y,
        period,
        weights=weights,
        strata=strata,
        clusters=clusters,
        population=population,
        independent=independent,
        lonely=lonely,
    )
    groups = factorise(group)
    if len(groups.code) != len(rows.y):
        raise InvalidInput("group must have one label a row", value=len(groups.code), allowed=[str(len(rows.y))])
    size = len(groups.labels)
    old, new = (_Side(rows, groups.code, size, new=side) for side in (False, True))
    r0 = np.where(old.share > 0, old.rate, new.rate)
    r1 = np.where(new.share > 0, new.rate, old.rate)
    middle_rate, middle_share = (r0 + r1) / 2, (old.share + new.share) / 2
    shift, rise = new.share - old.share, r1 - r0
    z_mix = new.influence(middle_rate, shift / 2) + old.influence(-middle_rate, shift / 2)
    z_rate = new.influence(rise / 2, middle_share) + old.influence(rise / 2, -middle_share)
    mix, rate = float(shift @ middle_rate), float(rise @ middle_share)
    parts = {}
    for k, label in enumerate(groups.labels):
        one = np.zeros(size)
        one[k] = 1.0
        z = new.influence(one * rise / 2, one * middle_share) + old.influence(one * rise / 2, -one * middle_share)
        key = label.item() if isinstance(label, np.generic) else label
        parts[key] = rows.estimate(float(rise[k] * middle_share[k]), z, level=level)
    alone = int(((old.share > 0) != (new.share > 0)).sum())
    notes = (f"{alone} of {size} groups are in one period alone: their effect is in the mix.",) if alone else ()
    return Decomposition(
        rows.estimate(mix + rate, z_mix + z_rate, level=level),
        rows.estimate(mix, z_mix, level=level),
        rows.estimate(rate, z_rate, level=level),
        parts,
        notes,
    )


class _Side:
    """Shares and means of the groups in one period, and influence of what is made of them."""

    def __init__(self, rows: TwoPeriods, code: Ints, size: int, *, new: bool) -> None:
        self._w, self._code = rows.weights(new=new), code
        self._y = np.where(np.isfinite(rows.y), rows.y, 0.0)
        by_group = sum_by(code, self._w, size)
        self._total = float(by_group.sum())
        self._each = np.where(by_group > 0, by_group, 1.0)
        self.share: Floats = by_group / self._total
        self.rate: Floats = sum_by(code, self._w * self._y, size) / self._each

    def influence(self, by_share: Floats, by_rate: Floats) -> Floats:
        """(n,) Σ_k by_share_k·IF(s_k) + by_rate_k·IF(r_k)."""
        of_share = (by_share[self._code] - float(by_share @ self.share)) / self._total
        of_rate = by_rate[self._code] * (self._y - self.rate[self._code]) / self._each[self._code]
        return np.asarray(self._w * (of_share + of_rate), dtype=np.float64)
