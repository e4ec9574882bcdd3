"""What `transect estimate` says."""

from __future__ import annotations

from dataclasses import dataclass

from tools.figure import Figure

Number = float | None | list[float | None]
Count = int | None | list[int | None]


@dataclass(frozen=True)
class DesignReport:
    """The sample and how precise it is.

    `df`, `n`, `n_eff`, `deff` and `se` are one number, or with `--by` or `--compare` one for each figure.

    Attributes:
        strata, clusters: of the whole sample; rows count as clusters where rows were drawn.
        n: rows with an outcome. replicates: their number, None without.
    """

    strata: int
    clusters: int
    df: Number
    n: Count
    n_eff: Number
    deff: Number
    se: Number
    replicates: int | None


@dataclass(frozen=True)
class EstimateReport:
    """Figures, one a domain; `method` is how variance and interval were made, in words."""

    figures: tuple[Figure, ...]
    design: DesignReport
    method: str
    notes: tuple[str, ...]
