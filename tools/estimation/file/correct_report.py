"""A report of shares, corrected for the labeller's sensitivity and specificity."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tools.errors import Declined
from tools.estimation.corrected import Corrected, correct_design, correct_known, correct_simple, rogan_gladen
from tools.estimation.file.report import EstimateReport
from tools.estimation.file.request import EstimateRequest
from tools.estimation.intervals import Limits, clopper_pearson
from tools.estimation.validation import Rate
from tools.figure import Figure

GOLD_ERROR = 0.01  # share of gold labels taken as wrong in the sensitivity row


def correct_report(report: EstimateReport, request: EstimateRequest) -> EstimateReport:
    """The report as it is without rates; else each figure corrected.

    Without design columns by Lang and Reiczigel, with them melded; known rates carry a named interval over.

    Raises:
        Declined: `uncorrectable`, when no figure can be corrected.
    """
    sensitivity, specificity = request.sensitivity, request.specificity
    if sensitivity is None or specificity is None:
        return report
    errors = _listed(report.design.se)
    done = [
        _correct(figure, se, request, sensitivity, specificity)
        for figure, se in zip(report.figures, errors, strict=True)
    ]
    declined = [each.declined for each in done if each.declined is not None]
    if declined and all(each.figure.undefined is not None for each in done):
        raise declined[0]
    several = isinstance(report.design.se, list)
    spread = [each.se for each in done]
    notes = [note for each in done for note in each.notes]
    return replace(
        report,
        figures=tuple(each.figure for each in done),
        design=replace(report.design, se=spread if several else spread[0]),
        method=f"{report.method}; {next((e.figure.method for e in done if e.figure.undefined is None), '')}",
        notes=(*report.notes, *notes, _transported(sensitivity, specificity)),
    )


@dataclass(frozen=True)
class _Done:
    figure: Figure
    se: float | None
    notes: tuple[str, ...] = ()
    declined: Declined | None = None


def _correct(figure: Figure, error: float | None, request: EstimateRequest, se: Rate, sp: Rate) -> _Done:
    if figure.value is None:
        return _Done(figure, None)
    named = ", ".join(f"{k} {v}: " for k, v in figure.slice.items())
    try:
        found = _corrected(figure, request, se, sp)
    except Declined as reason:
        nothing = {"value": None, "low": None, "high": None, "level": None, "undefined": reason.message}
        note = (f"{named}{reason.message} {reason.hint}",)
        return _Done(figure.model_copy(update={**nothing, "one_sided": False}), None, note, reason)
    update = {"value": found.value, "low": found.low, "high": found.high, "method": found.method, "basis": "corrected"}
    notes = (*found.notes, *_sensitivity_rows(float(figure.value), found, se, sp))
    return _Done(
        figure.model_copy(update={**update, "one_sided": False}),
        _standard_error(error, found.raw, se, sp),
        tuple(named + note for note in notes),
    )


def _corrected(figure: Figure, request: EstimateRequest, se: Rate, sp: Rate) -> Corrected:
    assert figure.value is not None
    level = request.level
    if request.interval is not None:
        assert figure.low is not None
        assert figure.high is not None
        limits = Limits(figure.low, figure.high)
        return correct_known(figure.value, limits, sensitivity=se, specificity=sp, method=figure.method)
    if not _has_design(request):
        return correct_simple(figure.positives or 0, figure.n or 0, sensitivity=se, specificity=sp, level=level)
    n_eff = figure.n_eff if figure.n_eff is not None else 1e12  # counted in full: nothing is left to chance
    return correct_design(figure.value, n_eff, sensitivity=se, specificity=sp, level=level)


def _has_design(r: EstimateRequest) -> bool:
    known = r.poststratify or r.rake or r.calibrate or r.replicates
    return bool(r.weights or r.probability or r.strata or r.clusters or r.fpc or known)


def _sensitivity_rows(apparent: float, found: Corrected, se: Rate, sp: Rate) -> tuple[str, ...]:
    """What the share would be at the ends of what the validation leaves open, and were gold itself wrong."""
    rows = []
    if not (se.known and sp.known):
        (se_low, se_high), (sp_low, sp_high) = _range(se), _range(sp)
        ends = [_share(apparent, a, b) for a in (se_low, se_high) for b in (sp_low, sp_high)]
        rows.append(
            f"Sensitivity range: with sensitivity {se_low:.4g} to {se_high:.4g} and specificity {sp_low:.4g} to"
            f" {sp_high:.4g} (their own 95 % limits) the share lies between {min(ends):.4g} and {max(ends):.4g}."
        )
    right_se, right_sp = correct_gold(se.value, sp.value, error=GOLD_ERROR)
    rows.append(
        f"Error of gold: were {GOLD_ERROR:.0%} of the gold items of each class of the other class, the share would be"
        f" {_share(apparent, right_se, right_sp):.4g}."
    )
    return tuple(rows)


def correct_gold(sensitivity: float, specificity: float, *, error: float) -> tuple[float, float]:
    """Sensitivity and specificity against the truth, when `error` of each gold class belongs to the other.

    Solves Se' = (1-e)Se + e(1-Sp) and Sp' = (1-e)Sp + e(1-Se): Se + Sp - 1 = (Se' + Sp' - 1)/(1 - 2e). Clipped to 0..1.
    """
    keep = 1 - 2 * error
    se = ((1 - error) * sensitivity - error * (1 - specificity)) / keep
    sp = ((1 - error) * specificity - error * (1 - sensitivity)) / keep
    return min(max(se, 0.0), 1.0), min(max(sp, 0.0), 1.0)


def _share(apparent: float, se: float, sp: float) -> float:
    return 1.0 if se + sp <= 1 else min(max(rogan_gladen(apparent, se, sp), 0.0), 1.0)


def _range(rate: Rate) -> tuple[float, float]:
    if rate.known:
        return rate.value, rate.value
    limits = clopper_pearson(rate.right, rate.of, level=0.95)
    return limits.low, limits.high


def _standard_error(error: float | None, p: float, se: Rate, sp: Rate) -> float | None:
    if error is None:
        return None
    return math.sqrt(error**2 + (p * se.se) ** 2 + ((1 - p) * sp.se) ** 2) / (se.value + sp.value - 1)


def _transported(se: Rate, sp: Rate) -> str:
    return (
        f"Sensitivity {se} and specificity {sp} are transported from a validation elsewhere: the correction"
        f" holds only if"
        " the labeller errs here as it did there. People's labels of a probability subsample need no such assumption."
    )


def _listed(value: float | list[float | None] | None) -> list[float | None]:
    return value if isinstance(value, list) else [value]
