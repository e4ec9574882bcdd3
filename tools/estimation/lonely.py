"""Groups with one unit, so that nothing shows how units differ: strata of one cluster, clusters of one unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.estimation.tables import Floats, Lonely


@dataclass(frozen=True)
class Added:
    """A variance added up over groups, or why there is none, and what a reader should know."""

    variance: float
    undefined: str | None = None
    notes: tuple[str, ...] = ()


def add_parts(
    parts: Floats,
    *,
    lonely: NDArray[np.bool_],
    adjusted: Floats,
    touched: NDArray[np.bool_],
    rule: Lonely,
    what: str = "strata hold one cluster",
) -> Added:
    """Σ over groups, the lonely ones by `rule`: `certainty` adds nothing, `average` the mean of the others, `adjust`
    its distance from the mean of all units (`adjusted`), and `fail` is undefined when the domain touches one.

    Args:
        parts: (G,) variance of each group, anything where lonely. adjusted: (G,) what a lonely one adds when adjusted.
        touched: (G,) groups with a row in the domain. what: "strata hold one cluster", for the message.
    """
    kept = np.where(lonely, 0.0, parts)
    if not lonely.any():
        return Added(float(kept.sum()))
    if rule == "fail":
        hit = int(np.count_nonzero(lonely & touched))
        reason = f"{hit} of {len(lonely)} {what}, so the variance cannot be estimated"
        return Added(float(kept.sum()), undefined=reason if hit else None)
    notes = (f"{int(lonely.sum()):,} of {len(lonely):,} {what}: rule {rule!r}",)
    if rule == "average":
        if lonely.all():
            return Added(0.0, undefined=f"all {what}, so there is no variance to average")
        return Added(float(kept.sum() * len(lonely) / np.count_nonzero(~lonely)), notes=notes)
    if rule == "adjust":
        kept = np.where(lonely, adjusted, kept)
    return Added(float(kept.sum()), notes=notes)
