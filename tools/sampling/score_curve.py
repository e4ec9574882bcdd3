"""What a score says of a label, learned from a pilot: a logistic curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tools.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CLIPPED = 1e-6  # scores that are shares are kept this far from 0 and 1
_PRIOR_SD = 5.0  # of the slope, for a score of standard deviation 1: keeps it finite where classes are apart
_STEPS = 100


@dataclass(frozen=True)
class ScoreCurve:
    """P(positive | score) = expit(intercept + slope g(score)).

    Attributes:
        scale: g: `identity`, or `logit` of a score between 0 and 1.
        intercept, slope: of the curve.
        least, most: range of the pilot's scores; beyond, the curve is flat.
        rows, positives: of the pilot.
    """

    scale: Literal["identity", "logit"]
    intercept: float
    slope: float
    least: float
    most: float
    rows: int = 0
    positives: int = 0

    def probability(self, score: float) -> float:
        """The share of positives that is expected at a score."""
        return _expit(self.intercept + self.slope * _transform(min(max(score, self.least), self.most), self.scale))

    def edges(self, steps: int) -> list[float]:
        """Scores that cut the range into steps of equal width in g."""
        low, high = (_transform(score, self.scale) for score in (self.least, self.most))
        cuts = [low + (high - low) * i / steps for i in range(1, steps)]
        return sorted({_back(cut, self.scale) for cut in cuts})

    def middle(self, low: float, high: float) -> float:
        """The score halfway in g between two edges (infinite: the end of the range)."""
        one, other = (_transform(min(max(s, self.least), self.most), self.scale) for s in (low, high))
        return _back((one + other) / 2, self.scale)


def fit_score_curve(scores: Sequence[float], labels: Sequence[int]) -> ScoreCurve:
    """Logistic regression of 0/1 labels on a score, on whichever of its two scales fits better.

    The slope has a normal prior (mean 0, sd 5 for a standardised score), so that it stays finite when no score is
    shared by both classes. Rows are not weighted: given the score, a pilot drawn by that score tells the truth.

    Args:
        scores: (m,) of the pilot's units, any finite numbers.
        labels: (m,) 1 where positive, else 0.

    Raises:
        InvalidInput: lengths that differ, no positive or no negative, or a score that does not vary.
    """
    import numpy as np  # start-up

    x, y = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    _check(x, y)
    shares = bool(((x >= 0) & (x <= 1)).all())
    fits = [_fit(x, y, scale) for scale in (("identity", "logit") if shares else ("identity",))]
    return max(fits, key=lambda fit: fit[1])[0]


def known_curve(least: float, most: float) -> ScoreCurve:
    """The curve of a column that is itself a calibrated probability, between its least and its most value."""
    if not 0 <= least <= most <= 1:
        raise InvalidInput(
            f"A probability lies between 0 and 1; the column has values from {least:g} to {most:g}.",
            code="invalid_size",
            value=most,
            hint="Learn its meaning from labels: --pilot FILE --label COLUMN=VALUE.",
        )
    return ScoreCurve("logit", 0.0, 1.0, max(least, CLIPPED), min(most, 1 - CLIPPED))


def _fit(x: Floats, y: Floats, scale: Literal["identity", "logit"]) -> tuple[ScoreCurve, float]:
    """The curve, and its penalised log-likelihood."""
    import numpy as np

    g = np.array([_transform(float(score), scale) for score in x])
    centre, spread = float(g.mean()), float(g.std())
    z = (g - centre) / spread
    design = np.column_stack([np.ones_like(z), z])
    penalty = np.array([0.0, 1 / _PRIOR_SD**2])
    share = float(y.mean())
    beta = np.array([math.log(share / (1 - share)), 0.0])
    gain = math.inf
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-design @ beta))
        slope = design.T @ (y - p) - penalty * beta
        step = np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]) + np.diag(penalty), slope)
        before, gain = _likelihood(design, y, beta, penalty), -math.inf
        while gain < before - 1e-9 and float(np.abs(step).max()) > 1e-12:
            gain = _likelihood(design, y, beta + step, penalty)
            step = step if gain >= before - 1e-9 else step / 2
        beta = beta + step
        if float(np.abs(step).max()) < 1e-10:
            break
    steepness = float(beta[1]) / spread
    curve = ScoreCurve(
        scale,
        float(beta[0]) - steepness * centre,
        steepness,
        float(x.min()),
        float(x.max()),
        rows=len(x),
        positives=int(y.sum()),
    )
    return curve, _likelihood(design, y, beta, penalty)


def _likelihood(design: Floats, y: Floats, beta: Floats, penalty: Floats) -> float:
    import numpy as np

    eta = design @ beta
    return float((y * eta - np.logaddexp(0, eta)).sum() - (penalty * beta**2).sum() / 2)


def _check(x: Floats, y: Floats) -> None:
    import numpy as np

    if x.shape != y.shape or x.ndim != 1:
        raise InvalidInput("There is one label for each score.", value=[len(x), len(y)])
    if not bool(np.isfinite(x).all()) or not bool(np.isin(y, (0, 1)).all()):
        raise InvalidInput("A pilot has finite scores and labels 0 or 1.", code="invalid_pilot")
    positives = int(y.sum())
    if positives in (0, len(y)):
        raise InvalidInput(
            f"The pilot has {positives:,} positives among {len(y):,} rows, which tells nothing of the score.",
            code="pilot_too_small",
            value=positives,
            hint="Label more units with high scores, for instance as many of the top thousandth as of the rest.",
        )
    if float(x.std()) == 0:
        raise InvalidInput("The pilot's scores are all the same.", code="pilot_too_small", value=float(x[0]))


def _transform(score: float, scale: Literal["identity", "logit"]) -> float:
    if scale == "identity":
        return score
    kept = min(max(score, CLIPPED), 1 - CLIPPED)
    return math.log(kept / (1 - kept))


def _back(g: float, scale: Literal["identity", "logit"]) -> float:
    return g if scale == "identity" else _expit(g)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
