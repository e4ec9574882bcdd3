"""Variance from replicates of the sample: jackknife and bootstrap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.calibration import calibrate_weights
from tools.estimation.influence import Term
from tools.estimation.replicates import bootstrap_factors, count_replicates, jackknife_factors
from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats
from tools.estimation.unit_design import UnitDesign
from tools.estimation.variance import Spread

NO_FPC = "Replicates apply no population correction; the design's is left out."


def replicate_variance(terms: Sequence[Term], *, design: UnitDesign, df: float) -> Spread:
    """Variance of Σ sign·θ over replicates, θ a total or a ratio of totals.

    jackknife  Σ_c (m_h - 1)/m_h (θ_(c) - θ)², cluster c of stratum h left out and the others of h times m/(m-1):
               JK1 with one stratum, JKn with several, centred on the full-sample estimate (Wolter 2007, eq. 4.5.3)
    bootstrap  Σ_r (θ_r - θ̄)²/(R - 1) over R replicates of Rao and Wu 1988
    Calibrated weights are fitted anew in each replicate.
    """
    assert design.replicates is not None
    drawn = design.first.clusters
    if design.first.lonely != "certainty" and bool(np.any(drawn == 1)):
        count = int(np.count_nonzero(drawn == 1))
        reason = f"{count} of {len(drawn)} strata hold one cluster, which replicates cannot leave out"
        return Spread(0.0, df, undefined=reason)
    values = _calibrated(terms, design) if design.calibration is not None else _replicated(terms, design)
    notes: tuple[str, ...] = (NO_FPC,) if design.first.population is not None or design.second is not None else ()
    if design.replicates.kind == "jackknife":
        if not np.isfinite(values).all():
            return Spread(0.0, df, undefined="leaving out one cluster leaves nothing to estimate from")
        m = drawn[design.stratum].astype(np.float64)
        full = sum(term.sign * _statistic(term, *_sums(term, design)) for term in terms)
        return Spread(float(((m - 1) / m * (values - full) ** 2)[m > 1].sum()), df, notes=notes)
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return Spread(0.0, df, undefined="no bootstrap replicate holds a row of the domain")
    if len(known) < len(values):
        notes += (f"{len(values) - len(known):,} of {len(values):,} replicates had nothing to estimate from.",)
    return Spread(float(known.var(ddof=1)), df, notes=notes)


def _replicated(terms: Sequence[Term], design: UnitDesign) -> Floats:
    """(R,) values from sums per cluster alone."""
    assert design.replicates is not None
    parts = [_per_cluster(term, design) for term in terms]
    if design.replicates.kind == "jackknife":
        sums = [tuple(_leave_one_out(t, design) for t in part) for part in parts]
        return _combine(terms, sums)
    found = []
    table = np.stack([t for part in parts for t in part], axis=1)
    for block in _blocks(design):
        columns = iter((block @ table).T)
        found.append(_combine(terms, [tuple(next(columns) for _ in part) for part in parts]))
    return np.concatenate(found)


def _calibrated(terms: Sequence[Term], design: UnitDesign) -> Floats:
    """(R,) values with weights fitted anew; one replicate at a time."""
    assert design.replicates is not None
    assert design.calibration is not None
    rows = [_per_row(term) for term in terms]
    total = count_replicates(design.replicates, design.first.clusters)
    found = np.full(len(design.stratum) if design.replicates.kind == "jackknife" else total, np.nan)
    for done, (place, factors) in enumerate(_one_by_one(design)):
        design.replicates.progress("replicates", done / total)
        try:
            weight = calibrate_weights(design.calibration, base=design.calibration.base * factors[design.cluster])
        except InvalidInput:
            continue  # a replicate without a row of some category: counted, or a reason to give up
        sums = [tuple(np.array([float((weight[at] * values).sum())]) for values in row) for at, row in rows]
        found[place] = _combine(terms, sums)[0]
    return found if design.replicates.kind == "bootstrap" else _certain(found, design)


def _certain(values: Floats, design: UnitDesign) -> Floats:
    """Strata with one cluster have no replicate; what stands there is not used."""
    return np.where(design.first.clusters[design.stratum] > 1, values, 0.0)


def _one_by_one(design: UnitDesign) -> Iterator[tuple[int, Floats]]:
    assert design.replicates is not None
    if design.replicates.kind == "jackknife":
        yield from jackknife_factors(design.stratum, design.first.clusters)
        return
    done = 0
    for block in _blocks(design):
        for factors in block:
            yield done, factors
            done += 1


def _blocks(design: UnitDesign) -> Iterator[Floats]:
    assert design.replicates is not None
    replicates, done = design.replicates, 0
    for block in bootstrap_factors(design.stratum, replications=replicates.replications, seed=replicates.seed):
        replicates.progress("bootstrap", done / replicates.replications)
        yield block
        done += len(block)


def _leave_one_out(t: Floats, design: UnitDesign) -> Floats:
    """(M,) sums without each cluster, the others of its stratum scaled up: T + (T_h - m t_c)/(m - 1)."""
    size = len(design.first.stratum)
    m = design.first.clusters[design.stratum].astype(np.float64)
    within = sum_by(design.stratum, t, size)[design.stratum]
    return np.asarray(t.sum() + (within - m * t) / np.maximum(m - 1, 1), dtype=np.float64)


def _per_cluster(term: Term, design: UnitDesign) -> tuple[Floats, ...]:
    size, at = len(design.stratum), design.cluster[term.keys]
    return tuple(sum_by(at, values, size) for values in term.sums)


def _per_row(term: Term) -> tuple[np.ndarray, tuple[Floats, ...]]:
    """Rows of the domain and their outcome (and denominator), without the weight."""
    w = term.totals.sum_w
    return term.keys, tuple(np.divide(v, w, out=np.zeros_like(v), where=w != 0) for v in term.sums)


def _sums(term: Term, design: UnitDesign) -> tuple[Floats, ...]:
    return tuple(np.array([v.sum()]) for v in term.sums)


def _combine(terms: Sequence[Term], sums: Sequence[tuple[Floats, ...]]) -> Floats:
    found = [term.sign * _statistic(term, *each) for term, each in zip(terms, sums, strict=True)]
    return np.asarray(np.sum(found, axis=0), dtype=np.float64)


def _statistic(term: Term, numerator: Floats, denominator: Floats | None = None) -> Floats:
    if denominator is None:
        return numerator
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator != 0)
