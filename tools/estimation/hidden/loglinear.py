"""Sizes from log-linear models: the constant term is the logarithm of what no list holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.estimation.hidden.poisson_fits import fit_poisson
from tools.estimation.hidden.profile_limits import profile_limits
from tools.estimation.hidden.size_estimate import SizeEstimate, undefined_size
from tools.estimation.tables import Floats, Ints

_MOST_UNSEEN = 1e5  # times the units seen: a constant beyond it has gone to infinity
_CHUNK = 4_096


@dataclass(frozen=True, eq=False)
class LoglinearFit:
    """One model.

    Attributes:
        estimate: the size, with profile limits. deviance, df, aic, bic: as R's glm gives them for a Poisson model.
        multinomial: the size at the top of the profile, None without one. unseen: exp of the constant.
        influence: (C,) derivative of the constant with respect to each count.
    """

    estimate: SizeEstimate
    deviance: float
    df: int
    aic: float
    bic: float
    multinomial: float | None
    unseen: float
    influence: Floats


def fit_loglinear(
    names: Sequence[str],
    design: Floats,
    counts: Floats,
    *,
    seen: float | None = None,
    offset: Floats | float = 0.0,
    mask: Floats | None = None,
    parameters: Ints | None = None,
    level: float = 0.95,
    limits: bool = True,
) -> tuple[LoglinearFit, ...]:
    """Each model's size, n + exp(constant), with se² = exp(c) + exp(2c)·var(c) and profile limits.

    Fienberg 1972; Cormack 1989; standard error as Rivest and Baillargeon 2007.

    Args:
        names: (M,) the `method` of each. design: (M, C, P), a 1 first; a column of zeros is a parameter left out.
        counts: (C,) of the histories. seen: units in all; None: the sum of the counts.
        offset, mask: as in `fit_poisson`. parameters: (M,) for AIC; None: the columns.
        limits: False takes none, for searches.
    """
    found: list[LoglinearFit] = []
    number = np.full(len(names), design.shape[2]) if parameters is None else parameters
    for begin in range(0, len(names), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        kept = None if mask is None else mask[part]
        found += _fit_chunk(names[part], design[part], counts, seen, offset, kept, number[part], level, limits)
    return tuple(found)


def _fit_chunk(
    names: Sequence[str],
    design: Floats,
    counts: Floats,
    seen: float | None,
    offset: Floats | float,
    mask: Floats | None,
    parameters: Ints,
    level: float,
    limits: bool,
) -> list[LoglinearFit]:
    fits = fit_poisson(design, counts, offset=offset, mask=mask)
    constant, variance = fits.beta[:, 0], fits.variance[:, 0, 0]
    total = float(counts.sum())
    units = total if seen is None else seen
    unseen = np.exp(np.minimum(constant, 600.0))
    sound = fits.converged & (unseen < _MOST_UNSEEN * max(total, 1.0)) & (variance > 0) & (variance < 1e4)
    se = np.sqrt(unseen + unseen**2 * np.where(sound, variance, 0.0))
    bounds = profile_limits(design, counts, fits, offset=offset, mask=mask, level=level) if limits else None
    likelihood = _log_likelihood(counts, fits.mean, mask)
    influence = np.einsum("mp,mcp->mc", fits.variance[:, 0], design)
    found = []
    for i, name in enumerate(names):
        aic = float(-2 * likelihood[i] + 2 * parameters[i])
        value = units + float(unseen[i])
        low = high = None
        if bounds is not None:
            low, high = (float(side[i]) + units - total for side in (bounds.low, bounds.high))
            low = min(low, value)
        if not sound[i]:
            estimate = undefined_size(name, level=level, seen=units, reason=_NOT_ESTIMABLE, aic=aic)
        elif high is not None and not np.isfinite(high):
            estimate = undefined_size(name, level=level, seen=units, reason=_NO_LIMIT, aic=aic)
        else:
            estimate = SizeEstimate(name, value, float(se[i]), low, high, level, units, aic)
        found.append(
            LoglinearFit(
                estimate,
                deviance=float(fits.deviance[i]),
                df=len(counts) - int(parameters[i]),
                aic=aic,
                bic=aic + int(parameters[i]) * (float(np.log(total)) - 2),
                multinomial=None if bounds is None else float(bounds.value[i]) + units - total,
                unseen=float(unseen[i]),
                influence=influence[i],
            )
        )
    return found


_NOT_ESTIMABLE = "under this model these histories do not tell how many are on no list"
_NO_LIMIT = "the likelihood sets no upper limit under this model"


def _log_likelihood(counts: Floats, mean: Floats, mask: Floats | None) -> Floats:
    from scipy.special import gammaln  # type: ignore[import-untyped]  # start-up

    kept = np.ones_like(mean) if mask is None else mask
    logs = np.where(counts > 0, counts * np.log(np.maximum(mean, 1e-300)), 0.0) - mean - gammaln(counts + 1)
    return np.asarray((logs * kept).sum(axis=1), dtype=np.float64)
