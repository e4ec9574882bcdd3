"""Estimates from a file of labels with predictions, and the predictions of the whole frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation.assisted import Assisted, estimate_assisted
from tools.estimation.file.make_report import DomainEstimate, make_report
from tools.estimation.file.outcome import outcome_columns, read_outcome
from tools.estimation.file.report import EstimateReport
from tools.estimation.file.request import EstimateRequest
from tools.estimation.file.sample_file import SampleFile, open_sample
from tools.estimation.file.survey_file import check_lonely, design_columns, read_survey
from tools.estimation.frame_predictions import FramePredictions, describe_frame
from tools.estimation.replicates import Progress
from tools.estimation.survey import Survey, describe_survey
from tools.estimation.tables import Floats

_DRAWN = 4.0  # standard errors between labelled rows and frame from which a reader is told


def estimate_assisted_file(path: Path, request: EstimateRequest, *, progress: Progress) -> EstimateReport:
    """One figure by the difference estimator.

    With `--population-predictions` FILE is the sample as drawn. Without, FILE is the whole frame, labelled rows a
    simple random sample of it (of each stratum).

    Raises:
        InvalidInput: a missing prediction, one outside 0..1 of a share, a frame whose mean cannot be known.
        Declined: as `estimate_assisted`; no row has an outcome.
    """
    assert request.prediction is not None
    progress(f"reading {path.name}", 0.0)
    with open_sample(path) as sample:
        columns = outcome_columns(request, sample.header, file=path.name)
        sample.read([*columns.names, request.prediction, *design_columns(request)])
        if sample.rows == 0:
            raise Declined(f"{path.name} has no row.", reason="no_data", rule="no_rows", value=path.name)
        outcome = read_outcome(sample, columns)
        prediction = _read_predictions(sample, request.prediction, request)
        if request.population_predictions is None:
            survey, frame, seen = _whole_frame(sample, outcome.y, prediction, request)
        else:
            survey, seen = read_survey(sample, request, progress=progress), np.ones(sample.rows, dtype=bool)
            frame = _read_frame(request.population_predictions, request)
    progress("estimating", 0.5)
    y, m = outcome.y[seen], prediction[seen]
    check_lonely(survey, np.flatnonzero(np.isfinite(y)), request)
    of = request.statistic
    assert of in ("mean", "total", "proportion")
    found = estimate_assisted(y, m, frame, survey=survey, of=of, level=request.level, seed=request.seed or 0)
    report = make_report(
        [DomainEstimate(found.estimate, {}, int(np.isnan(y).sum()))],
        survey,
        request,
        notes=(*outcome.notes, *_notes(found, m, frame, survey)),
    )
    progress("done", 1.0)
    figure = report.figures[0].model_copy(update={"basis": "corrected" if found.power else "sample"})
    method = report.method
    if request.population_predictions is None:
        method = method.replace("first-stage units as if drawn with replacement", "population correction")
    return replace(report, figures=(figure,), method=method)


def _whole_frame(
    sample: SampleFile, y: Floats, prediction: Floats, request: EstimateRequest
) -> tuple[Survey, FramePredictions, np.ndarray]:
    """The file is the frame: its labelled rows are the sample."""
    seen = np.isfinite(y)
    given = {"--weights": request.weights, "--probability": request.probability}
    given |= {"--clusters": ",".join(request.clusters), "--fpc": ",".join(request.fpc)}
    named = next((name for name, value in given.items() if value), None)
    if seen.all() or named is not None:
        why = f"{named} says that {sample.name} is a sample" if named else f"every row of {sample.name} has an outcome"
        raise InvalidInput(
            f"The mean prediction of the frame is not known: {why}.",
            code="no_population_predictions",
            value=sample.name,
            hint="--population-predictions FILE holds the prediction of every unit of the frame, one a row; or FILE"
            " itself holds every unit, those without an outcome not labelled.",
        )
    if not seen.any():
        raise Declined("No row has an outcome.", reason="no_data", rule="no_outcome", value=sample.name)
    codes = None if request.strata is None else sample.labels(request.strata)
    strata = None if codes is None else codes.labels[codes.code]
    size = np.array([float(sample.rows)]) if codes is None else np.bincount(codes.code).astype(np.float64)
    population = np.full(sample.rows, size[0]) if codes is None else size[codes.code]
    survey = describe_survey(
        int(seen.sum()),
        strata=None if strata is None else strata[seen],
        population=population[seen],
        lonely=request.lonely,
    )
    return survey, describe_frame(prediction, strata=strata), seen


def _read_frame(path: Path, request: EstimateRequest) -> FramePredictions:
    """One prediction a line: the column of that name, or the only one; strata when the sample's column is there."""
    with open_sample(path) as frame:
        header = frame.header
        name = header[0] if len(header) == 1 else request.prediction or ""
        strata = request.strata if request.strata in header else None
        frame.read([name, *([strata] if strata is not None else [])])
        if frame.rows == 0:
            raise InvalidInput(f"{path.name} has no row.", code="no_population_predictions", value=path.name)
        codes = None if strata is None else frame.labels(strata)
        values = _read_predictions(frame, name, request)
    return describe_frame(values, strata=None if codes is None else codes.labels[codes.code])


def _read_predictions(sample: SampleFile, name: str, request: EstimateRequest) -> Floats:
    """Numbers, none missing; of a share within 0..1."""
    values = sample.numbers(name)
    absent = np.isnan(values)
    if absent.any():
        hint = "Every row has a prediction, made without its own label."
        sample.refuse(
            int(np.argmax(absent)), name, "is missing", code="missing_prediction", rows=int(absent.sum()), hint=hint
        )
    outside = (values < 0) | (values > 1)
    if request.statistic == "proportion" and outside.any():
        sample.refuse(
            int(np.argmax(outside)),
            name,
            "lies outside 0 to 1",
            code="invalid_prediction",
            rows=int(outside.sum()),
            hint="The prediction of a share is a probability, or 0 and 1.",
        )
    return values


def _notes(found: Assisted, m: Floats, frame: FramePredictions, survey: Survey) -> tuple[str, ...]:
    notes = []
    alone, used = found.labels_only, found.estimate
    if found.power and alone.low is not None and alone.high is not None and alone.high > alone.low:
        assert used.low is not None
        assert used.high is not None
        width = (used.high - used.low) / (alone.high - alone.low)
        notes.append(
            f"Labels alone: {alone.value:.4g} ({alone.low:.4g} to {alone.high:.4g}). With predictions (λ"
            f" {found.power:.2f})"
            f" the interval is {width:.2f} times as wide."
        )
    notes.append("Predictions must come from a model that was not trained on the row it scores (cross-fitting).")
    w = survey.weight / survey.weight.sum()
    spread = max(float((frame.size * frame.square).sum()) / frame.units - frame.overall**2, 0.0)
    apart = abs(float((w * m).sum()) - frame.overall)
    if apart > _DRAWN * float(np.sqrt((w * w).sum() * spread)):
        notes.append(
            f"The mean prediction of the sample, {float((w * m).sum()):.4g}, is far from the frame's"
            f" {frame.overall:.4g}:"
            " were both scored by the same model, and the sample drawn from this frame?"
        )
    return tuple(notes)
