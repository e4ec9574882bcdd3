"""What `transect hidden-population` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tools.estimation.hidden.dependence_range import DependenceRange
from tools.estimation.hidden.loglinear import LoglinearFit
from tools.estimation.hidden.size_estimate import SizeEstimate
from tools.figure import Figure

Role = Literal["selected", "listed", "bound"]
Sizes = list[tuple[SizeEstimate, Role]]


class SizeFigure(Figure):
    """A size; `role` says whether it is the answer, one of the others, or a bound from below."""

    se: float | None = None
    role: Role


@dataclass(frozen=True)
class HiddenReport:
    """The selected size first; `range` over a declared dependence, None where no size could be given."""

    estimates: tuple[SizeFigure, ...]
    range: DependenceRange | None
    warnings: tuple[str, ...]


def size_figures(estimates: Sequence[tuple[SizeEstimate, Role]], *, corrected: bool = False) -> tuple[SizeFigure, ...]:
    """Estimates as figures, in the order given."""
    return tuple(
        SizeFigure(
            id=f"size-{place}",
            metric="population_size",
            value=found.value,
            low=found.low,
            high=found.high,
            level=None if found.undefined else found.level,
            unit="count",
            n=round(found.seen),
            basis="corrected" if corrected else "sample",
            method=found.method,
            undefined=found.undefined,
            one_sided=found.one_sided,
            se=found.se,
            role=role,
        )
        for place, (found, role) in enumerate(estimates, start=1)
    )


def put_first(fits: Sequence[LoglinearFit], best: LoglinearFit | None) -> Sizes:
    """The selected model, then the others as they come."""
    first: Sizes = [] if best is None else [(best.estimate, "selected")]
    return first + [(fit.estimate, "listed") for fit in fits if fit is not best]
