"""The design columns of a file as a survey."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.calibration import CalibrationMethod
from tools.estimation.file.joint_file import read_joint
from tools.estimation.file.population_totals import KnownTotal, columns_of, match_totals, read_totals
from tools.estimation.file.request import EstimateRequest
from tools.estimation.file.sample_file import SampleFile
from tools.estimation.replicates import Progress, Replicates
from tools.estimation.survey import Survey, describe_survey
from tools.estimation.tables import Floats, Ints
from tools.estimation.unit_design import UnitDesign
from tools.estimation.variance import sampling_fractions


def design_columns(request: EstimateRequest) -> list[str]:
    """The columns of the file that say how it was drawn, those of known totals among them."""
    single = [name for name in (request.weights, request.probability, request.strata) if name is not None]
    known = _known_totals(request)
    return [*single, *request.clusters, *request.fpc, *(columns_of(known[1]) if known else [])]


def read_survey(sample: SampleFile, request: EstimateRequest, *, progress: Progress) -> Survey:
    """The whole sample as drawn.

    Raises:
        InvalidInput: what `describe_survey` refuses, with row and column.
    """
    known = _known_totals(request)
    counts = [_counted(sample, name, f"population count {name}") for name in request.fpc]
    labels = [sample.labels(name) for name in request.clusters]
    pi = None if request.probability is None else _probability(sample, request.probability)
    replicates = None
    if request.replicates is not None:
        replicates = Replicates(
            kind=request.replicates,
            replications=request.replications or 1000,
            seed=request.seed or 0,
            progress=progress,
        )
    two = len(labels) == 2 or len(counts) == 2
    try:
        return describe_survey(
            sample.rows,
            weights=None if request.weights is None else _counted(sample, request.weights, "weight"),
            strata=None if request.strata is None else sample.labels(request.strata),
            clusters=labels[0] if labels else None,
            population=counts[0] if counts else None,
            units=None if not two else labels[1] if len(labels) == 2 else "rows",
            unit_population=counts[1] if len(counts) == 2 else None,
            probability=pi,
            variance=request.method,
            joint=None if request.joint is None else read_joint(request.joint, rows=sample.rows),
            calibration=match_totals(known[0], known[1], sample, method=known[2]) if known else None,
            replicates=replicates,
            lonely=request.lonely,
        )
    except InvalidInput as error:
        if error.where.startswith("row "):
            error.where = f"{sample.name}: {error.where}"
            error.message = f"{sample.name}: {error.message}."
        raise


def check_lonely(survey: Survey, rows: Ints | None, request: EstimateRequest) -> None:
    """Whether every stratum that these rows touch shows how its clusters differ.

    Raises:
        InvalidInput: one with a single cluster, and `--lonely fail`.
    """
    if request.lonely != "fail" or request.method in ("ht", "yates-grundy", "poisson"):
        return
    known = request.poststratify or request.rake or request.calibrate
    touched = np.unique(survey.stratum if rows is None or known else survey.stratum[rows])
    first = survey.first
    alone = first.clusters[touched] == 1
    if request.replicates is None:
        alone &= _rest(survey)[touched] > 0
    what = "cluster" if survey.cluster is not None else "row"
    if alone.any():
        label = survey.strata[touched[int(np.argmax(alone))]]
        raise _refuse_lonely(f"The stratum {label} holds one {what}", str(label), request.strata)
    second = survey.design.second if isinstance(survey.design, UnitDesign) else None
    if second is None or request.replicates is not None or not isinstance(survey.design, UnitDesign):
        return
    clusters = np.unique(survey.design.cluster if rows is None or known else survey.design.cluster[rows])
    fraction = sampling_fractions(survey.design.stratum[clusters], design=first)
    alone = (second.drawn[clusters] == 1) & (second.fraction[clusters] < 1) & (fraction > 0)
    if alone.any():
        row = int(np.argmax(survey.design.cluster == clusters[int(np.argmax(alone))])) + 1
        raise _refuse_lonely(
            f"The cluster of row {row:,} holds one unit of a second stage that is not complete", row, None
        )


def _rest(survey: Survey) -> Floats:
    """(H,) share of each stratum that was not drawn; of unequal probabilities whether any unit was uncertain."""
    if isinstance(survey.design, UnitDesign) and survey.design.unequal is not None:
        rest = np.zeros(len(survey.first.stratum))
        np.maximum.at(rest, survey.design.stratum, 1 - survey.design.unequal.probability)
        return rest
    return np.asarray(1 - sampling_fractions(survey.first.stratum, design=survey.first), dtype=np.float64)


def _refuse_lonely(message: str, value: object, column: str | None) -> InvalidInput:
    return InvalidInput(
        f"{message}, so the variance cannot be estimated.",
        code="lonely_stratum",
        value=value,
        allowed=("fail", "adjust", "certainty", "average"),
        hint="--lonely certainty, adjust or average says what it adds; or join it to a stratum like it.",
        where="" if column is None else f"column {column}",
    )


def _known_totals(request: EstimateRequest) -> tuple[Path, list[KnownTotal], CalibrationMethod] | None:
    files: tuple[tuple[Path | None, CalibrationMethod], ...] = (
        (request.poststratify, "post-stratification"),
        (request.rake, "raking"),
        (request.calibrate, "linear"),
    )
    for path, method in files:
        if path is not None:
            return path, read_totals(path, method=method), method
    return None


def _counted(sample: SampleFile, name: str, what: str) -> Floats:
    """Numbers above 0, none missing."""
    values = sample.numbers(name)
    bad = ~(values > 0)
    if bad.any():
        fault = "is missing" if np.isnan(values[int(np.argmax(bad))]) else "is not above 0"
        code = "invalid_weight" if what == "weight" else "invalid_population"
        sample.refuse(int(np.argmax(bad)), name, fault, code=code, rows=int(bad.sum()), hint=f"A {what} is above 0.")
    return values


def _probability(sample: SampleFile, name: str) -> Floats:
    values = sample.numbers(name)
    bad = ~((values > 0) & (values <= 1))
    if bad.any():
        fault = "is missing" if np.isnan(values[int(np.argmax(bad))]) else "lies outside (0, 1]"
        hint = "An inclusion probability is above 0 and at most 1."
        sample.refuse(int(np.argmax(bad)), name, fault, code="invalid_probability", rows=int(bad.sum()), hint=hint)
    return values
