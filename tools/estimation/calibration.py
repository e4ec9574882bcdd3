"""Weights fitted to known totals, and what that leaves of an influence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats, Ints

CalibrationMethod = Literal["post-stratification", "raking", "linear"]

TOLERANCE = 1e-8  # of a total that calibrated weights must meet, relative
_STEPS = 60


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """Known totals of the population and each row's part in them.

    Attributes:
        method: `post-stratification` (one cell a row), `raking` (weights d·exp(x'λ)) or `linear` (d·(1 + x'λ), GREG).
        base: (n,) weights before.
        totals: (p,) known totals of the cells or auxiliaries.
        cell: (n,) post-stratum of each row. auxiliary: (n, p) auxiliaries, for the other two.
        names: (p,) what each total is of, for messages.
    """

    method: CalibrationMethod
    base: Floats
    totals: Floats
    names: tuple[str, ...]
    cell: Ints | None = None
    auxiliary: Floats | None = None


def calibrate_weights(calibration: Calibration, *, base: Floats | None = None) -> Floats:
    """(n,) weights that meet the totals; `base` in place of the calibration's own (for replicates).

    Deville and Särndal 1992: linear and multiplicative distance. Raking over complete margins is iterative
    proportional fitting carried to its limit.

    Raises:
        InvalidInput: a cell without weight; totals that no weights meet.
    """
    d = calibration.base if base is None else base
    if calibration.cell is not None:
        return _post_stratify(calibration, calibration.cell, d)
    assert calibration.auxiliary is not None
    fit = _linear if calibration.method == "linear" else _rake
    return d * fit(calibration, calibration.auxiliary, d)


def calibration_residuals(calibration: Calibration, z: Floats, weight: Floats) -> Floats:
    """(n,) influence left after calibration: w(u - x'B), u = z/w and B the fit of u on x with weights d.

    Särndal, Swensson and Wretman 1992, eq. 6.6.9 (g-weighted residuals); R survey does the same.
    """
    u = np.divide(z, weight, out=np.zeros_like(z), where=weight != 0)
    d = calibration.base
    if calibration.cell is not None:
        size = len(calibration.totals)
        mean = sum_by(calibration.cell, d * u, size) / sum_by(calibration.cell, d, size)
        return np.asarray(weight * (u - mean[calibration.cell]), dtype=np.float64)
    assert calibration.auxiliary is not None
    x = calibration.auxiliary
    slope = _solve(x.T @ (d[:, None] * x), x.T @ (d * u))
    return np.asarray(weight * (u - x @ slope), dtype=np.float64)


def _post_stratify(calibration: Calibration, cell: Ints, d: Floats) -> Floats:
    size = len(calibration.totals)
    held = sum_by(cell, d, size)
    if np.any(held <= 0):
        name = calibration.names[int(np.argmax(held <= 0))]
        raise InvalidInput(f"The post-stratum {name} holds no row.", code="empty_cell", value=name)
    return np.asarray(d * (calibration.totals / held)[cell], dtype=np.float64)


def _linear(calibration: Calibration, x: Floats, d: Floats) -> Floats:
    gap = calibration.totals - x.T @ d
    slope = _solve(x.T @ (d[:, None] * x), gap)
    g = 1.0 + x @ slope
    _check_met(calibration, x.T @ (d * g))
    return np.asarray(g, dtype=np.float64)


def _rake(calibration: Calibration, x: Floats, d: Floats) -> Floats:
    """Newton's method for Σ d exp(x'λ) x = totals, each step halved until the gap shrinks."""
    slope = np.zeros(x.shape[1])
    g, gap = np.ones(len(d)), calibration.totals - x.T @ d
    for _ in range(_STEPS):
        if np.all(np.abs(gap) <= 1e-12 * np.maximum(np.abs(calibration.totals), 1e-300)):
            break
        step = _solve(x.T @ ((d * g)[:, None] * x), gap)
        for _ in range(_STEPS):
            with np.errstate(over="ignore", invalid="ignore"):
                trial = np.exp(x @ (slope + step))
                left = calibration.totals - x.T @ (d * trial)
            if np.isfinite(left).all() and np.abs(left).max() < np.abs(gap).max():
                break
            step = step / 2
        else:
            break
        slope, g, gap = slope + step, trial, left
    _check_met(calibration, calibration.totals - gap)
    return np.asarray(g, dtype=np.float64)


def _check_met(calibration: Calibration, met: Floats) -> None:
    gap = np.abs(met - calibration.totals)
    wrong = gap > TOLERANCE * np.maximum(np.abs(calibration.totals), np.abs(calibration.totals).max() * 1e-6)
    if np.any(wrong):
        name = calibration.names[int(np.argmax(wrong))]
        raise InvalidInput(
            f"No weights meet the totals: {calibration.method} does not reach the total of {name}.",
            code="not_calibrated",
            value=name,
            hint="Do the totals of all columns describe the same population? Is a category missing from the sample?",
        )


def _solve(gram: Floats, right: Floats) -> Floats:
    """The shortest solution: margins that overlap (all categories of two columns) leave one direction open."""
    size = np.sqrt(np.diag(gram))
    size = np.where(size > 0, size, 1.0)
    solved = np.linalg.lstsq(gram / np.outer(size, size), right / size, rcond=1e-12)[0]
    return np.asarray(solved / size, dtype=np.float64)
