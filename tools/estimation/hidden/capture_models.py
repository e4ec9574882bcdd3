"""Otis' models of occasions as log-linear ones: M0, Mt, and where units differ (Mh, Mth) or learn (Mb, Mbh)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.hidden.histories import Histories
from tools.estimation.hidden.loglinear import LoglinearFit, fit_loglinear
from tools.estimation.hidden.poisson_fits import fit_poisson
from tools.estimation.tables import Floats, Ints

CaptureModel = Literal[
    "M0",
    "Mt",
    "Mh Chao",
    "Mh Poisson2",
    "Mh Darroch",
    "Mh Gamma3.5",
    "Mth Chao",
    "Mth Poisson2",
    "Mth Darroch",
    "Mth Gamma3.5",
]
_SHAPES: Mapping[str, Callable[[Floats], Floats]] = {
    "Poisson2": lambda k: 2.0**k - 1,
    "Darroch": lambda k: k**2 / 2,
    "Gamma3.5": lambda k: np.log(3.5) - np.log(3.5 + k),
}
FREQUENCY_MODELS: tuple[CaptureModel, ...] = ("M0", "Mh Poisson2", "Mh Darroch", "Mh Gamma3.5")


def fit_capture_model(
    histories: Histories, model: CaptureModel, *, leave_out: str | None = None, level: float = 0.95
) -> LoglinearFit:
    """One model of histories.

    Mt has an effect of each list, M0 one for all; Mh and Mth add a column of the number of captures k for how units
    differ: 2^k - 1 (Poisson2), k²/2 (Darroch), -log(3.5 + k) (Gamma3.5), or max(k - j + 1, 0) for j = 3..T with
    coefficients that are not negative (Chao). Rivest and Baillargeon 2007; Cormack 1989; Darroch et al. 1993.

    Args:
        leave_out: a history such as `111111` whose units get a parameter of their own.
    """
    head, _, shape = model.partition(" ")
    times = histories.times.astype(np.float64)
    main = histories.cells.astype(np.float64) if head in ("Mt", "Mth") else times[:, None]
    if leave_out is not None:
        same = (histories.cells == [int(digit) for digit in leave_out]).all(axis=1)
        main = np.column_stack([main, same.astype(np.float64)])
    return _with_shape(model, main, times, len(histories.lists), shape, histories.counts, level=level)


def fit_frequency_model(
    frequencies: Floats, model: CaptureModel, *, occasions: int | None, seen: float | None = None, level: float = 0.95
) -> LoglinearFit:
    """One model of how many units were seen 1, 2, ... times; without occasions the times are Poisson.

    Raises:
        InvalidInput: a model with an effect of each occasion.
    """
    from scipy.special import gammaln  # type: ignore[import-untyped]  # start-up

    head, _, shape = model.partition(" ")
    if head not in ("M0", "Mh"):
        raise InvalidInput(f"{model} needs histories, not frequencies.", value=model, allowed=FREQUENCY_MODELS)
    times = np.arange(1, len(frequencies) + 1, dtype=np.float64)
    offset = -gammaln(times + 1)
    if occasions is not None:
        offset = gammaln(occasions + 1.0) - gammaln(times + 1) - gammaln(occasions - times + 1)
    return _with_shape(
        model, times[:, None], times, len(times), shape, frequencies, level=level, offset=offset, seen=seen
    )


def _with_shape(
    name: str,
    main: Floats,
    times: Floats,
    most: int,
    shape: str,
    counts: Floats,
    *,
    level: float,
    offset: Floats | float = 0.0,
    seen: float | None = None,
) -> LoglinearFit:
    columns = [np.ones(len(times)), *main.T]
    if shape in _SHAPES:
        columns.append(_SHAPES[shape](times))
    kinks = list(range(3, most + 1)) if shape == "Chao" else []
    while True:
        added = [np.maximum(times - j + 1, 0.0) for j in kinks]
        design = np.column_stack([*columns, *added])
        beta = fit_poisson(design[None], counts, offset=offset).beta[0]
        negative = [j for j, value in zip(kinks, beta[len(columns) :], strict=True) if value < 0]
        if not negative:
            break
        kinks.remove(negative[0])
    return fit_loglinear([f"loglinear {name}"], design[None], counts, seen=seen, offset=offset, level=level)[0]


@dataclass(frozen=True)
class BehaviourSize:
    """A size from a model of learning, with its standard error."""

    value: float
    se: float


def fit_behaviour_model(histories: Histories, model: Literal["Mb", "Mbh"]) -> BehaviourSize:
    """A first capture changes the chance of the next: only first captures tell the size, as in removal.

    Occasions are in the order of the lists. Mbh lets the first occasion differ. se² = v'Vv - N by the delta method
    (Cormack 1989; Rivest and Baillargeon 2007).
    """
    cells: Ints = histories.cells
    before = np.argmax(cells == 1, axis=1).astype(np.float64)
    columns = [np.ones(len(cells)), before, histories.times - 1.0]
    if model == "Mbh":
        columns.insert(1, 1.0 - cells[:, 0])
    fit = fit_poisson(np.column_stack(columns)[None], histories.counts)
    beta = fit.beta[0]
    occasions = len(histories.lists)
    value = _behaviour_size(beta, occasions)
    step = 1e-5
    slope = np.array(
        [
            (_behaviour_size(beta + step * e, occasions) - _behaviour_size(beta - step * e, occasions)) / (2 * step)
            for e in np.eye(len(beta))
        ]
    )
    return BehaviourSize(value, float(np.sqrt(max(slope @ fit.variance[0] @ slope - value, 0.0))))


def _behaviour_size(beta: Floats, occasions: int) -> float:
    e = np.exp(beta)
    if len(beta) == 3:
        return float(e[0] * (1 + e[2]) ** occasions / (1 + e[2] - e[1]))
    return float(e[0] * (1 + e[3]) ** (occasions - 1) * (1 + e[1] * e[2] / (1 + e[3] - e[2])))
