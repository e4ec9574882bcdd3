"""Rows in memory, summed to the tables that estimators take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import InvalidInput
from tools.estimation.design_columns import number_column
from tools.estimation.domain import sum_domain
from tools.estimation.survey import describe_survey
from tools.estimation.tables import Lonely, Totals
from tools.estimation.unit_design import AnyDesign


@dataclass(frozen=True, eq=False)
class Sample:
    """The domain's sums and the design of the whole sample; `missing` rows of the domain had no outcome."""

    totals: Totals
    design: AnyDesign
    missing: int = 0


def sum_rows(
    y: ArrayLike,
    *,
    x: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    lonely: Lonely = "fail",
) -> Sample:
    """Sums of the rows in `domain`, and the design over all rows: `describe_survey` and `sum_domain` in one call.

    Args:
        y: (n,) outcomes, NaN where missing. x: (n,) denominators of a ratio, NaN where missing.
        weights: (n,) weights > 0; None: from `population`, else 1.
        strata, clusters: (n,) labels; clusters are nested in strata.
        population: (n,) first-stage units in the row's stratum (a value <= 1 is a sampling fraction).
        domain: (n,) booleans; None: all rows. A row without outcome leaves as a domain does.

    Raises:
        InvalidInput: columns of different lengths, weights that are missing or not above 0, a population count that
            differs within a stratum or is smaller than the sample.
    """
    outcome = np.asarray(y, dtype=np.float64)
    n = len(outcome)
    survey = describe_survey(n, weights=weights, strata=strata, clusters=clusters, population=population, lonely=lonely)
    rows = None
    if domain is not None:
        inside = np.asarray(domain, dtype=bool)
        if inside.shape != (n,):
            raise InvalidInput("domain must have one value a row", value=list(inside.shape), allowed=[str(n)])
        rows = np.flatnonzero(inside)
    found = sum_domain(survey, outcome, x=None if x is None else number_column(x, n, "x"), rows=rows)
    return Sample(found.totals, survey.design, found.missing)
