"""Many small log-linear models at once, by Newton's method on stacked matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.estimation.tables import Floats

MOST_STEPS = 60
_DONE = 1e-9  # Newton's error is then of the order of its square
_RIDGE = 1e-13


@dataclass(frozen=True, eq=False)
class PoissonFits:
    """M fits.

    Attributes:
        beta: (M, P) coefficients, the constant first. variance: (M, P, P) their covariance.
        mean: (M, C) fitted counts. deviance: (M,). converged: (M,).
    """

    beta: Floats
    variance: Floats
    mean: Floats
    deviance: Floats
    converged: np.ndarray


def fit_poisson(
    design: Floats,
    counts: Floats,
    *,
    offset: Floats | float = 0.0,
    mask: Floats | None = None,
    start: Floats | None = None,
) -> PoissonFits:
    """Maximum likelihood of log μ = design·β + offset.

    Args:
        design: (M, C, P); a column of zeros is a parameter that is left out. counts: (M, C) or (C,), not negative.
        offset: broadcast to (M, C). mask: (M, C) 0 where a cell is left out.
        start: (M, P) coefficients near the maximum, from which Newton's method cannot run away; None: the data.
    """
    y = np.broadcast_to(counts, design.shape[:2])
    kept = np.ones(design.shape[:2]) if mask is None else mask
    absent = np.eye(design.shape[2]) * ((design * kept[..., None] == 0).all(axis=1))[:, None, :]
    eta = np.log(y + 0.1) if start is None else np.matmul(design, start[..., None])[..., 0] + offset
    beta: Floats = np.zeros((design.shape[0], design.shape[2]))
    deviance = np.full(design.shape[0], np.inf)
    turned = np.swapaxes(design, 1, 2)
    for _ in range(MOST_STEPS):
        mean = np.exp(eta) * kept
        work = mean * (eta - offset) + (y - mean) * kept
        solved = np.linalg.solve(_information(turned, mean, design, absent), np.matmul(turned, work[..., None]))
        beta = np.asarray(solved[..., 0], dtype=np.float64)
        eta = np.maximum(np.minimum(np.matmul(design, beta[..., None])[..., 0] + offset, 60.0), -60.0)
        before, deviance = deviance, _deviance(y, np.exp(eta), kept)
        if np.all(np.abs(before - deviance) <= _DONE * (np.abs(deviance) + 1.0)):
            break
    mean = np.exp(eta) * kept
    converged = np.abs(before - deviance) <= 1e-7 * (np.abs(deviance) + 1.0)
    variance = np.asarray(np.linalg.inv(_information(turned, mean, design, absent)), dtype=np.float64)
    return PoissonFits(beta, variance, mean, deviance, converged)


def _information(turned: Floats, mean: Floats, design: Floats, absent: Floats) -> Floats:
    """X'WX; a parameter that is left out gets a 1 on its diagonal, all a ridge far below the last digit."""
    found = np.matmul(turned * mean[:, None, :], design) + absent
    scale = np.trace(found, axis1=1, axis2=2)[:, None, None]
    return np.asarray(found + _RIDGE * scale * np.eye(found.shape[1]), dtype=np.float64)


def _deviance(y: Floats, mean: Floats, kept: Floats) -> Floats:
    """2 Σ y log(y/μ) - (y - μ), a count of 0 adding its mean."""
    logs = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mean), 0.0)
    return np.asarray(2 * ((logs - y + mean) * kept).sum(axis=1), dtype=np.float64)
