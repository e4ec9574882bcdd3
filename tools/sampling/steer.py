"""Sizes for a draw that a score steers: most labels where positives are uncertain, some everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from tools.sampling.check_number import check_number
from tools.sampling.score_curve import ScoreCurve
from tools.sampling.steps import Steps

STEPS = 64
DEFENSIVE = 0.2


def steer(curve: ScoreCurve, counts: Sequence[int], edges: Sequence[float], *, defensive: float = DEFENSIVE) -> Steps:
    """Sizes by step of the score: (1 - d)·√(p(1-p)) over its mean, plus d.

    √(p(1-p)) is the best size for a share when p is the chance of each unit to be positive (Godambe and Joshi 1965).
    The curve may be wrong, and a positive that it thinks impossible would weigh as much as its probability is small:
    the defensive part keeps every unit at d times the mean probability at least (Hesterberg 1995), so that no weight
    is above N/(n d). It costs at most 1/(1 - d) in labels.

    Args:
        curve: P(positive | score).
        counts: units of the frame in each step.
        edges: of the steps, one less.
        defensive: d, above 0 and below 1.
    """
    check_number("The defensive share", defensive, above=0, below=1)
    bounds = [-math.inf, *edges, math.inf]
    predictions = [curve.probability(curve.middle(a, b)) for a, b in pairwise(bounds)]
    best = [math.sqrt(p * (1 - p)) for p in predictions]
    units = sum(counts)
    mean = math.fsum(c * size for c, size in zip(counts, best, strict=True)) / units if units else 1.0
    return Steps(
        edges=tuple(edges),
        sizes=tuple((1 - defensive) * size / mean + defensive for size in best),
        predictions=tuple(predictions),
        learned_from=f"{curve.rows:,} labels, {curve.positives:,} of them positive" if curve.rows else "the column",
    )
