"""A mean, total or share from labels, helped by a prediction that is known for the whole frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation.choose_interval import MIN_CLUSTERS, MIN_POSITIVES
from tools.estimation.domain import sum_domain
from tools.estimation.estimate import Estimate
from tools.estimation.frame_predictions import FramePredictions
from tools.estimation.intervals import wald
from tools.estimation.jump_limits import jump_limits
from tools.estimation.mean import estimate_mean
from tools.estimation.power_tuning import tune_power
from tools.estimation.proportion import estimate_proportion
from tools.estimation.sum_by import sum_by
from tools.estimation.survey import Survey
from tools.estimation.tables import Floats
from tools.estimation.unit_design import UnitDesign
from tools.estimation.variance import sampling_fractions

FEWEST = 5  # positives, and negatives, below which λ is 0: the labels alone are used
SCATTERED = 0.8  # of the positives that were not met: as likely in any row as in another
TOO_SURE = 4.0  # standard errors by which labelled rows are surer than the frame before they count as trained on

AssistedOf = Literal["mean", "total", "proportion"]


@dataclass(frozen=True)
class Assisted:
    """The estimate, that from the labels alone, and the mean slope λ between them (0: the labels alone were used)."""

    estimate: Estimate
    labels_only: Estimate
    power: float


def estimate_assisted(
    y: Floats,
    prediction: Floats,
    frame: FramePredictions,
    *,
    survey: Survey,
    of: AssistedOf = "proportion",
    level: float = 0.95,
    seed: int = 0,
) -> Assisted:
    """The difference estimator Σw(y - λ(m - M))/Σw, M the frame's mean of the prediction m (of the row's stratum).

    Unbiased however wrong m is, as long as m was made without the row's own label. With equal weights and λ = 1 it is
    prediction-powered inference (Angelopoulos et al. 2023, Science 382:669-674); with λ tuned, PPI++; with strata, its
    stratified form (Fisch et al. 2024); with weights 1/π, active inference (Zrnic and Candès 2024) and the generalised
    difference estimator (Särndal, Swensson and Wretman 1992, eq. 6.3.4). λ is cross-fitted over folds of the labels.

    A share has `jump_limits`; with fewer than 5 positives (20 in 10 clusters, under clusters), or where predictions do
    not help, λ is 0 and the interval that of the labels alone, so that rare events keep theirs.

    Args:
        y, prediction: (n,) of the sample that `survey` describes; y NaN: not labelled, leaves as a domain does.
        frame: predictions over the frame, split by the survey's strata or not at all. of: what is estimated.
        level: of the interval. seed: of the folds.

    Raises:
        InvalidInput: lengths that differ; of a share, outcomes other than 0 and 1 or predictions outside 0..1.
        Declined: `uncorrectable`, labelled rows were scored by a model that was trained on them.
    """
    y, m = _checked(y, prediction, survey, of)
    seen = np.isfinite(y)
    weight = np.where(seen, survey.weight, 0.0)
    alone = _alone(y, frame, survey, of, level)
    if of == "proportion" and alone.undefined is None:
        _check_not_trained_on(m, frame, weight)
    if alone.undefined is not None or alone.se is None or alone.se == 0:
        return Assisted(alone, alone, 0.0)
    if of == "proportion" and (reason := _too_few(y, survey)):
        return Assisted(replace(alone, notes=(*alone.notes, reason)), alone, 0.0)
    centred = m - frame.by_stratum(survey.strata)[survey.stratum]
    unit = np.arange(survey.rows) if survey.cluster is None else survey.cluster
    known = np.where(seen, y, 0.0)
    power = tune_power(known, centred, weight=weight, unit=unit, group=survey.stratum, seed=seed)
    u = y - power * centred
    found = _difference(u, frame, survey, of, level)
    if found.se is None or found.value is None or found.se >= alone.se:
        note = "The predictions do not narrow the interval; the labels alone are used."
        return Assisted(replace(alone, notes=(*alone.notes, note)), alone, 0.0)
    gain = (found.se / alone.se) ** 2
    found = replace(
        found,
        deff=None if alone.deff is None else alone.deff * gain,
        n_eff=None if alone.n_eff is None else alone.n_eff / gain,
        positives=alone.positives,
    )
    if of == "proportion":
        fewer = _fewer(y)[0]
        found = _share(found, u, m, frame, survey, power=float(power.mean()), fewer=fewer)
    return Assisted(found, alone, float(power.mean()))


def _difference(u: Floats, frame: FramePredictions, survey: Survey, of: AssistedOf, level: float) -> Estimate:
    """Mean of u with its variance; a total is the frame's size times it."""
    found = estimate_mean(sum_domain(survey, u).totals, design=survey.design, level=level)
    if of != "total" or found.value is None or found.se is None or found.df is None:
        return replace(found, method="difference estimator, wald")
    n = frame.units
    value, se = n * found.value, n * found.se
    limits = wald(value, se, df=max(found.df, 1.0), level=level)
    return replace(found, value=value, se=se, low=limits.low, high=limits.high, method="difference estimator, wald")


