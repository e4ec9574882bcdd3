"""Variance of a total of first-stage units drawn with unequal probabilities, without replacement."""

from __future__ import annotations

import numpy as np

from tools.estimation.lonely import add_parts
from tools.estimation.sum_by import count_by, sum_by
from tools.estimation.tables import Design, Floats, Ints
from tools.estimation.unit_design import Unequal, UnequalMethod
from tools.estimation.variance import Spread


def unequal_variance(z: Floats, *, stratum: Ints, unequal: Unequal, first: Design, touched: Ints) -> Spread:
    """Variance of Σz over (M,) first-stage units, z = (linearised) y/π, 0 outside the domain.

    Args:
        stratum: (M,) place of each unit's stratum in `first`. touched: units with any influence.

    The caller knows the degrees of freedom. Formulas, with c_ij = 1 - π_i π_j / π_ij and c_ii = 1 - π_i, within strata:
      brewer       n/(n-1) Σ (1 - π_i)(z_i - z̄)²                       Brewer 2002, eq. 9.13
      ht           Σ_i Σ_j c_ij z_i z_j                                 Horvitz and Thompson 1952
      yates-grundy -½ Σ_i Σ_j c_ij (z_i - z_j)²                         Sen 1953; Yates and Grundy 1953
      overton      ht with π_i π_j / π_ij = (n - (π_i + π_j)/2)/(n-1)    Overton 1985
      hartley-rao  ht with (n - π_i - π_j + Σ_s π/n)/(n-1)               Hartley and Rao 1962, Σ_U π²/n estimated
      poisson      ht with π_ij = π_i π_j                               Hájek 1964
    """
    pi = unequal.probability
    notes: tuple[str, ...] = ()
    if unequal.method in ("ht", "yates-grundy"):
        assert unequal.joint is not None
        variance = _joint(z, pi, unequal.joint, grundy=unequal.method == "yates-grundy")
    elif unequal.method == "poisson":
        variance = float(((1 - pi) * z * z).sum())
    else:
        n = count_by(stratum, np.ones(len(z)), len(first.stratum)).astype(np.float64)
        parts = _within_strata(z, pi, stratum, np.maximum(n, 2.0), method=unequal.method)
        found = add_parts(
            parts,
            lonely=(n == 1) & (sum_by(stratum, 1 - pi, len(n)) > 0),
            adjusted=sum_by(stratum, (1 - pi) * (z - z.mean()) ** 2, len(n)),
            touched=np.isin(np.arange(len(n)), stratum[touched]),
            rule=first.lonely,
        )
        if found.undefined is not None:
            return Spread(found.variance, 0.0, undefined=found.undefined)
        variance, notes = found.variance, found.notes
    if variance < -1e-12 * float((z * z).sum()):
        reason = f"the {unequal.method} variance comes out negative, which these probabilities do not support"
        return Spread(0.0, 0.0, undefined=reason, notes=notes)
    return Spread(max(variance, 0.0), 0.0, notes=notes)


def _joint(z: Floats, pi: Floats, joint: Floats, *, grundy: bool) -> float:
    """Row by row, so that no second matrix of that size is held."""
    found = 0.0
    for i in range(len(z)):
        c = 1 - pi[i] * pi / joint[i]
        c[i] = 1 - pi[i]
        found += float(-0.5 * (c * (z[i] - z) ** 2).sum() if grundy else z[i] * (c * z).sum())
    return found


def _within_strata(z: Floats, pi: Floats, stratum: Ints, n: Floats, *, method: UnequalMethod) -> Floats:
    """(H,) variances of strata with n units, those with one being anything."""
    if method == "brewer":
        return _brewer(z, pi, stratum, n)
    if method == "overton":
        return _approximate(z, pi, stratum, n, own=0.5, shared=np.zeros(len(n)))
    return _approximate(z, pi, stratum, n, own=1.0, shared=sum_by(stratum, pi, len(n)) / n)


def _brewer(z: Floats, pi: Floats, stratum: Ints, n: Floats) -> Floats:
    mean = sum_by(stratum, z, len(n)) / n
    return n / (n - 1) * sum_by(stratum, (1 - pi) * (z - mean[stratum]) ** 2, len(n))


def _approximate(z: Floats, pi: Floats, stratum: Ints, n: Floats, *, own: float, shared: Floats) -> Floats:
    """Σ (1-π_i) z_i² + Σ_{i≠j} c_ij z_i z_j with c_ij = (own·(π_i + π_j) - 1 - shared)/(n-1): products of sums."""

    def add(values: Floats) -> Floats:
        return sum_by(stratum, values, len(n))

    total, squares = add(z), add(z * z)
    weighted, weighted_squares = add(pi * z), add(pi * z * z)
    pairs = total**2 - squares
    crossed = 2 * (total * weighted - weighted_squares)
    return squares - weighted_squares + (own * crossed - (1 + shared) * pairs) / (n - 1)
