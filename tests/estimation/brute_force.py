"""Variances by their definitions: loops over units and pairs of units, with nothing of the package's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def two_stage(
    z: Sequence[float],
    *,
    stratum: Sequence[int],
    cluster: Sequence[int],
    unit: Sequence[int],
    clusters_in: dict[int, float],
    units_in: dict[tuple[int, int], float],
) -> float:
    """Σ_h (1-f)·m/(m-1)·Σ(z_c - z̄)² + Σ_h f Σ_c (1-f_c)·k/(k-1)·Σ(z_cj - z̄_c)²; counts per stratum and cluster."""
    total = 0.0
    for h in sorted(set(stratum)):
        sums: dict[int, dict[int, float]] = {}
        for i, value in enumerate(z):
            if stratum[i] == h:
                within = sums.setdefault(cluster[i], {})
                within[unit[i]] = within.get(unit[i], 0.0) + value
        m, size = len(sums), clusters_in[h]
        f = m / size
        totals = [sum(within.values()) for within in sums.values()]
        mean = sum(totals) / m
        total += (1 - f) * m / (m - 1) * sum((t - mean) ** 2 for t in totals)
        for c, within in sums.items():
            k, held = len(within), units_in[h, c]
            if k == held:
                continue
            average = sum(within.values()) / k
            total += f * (1 - k / held) * k / (k - 1) * sum((t - average) ** 2 for t in within.values())
    return total


def horvitz_thompson(z: Floats, joint: Floats) -> float:
    """Σ_i Σ_j (π_ij - π_i π_j)/π_ij · z_i z_j with π_ii = π_i."""
    pi = np.diag(joint)
    pairs = ((i, j) for i in range(len(z)) for j in range(len(z)))
    return float(sum((joint[i, j] - pi[i] * pi[j]) / joint[i, j] * z[i] * z[j] for i, j in pairs))


def yates_grundy(z: Floats, joint: Floats) -> float:
    """-½ Σ_i Σ_j (π_ij - π_i π_j)/π_ij · (z_i - z_j)²."""
    pi = np.diag(joint)
    pairs = ((i, j) for i in range(len(z)) for j in range(len(z)) if i != j)
    return float(-0.5 * sum((joint[i, j] - pi[i] * pi[j]) / joint[i, j] * (z[i] - z[j]) ** 2 for i, j in pairs))


def approximate_joint(pi: Floats, rule: Callable[[float, float, int], float]) -> Floats:
    """A matrix of π_ij from a rule that gives π_i π_j / π_ij."""
    n = len(pi)
    joint = np.diag(pi).astype(float)
    for i in range(n):
        for j in range(n):
            if i != j:
                joint[i, j] = pi[i] * pi[j] / rule(pi[i], pi[j], n)
    return joint


def overton(pi: Floats) -> Floats:
    return approximate_joint(pi, lambda a, b, n: (n - (a + b) / 2) / (n - 1))


def hartley_rao(pi: Floats) -> Floats:
    return approximate_joint(pi, lambda a, b, n: (n - a - b + pi.sum() / n) / (n - 1))


def brewer(z: Floats, pi: Floats) -> float:
    n, mean = len(z), sum(z) / len(z)
    return float(n / (n - 1) * sum((1 - p) * (value - mean) ** 2 for value, p in zip(z, pi, strict=True)))
