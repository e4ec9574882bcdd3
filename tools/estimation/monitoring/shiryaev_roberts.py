"""The Shiryaev-Roberts e-detector: evidence that the level has shifted, at some unknown earlier time."""

from __future__ import annotations

import numpy as np

from tools.estimation.tables import Floats

EFFECTS = (0.25, 0.5, 1.0, 2.0)
CAP = 3.0


def shiryaev_roberts(surprises: Floats, *, effects: tuple[float, ...] = EFFECTS, cap: float = CAP) -> Floats:
    """(T, S) M_t = mean over shifts λ of M_t(λ), M_t(λ) = (M_{t-1}(λ) + 1)·exp(λ z_t)/E[exp(λ z)].

    z is the surprise cut at ±cap, so that one wild day is no shift; λ runs over the effects up and down. Before a shift
    each factor has mean 1 given the past, so that M_t - t is a martingale: E[M_T] = T, and P(M reaches c within T days)
    ≤ T/c by Doob. Shin, Ramdas and Rinaldo 2024, section 3. A missing day leaves M as it is.
    """
    from scipy.special import ndtr  # type: ignore[import-untyped]  # start-up

    shifts = np.array([sign * effect for effect in effects for sign in (1.0, -1.0)])
    edge = ndtr(-cap) * (np.exp(shifts * cap) + np.exp(-shifts * cap))
    middle = np.exp(shifts**2 / 2) * (ndtr(cap - shifts) - ndtr(-cap - shifts))
    norm = np.log(edge + middle)
    days, series = surprises.shape
    state = np.zeros((len(shifts), series))
    found = np.zeros((days, series))
    for day in range(days):
        z = surprises[day]
        seen = np.isfinite(z)
        if seen.any():
            cut = np.clip(np.where(seen, z, 0.0), -cap, cap)
            factor = np.exp(shifts[:, None] * cut - norm[:, None])
            state = np.minimum(np.where(seen, (state + 1) * factor, state), 1e280)
        found[day] = state.mean(axis=0)
    return found
