"""Limits of a size from the multinomial profile likelihood of a log-linear model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tools.estimation.hidden.poisson_fits import PoissonFits, fit_poisson
from tools.estimation.intervals import t_quantile
from tools.estimation.tables import Floats

_STEPS = 40
_CLOSE = 1e-7
_QUICK = 12
_DOUBTFUL = 10  # steps after which it is asked whether there is a limit at all
_NEAR = 1.0
_EMPTY = 1e-9  # unseen units that stand for none
MOST_TIMES = 1e6  # of the units seen: beyond it there is no upper limit


@dataclass(frozen=True, eq=False)
class ProfileLimits:
    """(M,) the size at the maximum of the profile, and limits; `high` is infinite where the profile stays high."""

    value: Floats
    low: Floats
    high: Floats


def profile_limits(
    design: Floats,
    counts: Floats,
    fits: PoissonFits,
    *,
    offset: Floats | float = 0.0,
    mask: Floats | None = None,
    level: float = 0.95,
) -> ProfileLimits:
    """All N with 2(max L - L(N)) ≤ χ², L(N) the multinomial log-likelihood with N - n units in the empty history.

    It is the Poisson one of all cells at its best β, less what the total adds (Cormack 1992), with gamma functions in
    place of factorials, so that N need not be whole. Arguments as in `fit_poisson`.
    """
    profile = _Profile(design, counts, offset, mask)
    models = design.shape[0]
    begin = np.clip(fits.beta[:, 0], np.log(1e-3), np.log(MOST_TIMES * np.maximum(profile.seen, 1.0)))
    top = _maximum(profile, begin, np.minimum(fits.variance[:, 0, 0], 1e3))
    height, _ = profile.at(top)
    z = t_quantile((1 + level) / 2, np.inf)
    width = np.sqrt(fits.variance[:, 0, 0] + np.exp(-np.maximum(top, 0.0)))
    empty, _ = profile.at(np.full(models, np.log(_EMPTY)))
    bounded = height - empty > z * z / 2
    low = _cross(profile, top, height, width, z, side=-1, ends=bounded)
    high = _cross(profile, top, height, width, z, side=1)
    seen = profile.seen
    return ProfileLimits(seen + np.exp(top), np.where(bounded, seen + np.exp(low), seen), seen + np.exp(high))


class _Profile:
    """The profile log-likelihood at log(N - n), one value a model, and its derivative there."""

    def __init__(self, design: Floats, counts: Floats, offset: Floats | float, mask: Floats | None) -> None:
        models, cells, parameters = design.shape
        empty = np.zeros((models, 1, parameters))
        empty[:, :, 0] = 1.0
        self._design = np.concatenate([design, empty], axis=1)
        self._counts = np.broadcast_to(counts, (models, cells))
        flat = np.broadcast_to(offset, (models, cells))
        self._offset = np.concatenate([flat, np.zeros((models, 1))], axis=1)
        kept = np.ones((models, cells)) if mask is None else mask
        self._mask = np.concatenate([kept, np.ones((models, 1))], axis=1)
        self._near: tuple[Floats, Floats] | None = None  # where the last fit was made, and its coefficients
        self.seen = np.asarray(self._counts.sum(axis=1), dtype=np.float64)

    def at(self, u: Floats) -> tuple[Floats, Floats]:
        from scipy.special import digamma, gammaln  # type: ignore[import-untyped]  # start-up

        unseen = np.exp(u)
        counts = np.concatenate([self._counts, unseen[:, None]], axis=1)
        found = self._fit(u, counts)
        whole = self.seen + unseen
        turn = unseen * u + gammaln(whole + 1) - whole * np.log(whole) - gammaln(unseen + 1)
        slope = found.beta[:, 0] + digamma(whole + 1) - np.log(whole) - digamma(unseen + 1)
        return np.asarray(-found.deviance / 2 + turn), np.asarray(slope * unseen)

    def _fit(self, u: Floats, counts: Floats) -> PoissonFits:
        """From the last fit when that was close by."""
        if self._near is not None and np.all(np.abs(u - self._near[0]) < _NEAR):
            found = fit_poisson(self._design, counts, offset=self._offset, mask=self._mask, start=self._near[1])
            if found.converged.all():
                self._near = (u, found.beta)
                return found
        found = fit_poisson(self._design, counts, offset=self._offset, mask=self._mask)
        self._near = (u, found.beta) if found.converged.all() else None
        return found


def _maximum(profile: _Profile, u: Floats, variance: Floats) -> Floats:
    """The root of the slope by N: quick steps, or where they lead nowhere a bracket, for the profile has one top."""
    begin = u
    for _ in range(_QUICK):
        slope = profile.at(u)[1] / np.exp(u)
        if np.all(np.abs(slope) < 1e-9):
            return u
        u = u + np.clip(slope * (1 + variance * np.exp(u)), -1.0, 1.0)
    u = begin
    low, high = np.full_like(u, np.log(_EMPTY)), u + 0.5
    for _ in range(_STEPS):
        rising = profile.at(high)[1] > 0
        if not rising.any():
            break
        high = np.where(rising, high + 1.0, high)
    # the slope by N: that by log(N - n) is nearly 0 at the lower end, which would be taken for the top
    return _bracketed(lambda v: profile.at(v)[1] / np.exp(v), low, high)


def _cross(
    profile: _Profile,
    top: Floats,
    height: Floats,
    width: Floats,
    z: float,
    *,
    side: int,
    ends: np.ndarray | None = None,
) -> Floats:
    """Where the signed root of twice the drop is z: close to a straight line in log(N - n), so Newton is quick."""
    far = np.log(MOST_TIMES * np.maximum(profile.seen, 1.0)) if side > 0 else np.full_like(top, np.log(_EMPTY))
    sought = np.ones(len(top), dtype=bool) if ends is None else ends
    near, away, u = top.copy(), far.copy(), top + side * z * width
    for turn in range(_STEPS):
        inside = (u - near) * side > 0
        u = np.where(inside & ((away - u) * side > 0), u, (near + away) / 2)
        value, slope = profile.at(u)
        root = np.sqrt(2 * np.maximum(height - value, 0.0))
        beyond = root > z
        near, away = np.where(beyond, near, u), np.where(beyond, u, away)
        if np.all((np.abs(root - z) < _CLOSE) | ~sought):
            break
        if ends is None and turn == _DOUBTFUL:
            sought = (profile.at(far)[0] - height) < -z * z / 2
        steep = np.where(root > 1e-8, -slope / np.maximum(root, 1e-8), np.inf)
        u = np.where(np.isfinite(steep) & (steep * side > 0), u - (root - z) / np.where(steep == 0, 1.0, steep), np.nan)
        u = np.where(np.isfinite(u), u, (near + away) / 2)
    return np.where(sought, u, np.inf if side > 0 else far)


def _bracketed(slope: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """A root of a falling function between two ends, by the Illinois rule; the lower end where it is below 0 there."""
    at_low, at_high = slope(low), slope(high)
    u, last = low, np.zeros_like(low)
    for _ in range(_STEPS):
        step = (low * at_high - high * at_low) / np.where(at_high == at_low, 1.0, at_high - at_low)
        u = np.where((step > low) & (step < high), step, (low + high) / 2)
        here = slope(u)
        rising = here > 0
        at_high = np.where(rising & (last > 0), at_high / 2, at_high)
        at_low = np.where(~rising & (last < 0), at_low / 2, at_low)
        low, at_low = np.where(rising, u, low), np.where(rising, here, at_low)
        high, at_high = np.where(rising, high, u), np.where(rising, at_high, here)
        last = np.where(rising, 1.0, -1.0)
        if np.all((np.abs(here) < 1e-12) | (high - low < 1e-9)):
            break
    return u
