"""The likelihood interval of a share, as R's survey package computes it."""

from __future__ import annotations

import math

import numpy as np

from tools.estimation.intervals import Limits, t_quantile
from tools.estimation.tables import Floats

_STEPS = 9
_FINER = 3


def likelihood(p: float, se: float, *, n: int, df: float, level: float) -> Limits:
    """All q whose scaled binomial deviance from p is at most F(1, df), 0 < p < 1. Rao and Scott 1984.

    R survey: svyciprop(method="likelihood"). Its signed root deviance z(b) = ±√(2n·KL(p, q)·(n-1)/n), b = logit q, is
    profiled at up to nine steps a side, joined by a cubic spline and read off linearly at ±t(df)·SE·√(n·w)/(p(1-p)),
    w the working weight of its last step. The same is done here, so that digits agree (1e-5; R starts from the rows'
    own weights, this from equal ones); where a limit lies far out the exact root differs, by 2 % at most in R's
    examples. n: rows in the domain with an outcome.
    """
    centre, scale = math.log(p / (1 - p)), se / (p * (1 - p))
    cutoff = -t_quantile((1 - level) / 2, df) * scale * math.sqrt(n * _working_weight(p, n))
    read = _read_profile(p, centre, scale, cutoff, n=n)
    if read is not None and read.low < p < read.high:
        return read
    return Limits(_root(p, -cutoff, n=n), _root(p, cutoff, n=n))


def _read_profile(p: float, centre: float, scale: float, cutoff: float, *, n: int) -> Limits | None:
    """Limits as R reads them; None where its profile does not reach them or folds back."""
    from scipy.special import ndtr  # type: ignore[import-untyped]  # start-up

    furthest = -t_quantile(float(ndtr(-cutoff)) / 4, n - 1) if n > 1 else math.inf
    if not math.isfinite(furthest):
        return None
    down, up = (_profile(p, centre, sign * scale, n=n, furthest=furthest) for sign in (-1.0, 1.0))
    b = np.array([*(point[0] for point in reversed(down)), centre, *(point[0] for point in up)])
    z = np.array([*(point[1] for point in reversed(down)), 0.0, *(point[1] for point in up)])
    if len(b) < 4 or z[0] > -cutoff or z[-1] < cutoff:
        return None
    fine = np.linspace(b[0], b[-1], _FINER * len(b))
    joined = _spline(b, z, fine)
    if np.any(np.diff(joined) <= 0):
        return None
    low, high = np.interp([-cutoff, cutoff], joined, fine)
    return Limits(_expit(float(low)), _expit(float(high)))


def _profile(p: float, centre: float, step: float, *, n: int, furthest: float) -> list[tuple[float, float]]:
    """Logits and their signed root deviances, a fifth of `furthest` standard errors apart, until beyond it."""
    found: list[tuple[float, float]] = []
    for k in range(1, _STEPS + 1):
        b = centre + k * furthest / 5 * step
        found.append((b, math.copysign(_root_deviance(p, b, n=n), step)))
        if abs(found[-1][1]) >= furthest:
            break
    return found


def _root_deviance(p: float, b: float, *, n: int) -> float:
    """√(2n·KL·(n-1)/n): R divides by the variance of the Pearson residuals, n/(n-1)."""
    # log q = -log(1 + e^-b), log(1 - q) = -log(1 + e^b): no q rounds to 0 or 1
    entropy = p * math.log(p) + (1 - p) * math.log(1 - p)
    return math.sqrt(max(2 * (n - 1) * (entropy + p * np.logaddexp(0, -b) + (1 - p) * np.logaddexp(0, b)), 0.0))


def _working_weight(p: float, n: int) -> float:
    """q(1 - q) at the last but one q of iterated least squares from R's start, stopped as R stops."""
    start = math.log(3)  # R starts each row at (y + 1/2)/2, that is at ¾ or ¼
    weight, b = 3 / 16, p * (start + 4 / 3) - (1 - p) * (start + 4 / 3)
    before = -2 * n * math.log(3 / 4)
    for _ in range(24):
        if abs(_deviance(p, b, n=n) - before) < 1e-8 * (_deviance(p, b, n=n) + 0.1):
            break
        before, q = _deviance(p, b, n=n), _expit(b)
        weight = q * (1 - q)
        b += (p - q) / weight
    return weight


def _deviance(p: float, b: float, *, n: int) -> float:
    return 2 * n * float(p * np.logaddexp(0, -b) + (1 - p) * np.logaddexp(0, b))


def _root(p: float, z: float, *, n: int) -> float:
    """The share at which the signed root deviance is z, by bisection on the logit scale."""
    near = math.log(p / (1 - p))
    far = near + math.copysign(700.0, z)
    for _ in range(200):
        middle = (near + far) / 2
        near, far = (middle, far) if _root_deviance(p, middle, n=n) < abs(z) else (near, middle)
    return _expit(near)


def _spline(x: Floats, y: Floats, at: Floats) -> Floats:
    """A cubic spline whose third derivative at each end is that of the cubic through the four points nearest to it.

    Forsythe, Malcolm and Moler 1977, section 4.4.
    """
    h, slope = np.diff(x), np.diff(y) / np.diff(x)
    system, right = np.zeros((len(x), len(x))), np.zeros(len(x))
    for i in range(1, len(x) - 1):
        system[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        right[i] = slope[i] - slope[i - 1]
    second = np.diff(slope) / (x[2:] - x[:-2])
    third = np.diff(second) / (x[3:] - x[:-3])
    system[0, :2], right[0] = (-1, 1), h[0] * third[0]
    system[-1, -2:], right[-1] = (-1, 1), h[-1] * third[-1]
    bend = np.linalg.solve(system, right)
    left = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(h) - 1)
    w = (at - x[left]) / h[left]
    v = 1 - w
    curve = h[left] ** 2 * ((w**3 - w) * bend[left + 1] + (v**3 - v) * bend[left])
    return np.asarray(w * y[left + 1] + v * y[left] + curve, dtype=np.float64)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
