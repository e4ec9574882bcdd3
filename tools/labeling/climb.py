"""Likelihood maximised by EM steps, with leaps along the path that they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from tools.estimation.tables import Floats

Point = TypeVar("Point")
TOLERANCE = 1e-7
_LONGER, _SHORTER = 2.0, 4.0
_KEPT = 0.5
_SUMS, _SQUARES = "...kj->...j", "...kj,...kj->...j"  # several times faster than sum() over few labels


@dataclass(frozen=True)
class Summit(Generic[Point]):
    """Where the climb ended; `steps` counts EM steps, leaps tried among them."""

    point: Point
    steps: int
    converged: bool


def climb(
    start: Point,
    step: Callable[[Point], tuple[Point, float]],
    leap: Callable[[Point, Point, Point, float], Point],
    *,
    most_steps: int,
) -> Summit[Point]:
    """EM from `start` until a step raises the objective by less than 1e-7; it never falls.

    Two steps, then a leap from where they came, as long as the longest allowed; the leap counts only when the objective
    there is no lower than before it. The longest allowed doubles when it was taken and shrinks when it failed.
    Varadhan and Roland 2008, Scandinavian Journal of Statistics 35:335-353 (SQUAREM, scheme S3, made monotone).

    Args:
        step: one EM step: the next point, and the objective at the point given.
        leap: of three points in a row and the longest leap, the point to try; 1 is where two steps lead.
    """
    point, longest, steps = start, 1.0, 0
    while steps + 4 <= most_steps:
        first, before = step(point)
        second, value = step(first)
        steps += 2
        if value - before < TOLERANCE:
            return Summit(second, steps, True)
        landed, reached = step(leap(point, first, second, longest))
        steps += 1
        if reached >= value:
            point, longest = landed, longest * _LONGER
        else:
            point, longest = second, max(1.0, longest / _SHORTER)
    return Summit(point, steps, False)


def leap_shares(first: Floats, second: Floats, third: Floats, longest: float) -> Floats:
    """The SQUAREM point of (..., shares, sets) shares that sum to 1 in each set, which has a leap of its own length.

    On square roots, where sets of shares are points of a sphere; a root that the leap would make negative is half
    of the third point's. Sets of zeros stay so.
    """
    root, b, c = np.sqrt(first), np.sqrt(second), np.sqrt(third)
    moved = b - root
    bent = c - b - moved
    lengths = np.einsum(_SQUARES, moved, moved) / np.maximum(np.einsum(_SQUARES, bent, bent), 1e-300)
    far = np.clip(np.sqrt(lengths), 1.0, longest)[..., None, :]
    root += far * (2 * moved + far * bent)
    share = np.where(root > 0, root, _KEPT * c) ** 2
    total = np.einsum(_SUMS, share)[..., None, :]
    return np.asarray(share / np.where(total > 0, total, 1.0))
