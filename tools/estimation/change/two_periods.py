"""Rows of two periods and the sample or samples that they came from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import InvalidInput
from tools.estimation.design_columns import label_column
from tools.estimation.estimate import Estimate
from tools.estimation.factorise import factorise
from tools.estimation.influence import PerCluster
from tools.estimation.intervals import wald
from tools.estimation.sum_by import sum_by
from tools.estimation.survey import Survey, describe_survey
from tools.estimation.tables import Floats, Lonely
from tools.estimation.variance import stratified_variance


@dataclass(frozen=True, eq=False)
class TwoPeriods:
    """(n,) outcomes, NaN where missing; `new` marks rows of the second period."""

    y: Floats
    new: NDArray[np.bool_]
    survey: Survey

    def weights(self, *, new: bool) -> Floats:
        """(n,) weights of one period's rows with an outcome, 0 elsewhere."""
        return np.where((self.new == new) & np.isfinite(self.y), self.survey.weight, 0.0)

    def estimate(self, value: float, z: Floats, *, level: float, rows: NDArray[np.bool_] | None = None) -> Estimate:
        """value ± t(df)·SE from (n,) influence values; clusters of both periods are matched by their label.

        `rows` are those that it rests on; None: all with an outcome.
        """
        survey = self.survey
        if survey.cluster is None or survey.cluster_stratum is None:
            influence = PerCluster(survey.stratum, z)
        else:
            size = len(survey.cluster_stratum)
            influence = PerCluster(survey.cluster_stratum, sum_by(survey.cluster, z, size))
        spread = stratified_variance(influence, design=survey.first)
        se = math.sqrt(spread.variance)
        reason = spread.undefined or (None if spread.df >= 1 else "too few clusters for an interval")
        n = int(np.count_nonzero(np.isfinite(self.y) if rows is None else rows))
        if reason is not None:
            return Estimate(None, None, None, None, level, spread.df, n, None, None, None, "wald", undefined=reason)
        limits = wald(value, se, df=spread.df, level=level)
        return Estimate(
            value, se, limits.low, limits.high, level, spread.df, n, None, None, None, "wald", notes=spread.notes
        )


def gather_periods(
    y: ArrayLike,
    period: ArrayLike,
    *,
    weights: ArrayLike | None,
    strata: ArrayLike | None,
    clusters: ArrayLike | None,
    population: ArrayLike | None,
    independent: bool,
    lonely: Lonely,
) -> TwoPeriods:
    """Checked; independent samples become strata of their own, so that nothing is shared between them.

    Raises:
        InvalidInput: not exactly two periods, columns of different lengths, a period without an outcome.
    """
    outcome = np.asarray(y, dtype=np.float64)
    periods = factorise(period)
    if len(periods.labels) != 2:
        raise InvalidInput("There must be exactly two periods.", code="not_two_values", value=len(periods.labels))
    if len(periods.code) != len(outcome):
        raise InvalidInput("period must have one value a row", value=len(periods.code), allowed=[str(len(outcome))])
    new = periods.code == 1
    if not (np.isfinite(outcome[new]).any() and np.isfinite(outcome[~new]).any()):
        raise InvalidInput("A period has no row with an outcome.", code="no_data")
    drawn_in: ArrayLike | None = strata
    if independent:
        code = np.zeros(len(outcome), dtype=np.int64)
        if strata is not None:
            code = label_column(strata, len(outcome), "strata").code
        drawn_in = 2 * code + new
    survey = describe_survey(
        len(outcome), weights=weights, strata=drawn_in, clusters=clusters, population=population, lonely=lonely
    )
    return TwoPeriods(outcome, new, survey)
