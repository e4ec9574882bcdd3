"""How much of a change is real, and how much a new labeller or policy; only where items were labelled under both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import InvalidInput
from tools.estimation.change.two_periods import TwoPeriods, gather_periods
from tools.estimation.estimate import Estimate
from tools.estimation.tables import Floats, Lonely

LEAST_BRIDGE = 2


@dataclass(frozen=True)
class VersionSplit:
    """total = Σ versions + real. A part that no bridge shows is undefined: "not identified"."""

    total: Estimate
    versions: dict[str, Estimate]
    real: Estimate


def separate_versions(
    y: ArrayLike,
    period: ArrayLike,
    bridge: Mapping[str, ArrayLike | None],
    *,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population: ArrayLike | None = None,
    independent: bool = False,
    level: float = 0.95,
    lonely: Lonely = "fail",
) -> VersionSplit:
    """New minus old, less what the same old items changed by when they were labelled anew.

    Each step's part is the mean, over the old period's bridge items, of the label after it minus the label before; the
    first step begins at `y`. The bridge is a random part of the old sample, estimated as a domain of it; its clusters
    are those of the rows, so that the covariance with the old estimate is kept.

    Args:
        y: (n,) each row's label under the version of its own period, NaN where missing. period: two values, new last.
        bridge: step -> (n,) the label after that step, NaN where a row was not labelled again; steps in order, such as
            `{"labeller": ..., "policy": ...}`; the last is the version of the new period. None: no such labels.
        independent, weights, strata, clusters, population, lonely, level: as in `decompose_change`.

    Raises:
        InvalidInput: not two periods; a column of another length; no step.
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
    if not bridge:
        raise InvalidInput("bridge names at least one step", code="usage")
    new, z_new = _mean(rows.y, rows.weights(new=True))
    old, z_old = _mean(rows.y, rows.weights(new=False))
    total, z = new - old, z_new - z_old
    left, z_left, known = total, z, True
    before: Floats | None = rows.y
    found: dict[str, Estimate] = {}
    for step, column in bridge.items():
        after = None if column is None else _column(column, rows, step)
        part = None if after is None or before is None else _part(rows, before, after)
        if part is None:
            found[step], known = _unidentified(level, f"no old item was labelled both before and after {step!r}"), False
        else:
            value, z_part, both = part
            found[step] = rows.estimate(value, z_part, level=level, rows=both)
            left, z_left = left - value, z_left - z_part
        before = after
    real = rows.estimate(left, z_left, level=level) if known else _unidentified(level, "not every step has a bridge")
    return VersionSplit(rows.estimate(total, z, level=level), found, real)


def _part(rows: TwoPeriods, before: Floats, after: Floats) -> tuple[float, Floats, NDArray[np.bool_]] | None:
    """The mean change of label, its influence, and the rows of the bridge; None without a bridge."""
    both = ~rows.new & np.isfinite(before) & np.isfinite(after)
    if both.sum() < LEAST_BRIDGE:
        return None
    return (*_mean(after - before, np.where(both, rows.survey.weight, 0.0)), both)


def _mean(y: Floats, w: Floats) -> tuple[float, Floats]:
    filled = np.where(w > 0, y, 0.0)
    value = float(w @ filled / w.sum())
    return value, np.asarray(w * (filled - value) / w.sum(), dtype=np.float64)


def _column(values: ArrayLike, rows: TwoPeriods, step: str) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.shape != rows.y.shape:
        raise InvalidInput(f"The labels after {step!r} must have one value a row.", code="usage", value=step)
    return found


def _unidentified(level: float, why: str) -> Estimate:
    reason = f"not identified: {why}"
    return Estimate(None, None, None, None, level, None, 0, None, None, None, "wald", undefined=reason)
