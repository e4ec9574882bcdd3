"""Design variance of influence values. One function per design; all return a `Spread`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.influence import Influence, PerCluster
from tools.estimation.lonely import add_parts
from tools.estimation.sum_by import count_by, sum_by
from tools.estimation.tables import Design, Floats, Ints


@dataclass(frozen=True)
class Spread:
    """Variance and its degrees of freedom, or the reason why there is none.

    `census` means that every stratum with a row was counted in full: zero variance is then true.
    """

    variance: float
    df: float
    census: bool = False
    undefined: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Strata:
    """The design's strata in sorted order: clusters drawn, sampling fraction, and how z spreads."""

    drawn: Ints
    fraction: Floats
    present: Ints  # clusters with a row in the domain
    sum_z: Floats
    squares: Floats  # Σ(z - z̄)² over all clusters drawn


def stratified_variance(influence: Influence, *, design: Design | None = None) -> Spread:
    """Strata, first-stage clusters (or rows) drawn without replacement with equal probability, or with replacement.

    v = Σ_h (1 - f_h) m_h / (m_h - 1) Σ_c (z_hc - z̄_h)², clusters without a row in the domain counting as z = 0.
    Source: Särndal, Swensson and Wretman 1992, eq. 3.7.11 and 4.6.1; domains: section 5.8.
    """
    strata = _gather(influence, design)
    df = float(strata.present.sum() - np.count_nonzero(strata.present))
    census = bool(np.all(strata.fraction[strata.present > 0] >= 1.0))
    rest = 1.0 - strata.fraction
    m = np.maximum(strata.drawn, 2)
    found = add_parts(
        rest * m / (m - 1) * strata.squares,
        lonely=(strata.drawn == 1) & (strata.fraction < 1.0),
        adjusted=rest * (strata.sum_z - strata.sum_z.sum() / max(strata.drawn.sum(), 1)) ** 2,
        touched=strata.present > 0,
        rule="fail" if design is None else design.lonely,
    )
    return Spread(found.variance, df, census, undefined=found.undefined, notes=found.notes)


def sampling_fractions(stratum: Ints, *, design: Design | None) -> Floats:
    """First-stage sampling fraction of each given stratum code; 0 without a population count."""
    if design is None:
        return np.zeros(len(stratum))
    order = np.argsort(design.stratum)
    at = order[_locate(stratum, design.stratum[order])]
    return _fractions(design)[at]


def _gather(influence: Influence, design: Design | None) -> _Strata:
    codes = np.unique(influence.stratum) if design is None else np.sort(design.stratum)
    at, size = _locate(influence.stratum, codes), len(codes)
    counts = np.ones(len(at)) if isinstance(influence, PerCluster) else influence.rows
    present = count_by(at, counts, size)
    sum_z = sum_by(at, influence.z if isinstance(influence, PerCluster) else influence.sum_z, size)
    drawn, fraction = present, np.zeros(size)
    if design is not None:
        order = np.argsort(design.stratum)
        drawn, fraction = design.clusters[order], _fractions(design)[order]
    if np.any(drawn < present):
        where = str(codes[int(np.argmax(drawn < present))])
        raise InvalidInput("a stratum holds more clusters with rows than were drawn", value=where)
    mean = sum_z / np.maximum(drawn, 1)
    if isinstance(influence, PerCluster):  # two passes: a difference of squares would lose digits
        squares = sum_by(at, (influence.z - mean[at]) ** 2, size) + (drawn - present) * mean**2
    elif influence.within is not None and influence.counted is not None:
        counted = count_by(at, influence.counted, size)
        apart = counted * (drawn - counted) / np.maximum(drawn, 1)
        squares = sum_by(at, influence.within, size) + apart * (sum_z / np.maximum(counted, 1)) ** 2
    else:
        squares = np.maximum(sum_by(at, influence.sum_zz, size) - sum_z * mean, 0.0)
    return _Strata(drawn, fraction, present, sum_z, squares)


def _fractions(design: Design) -> Floats:
    if design.population is None:
        return np.zeros(len(design.stratum))
    population = np.asarray(design.population, dtype=np.float64)
    if np.any(population <= 0) or np.any((population > 1) & (population < design.clusters)):
        raise InvalidInput("a population count must be at least the clusters drawn, a fraction in (0, 1]")
    counts = np.where(np.isfinite(population), population, np.inf)
    return np.asarray(np.where(counts > 1, design.clusters / counts, counts), dtype=np.float64)


def _locate(stratum: Ints, codes: Ints) -> Ints:
    at = np.searchsorted(codes, stratum)
    if len(stratum) and (np.any(at >= len(codes)) or np.any(codes[np.minimum(at, len(codes) - 1)] != stratum)):
        raise InvalidInput("the table names a stratum that the design does not hold")
    return np.asarray(at, dtype=np.int64)
