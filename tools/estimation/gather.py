"""A domain's table by first-stage units: what few and missing positives are judged on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.estimation.spread import first_fractions
from tools.estimation.sum_by import count_by, sum_by
from tools.estimation.tables import ClusterTotals, Floats, Ints, Totals
from tools.estimation.unit_design import AnyDesign, UnitDesign
from tools.estimation.variance import sampling_fractions


@dataclass(frozen=True, eq=False)
class Gathered:
    """A share's table with one line a first-stage unit (or a stratum of rows).

    Attributes:
        totals: sums of the domain.
        first: share of the line's stratum that was drawn at the first stage, or the unit's own probability.
        seen: share of the line's rows of the frame that were drawn, over all stages.
        rows: the same by second-stage unit, where clusters were subsampled; else None.
        poisson: units were drawn one by one.
        modelled: weights come of a size or of known totals, that is, of something that stands for what is counted.
    """

    totals: Totals
    first: Floats
    seen: Floats
    rows: Gathered | None = None
    poisson: bool = False
    modelled: bool = False


def gather_units(totals: Totals, *, design: AnyDesign | None) -> Gathered:
    """The table by first-stage units, with sampling fractions."""
    if not isinstance(design, UnitDesign):
        fraction = sampling_fractions(totals.stratum, design=design)
        return Gathered(totals, fraction, fraction)
    assert isinstance(totals, ClusterTotals)
    assert totals.cluster is not None
    first = first_fractions(design)
    unit, fraction, second = design.cluster[totals.cluster], first, None
    if design.second is not None:
        fraction = first * np.where(design.second.fraction > 0, design.second.fraction, 1.0)
        stage = design.second
        within = stage.unit[totals.cluster]
        summed, place = _sum_units(totals, within, len(stage.cluster))
        share = fraction[stage.cluster[place]]
        second = Gathered(summed, share, share)
    summed, place = _sum_units(totals, unit, len(design.stratum))
    poisson = design.unequal is not None and design.unequal.method == "poisson"
    modelled = design.unequal is not None or design.calibration is not None
    return Gathered(summed, first[place], fraction[place], second, poisson, modelled)


def _sum_units(totals: ClusterTotals, unit: Ints, size: int) -> tuple[ClusterTotals, Ints]:
    """Sums by unit, over units with a row in the domain, and which these are."""
    place = np.flatnonzero(count_by(unit, np.ones(len(unit)), size))
    stratum = np.zeros(size, dtype=np.int64)
    stratum[unit] = totals.stratum
    positives = None if totals.positives is None else count_by(unit, totals.positives, size)[place]
    summed = ClusterTotals(
        stratum=stratum[place],
        n=count_by(unit, totals.n, size)[place],
        sum_w=sum_by(unit, totals.sum_w, size)[place],
        sum_wy=sum_by(unit, totals.sum_wy, size)[place],
        positives=positives,
        cluster=place,
    )
    return summed, place
