"""What is known of a prediction over the whole frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import InvalidInput
from tools.estimation.factorise import factorise
from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats

Labels = NDArray[Any]


@dataclass(frozen=True, eq=False)
class FramePredictions:
    """Moments of the prediction over the frame, in the whole or by stratum.

    Attributes:
        strata: (H,) labels in sort order; None where the frame was not split.
        size, mean, square: (H,) units, and means of m and m².
        doubt, doubt_square: means of m(1-m) and of its square, over the frame.
    """

    strata: Labels | None
    size: Floats
    mean: Floats
    square: Floats
    doubt: float
    doubt_square: float

    @property
    def units(self) -> float:
        return float(self.size.sum())

    @property
    def overall(self) -> float:
        """Mean over the frame."""
        return float((self.size * self.mean).sum()) / self.units

    def by_stratum(self, strata: Labels) -> Floats:
        """(K,) mean of the frame, or of each of these strata of the sample.

        Raises:
            InvalidInput: a sampled stratum that the frame does not hold.
        """
        if self.strata is None:
            return np.full(len(strata), float(self.mean[0]))
        place = {str(label): i for i, label in enumerate(self.strata)}
        lost = [str(label) for label in strata if str(label) not in place]
        if lost:
            raise InvalidInput(
                f"The population predictions hold no unit of stratum {lost[0]}.",
                code="stratum_without_predictions",
                value=lost[0],
                allowed=[str(label) for label in self.strata[:10]],
                hint="They hold one line for each unit of the frame, with the strata column of the sample.",
            )
        return np.asarray(self.mean[[place[str(label)] for label in strata]], dtype=np.float64)


def describe_frame(predictions: ArrayLike, *, strata: Labels | None = None) -> FramePredictions:
    """Moments of the predictions of every unit of the frame.

    Args:
        predictions: (N,) one a unit, finite. strata: (N,) labels; None: not split.

    Raises:
        InvalidInput: no unit, or a prediction that is no finite number.
    """
    m = np.asarray(predictions, dtype=np.float64)
    if m.ndim != 1 or len(m) == 0 or not bool(np.isfinite(m).all()):
        raise InvalidInput("the frame's predictions are finite numbers, one a unit", value=list(m.shape))
    doubt = m * (1 - m)
    moments = (float(doubt.mean()), float((doubt * doubt).mean()))
    if strata is None:
        whole = (np.array([float(len(m))]), np.array([m.mean()]), np.array([(m * m).mean()]))
        return FramePredictions(None, *whole, *moments)
    found = factorise(strata)
    size = np.bincount(found.code, minlength=len(found.labels)).astype(np.float64)
    mean, square = (sum_by(found.code, v, len(size)) / size for v in (m, m * m))
    return FramePredictions(found.labels, size, mean, square, *moments)
