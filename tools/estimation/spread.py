"""The variance of a statistic, whatever its design: linearised, or from replicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tools.estimation.calibration import calibration_residuals
from tools.estimation.influence import PerCluster, Term, linearise, linearise_terms
from tools.estimation.replicate_variance import replicate_variance
from tools.estimation.second_stage import second_stage_variance
from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats, Ints
from tools.estimation.unequal_variance import unequal_variance
from tools.estimation.unit_design import AnyDesign, UnitDesign
from tools.estimation.variance import Spread, sampling_fractions, stratified_variance


def find_spread(terms: Sequence[Term], *, design: AnyDesign | None) -> Spread:
    """Variance and degrees of freedom of one statistic, or of the first minus the second."""
    if not isinstance(design, UnitDesign):
        return stratified_variance(linearise_terms(terms).influence, design=design)
    here = np.zeros(len(design.stratum), dtype=bool)
    for term in terms:
        here[design.cluster[term.keys]] = True
    present = np.flatnonzero(here)
    df = float(len(present) - np.count_nonzero(np.bincount(design.stratum[present])))
    if design.replicates is not None:
        return replicate_variance(terms, design=design, df=df)
    z, touched = _influence_of_rows(terms, design), present
    if design.calibration is not None:  # residuals reach beyond the domain
        z = calibration_residuals(design.calibration, z, design.weight)
        touched = np.arange(len(design.stratum))
    if design.unequal is not None:
        found = unequal_variance(
            sum_by(design.cluster, z, len(design.stratum)),
            stratum=design.stratum,
            unequal=design.unequal,
            first=design.first,
            touched=touched,
        )
        census = bool(np.all(design.unequal.probability[present] >= 1.0))
    else:
        found, census = _stages(z, design, touched), is_census(design, present)
    return replace(found, df=df, census=census)


def is_census(design: UnitDesign, present: Ints) -> bool:
    """Whether everything was counted in the strata of these first-stage units."""
    if np.any(first_fractions(design)[present] < 1.0):
        return False
    return design.second is None or bool(np.all(design.second.fraction[present] >= 1.0))


def first_fractions(design: UnitDesign) -> Floats:
    """(M,) sampling fraction of each first-stage unit's stratum, or its own probability."""
    if design.unequal is not None:
        return design.unequal.probability
    return sampling_fractions(design.first.stratum[design.stratum], design=design.first)


def _stages(z: Floats, design: UnitDesign, touched: Ints) -> Spread:
    """The first stage, and what the second adds."""
    per_cluster = sum_by(design.cluster, z, len(design.stratum))
    codes = design.first.stratum[design.stratum[touched]]
    found = stratified_variance(PerCluster(codes, per_cluster[touched]), design=design.first)
    if design.second is None:
        return found
    added = second_stage_variance(
        sum_by(design.second.unit, z, len(design.second.cluster)),
        second=design.second,
        first_fraction=first_fractions(design),
        touched=touched,
        rule=design.first.lonely,
    )
    return replace(
        found,
        variance=found.variance + added.variance,
        undefined=found.undefined or added.undefined,
        notes=found.notes + added.notes,
    )


def _influence_of_rows(terms: Sequence[Term], design: UnitDesign) -> Floats:
    """(n,) influence of every row of the sample, 0 outside the domain."""
    z = np.zeros(design.rows)
    for term in terms:
        influence = linearise(term.totals, of=term.of).influence
        assert isinstance(influence, PerCluster)
        z[term.keys] += term.sign * influence.z
    return z