def _alone(y: Floats, frame: FramePredictions, survey: Survey, of: AssistedOf, level: float) -> Estimate:
    if of == "proportion":
        return estimate_proportion(sum_domain(survey, y).totals, design=survey.design, level=level)
    return _difference(y, frame, survey, of, level)


def _share(
    found: Estimate, u: Floats, m: Floats, frame: FramePredictions, survey: Survey, *, power: float, fewer: int
) -> Estimate:
    """Jump limits; with few positives the variance has that of independent rows as a floor."""
    assert found.value is not None
    assert found.se is not None
    assert found.df is not None
    seen = np.isfinite(u)
    n, w = found.n, np.where(seen, survey.weight, 0.0)
    w = w / w.sum()
    parts = w * (np.where(seen, u, found.value) - found.value)
    variance = found.se**2
    if survey.cluster is not None:
        parts = sum_by(survey.cluster, parts, int(survey.cluster.max()) + 1)
    elif fewer < MIN_POSITIVES:
        drawn = (
            0.0 if isinstance(survey.design, UnitDesign) else sampling_fractions(survey.stratum, design=survey.first)
        )
        variance = max(variance, float(((1 - drawn) * parts * parts).sum()))
    mean_square = float((frame.size * frame.square).sum()) / frame.units
    largest = mean_square / frame.overall if frame.overall > 0 else 1.0
    limits = jump_limits(
        found.value,
        parts,
        variance=variance,
        df=found.df,
        level=found.level,
        up=_next_positive(w, m, n),
        down=power * largest / n,
    )
    value = min(max(found.value, 0.0), 1.0)
    notes = found.notes
    if value != found.value:
        notes += (f"The estimate {found.value:.3g} lies outside 0 to 1 and is set to {value:g}.",)
    return replace(
        found,
        value=value,
        se=math.sqrt(variance),
        low=min(max(limits.low, 0.0), value),
        high=max(min(limits.high, 1.0), value),
        method="difference estimator, jump limits",
        notes=notes,
    )


def _next_positive(w: Floats, m: Floats, n: int) -> tuple[float, float]:
    """Mean weight share of a positive that was not met, and its spread: equal weights give 1/n twice.

    A share SCATTERED of such positives may be any row; the others lie where the predictions say.
    """
    seen = w > 0
    total = float(m[seen].sum())
    likely = np.where(seen, (m / total) if total > 0 else 1 / n, 0.0)
    chance = SCATTERED * seen / n + (1 - SCATTERED) * likely
    mean = float((chance * w).sum())
    return mean, float((chance * w * w).sum()) / mean


def _fewer(y: Floats) -> tuple[int, str]:
    """Rows of the rarer outcome, and which it is."""
    positives, n = int(np.nansum(y)), int(np.isfinite(y).sum())
    return min((positives, "positive"), (n - positives, "negative"))


def _too_few(y: Floats, survey: Survey) -> str:
    fewer, outcome = _fewer(y)
    if fewer < FEWEST:
        return f"With {fewer} {outcome} labels, fewer than {FEWEST}, predictions are not used: the labels alone are."
    if survey.cluster is None:
        return ""
    held = np.unique(survey.cluster[y == (outcome == "positive")])
    if fewer >= MIN_POSITIVES and len(held) >= MIN_CLUSTERS:
        return ""
    return f"With {fewer} {outcome} labels in {len(held)} clusters predictions are not used: the labels alone are."


def _checked(y: Floats, prediction: Floats, survey: Survey, of: AssistedOf) -> tuple[Floats, Floats]:
    y, m = np.asarray(y, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    if y.shape != (survey.rows,) or m.shape != y.shape:
        raise InvalidInput("outcomes and predictions have one value a sampled row", value=[len(y), len(m), survey.rows])
    if not np.isfinite(m).all():
        raise InvalidInput("the prediction of a sampled row is missing")
    if of == "proportion" and not ((y == 0) | (y == 1) | np.isnan(y)).all():
        raise InvalidInput("a share has outcomes 0 and 1")
    if of == "proportion" and not ((m >= 0) & (m <= 1)).all():
        raise InvalidInput("predictions of a share lie between 0 and 1")
    return y, m


def _check_not_trained_on(m: Floats, frame: FramePredictions, weight: Floats) -> None:
    """Rows that a model was trained on get scores nearer to 0 and 1 than the frame does.

    The mean of m(1-m) over labelled rows falls short of the frame's by more than four standard errors, its second
    moment over the frame standing for the variance: for a sum of nonnegative terms that happens by chance with
    probability at most exp(-8) = 0.0003 (Maurer 2003, J. Inequalities in Pure and Applied Mathematics 4(1):15).
    """
    w = weight / weight.sum()
    short = frame.doubt - float((w * m * (1 - m)).sum())
    if short <= TOO_SURE * math.sqrt(float((w * w).sum()) * frame.doubt_square):
        return
    raise Declined(
        "The predictions of labelled rows are far surer than those of the frame, as if the model had been trained on"
        " these rows or the frame scored by another one.",
        reason="uncorrectable",
        rule="trained_on",
        value=round(frame.doubt - short, 6),
        hint="Score every row, labelled or not, by a model trained without its fold (cross-fitting).",
    )
