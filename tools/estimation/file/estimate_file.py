"""Estimates from a file of sampled rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation.difference import estimate_difference
from tools.estimation.domain import distribute_domain, sum_domain
from tools.estimation.factorise import Codes
from tools.estimation.file.assisted_file import estimate_assisted_file
from tools.estimation.file.correct_report import correct_report
from tools.estimation.file.make_report import DomainEstimate, decline, make_report
from tools.estimation.file.outcome import Outcome, outcome_columns, read_outcome, split_condition
from tools.estimation.file.report import EstimateReport
from tools.estimation.file.request import EstimateRequest, check_request
from tools.estimation.file.sample_file import SampleFile, open_sample
from tools.estimation.file.survey_file import check_lonely, design_columns, read_survey
from tools.estimation.mean import estimate_mean
from tools.estimation.proportion import estimate_proportion
from tools.estimation.quantile import estimate_quantile
from tools.estimation.quantile_difference import estimate_quantile_difference
from tools.estimation.ratio import estimate_ratio
from tools.estimation.replicates import Progress, silent
from tools.estimation.survey import Survey
from tools.estimation.tables import Ints
from tools.estimation.total import estimate_total

MOST_VALUES = 10_000


def estimate_file(path: Path, request: EstimateRequest, *, progress: Progress = silent) -> EstimateReport:
    """Every figure of a request, with the design it rests on.

    `progress` is told each step and the share done, 0..1.

    Raises:
        InvalidInput: parts that do not fit together, a column, row or label that cannot be read as asked, a stratum
            with one cluster under `--lonely fail`.
        Declined: `no_data`, no row of the domain has an outcome; `underpowered` or `uncorrectable`, the design does not
            carry a single figure.
    """
    check_request(request)
    if request.prediction is not None:
        return estimate_assisted_file(path, request, progress=progress)
    progress(f"reading {path.name}", 0.0)
    split = request.by or request.compare
    with open_sample(path) as sample:
        conditions = [split_condition(text, sample.header, file=path.name) for text in request.where]
        columns = outcome_columns(request, sample.header, file=path.name)
        split_by = [split] if split is not None else []
        sample.read([*columns.names, *design_columns(request), *(name for name, _ in conditions), *split_by])
        if sample.rows == 0:
            raise Declined(f"{path.name} has no row.", reason="no_data", rule="no_rows", value=path.name)
        survey = read_survey(sample, request, progress=progress)
        place = _Place(sample, survey, read_outcome(sample, columns), request)
        inside = _inside(sample, conditions)
        groups = None if split is None else sample.labels(split, missing=True)
    progress("estimating", 0.5)
    if request.compare is not None:
        assert groups is not None
        report = _compare(place, inside, groups)
    elif groups is not None:
        report = _by(place, inside, groups, progress=progress)
    else:
        report = make_report([_one(place, inside)], survey, request, notes=_notes(place))
    progress("done", 1.0)
    return correct_report(report, request)


@dataclass(frozen=True, eq=False)
class _Place:
    """What every domain is estimated from."""

    sample: SampleFile
    survey: Survey
    outcome: Outcome
    request: EstimateRequest


def _one(place: _Place, rows: Ints | None, slice_: dict[str, Any] | None = None) -> DomainEstimate:
    """One domain. Rows without outcome count as rows of the domain, not of the estimate."""
    survey, outcome, request = place.survey, place.outcome, place.request
    check_lonely(survey, rows, request)
    slice_ = slice_ or {}
    if request.statistic == "quantile":
        assert request.q is not None
        values = distribute_domain(survey, outcome.y, rows=rows)
        found = estimate_quantile(values, request.q, design=survey.design, level=request.level)
        lines = survey.rows if rows is None else len(rows)
        return DomainEstimate(found, slice_, lines - found.n)
    domain = sum_domain(survey, outcome.y, x=outcome.x, rows=rows)
    estimate = {
        "mean": estimate_mean,
        "total": estimate_total,
        "ratio": estimate_ratio,
        "proportion": estimate_proportion,
    }[request.statistic]
    found = estimate(domain.totals, design=survey.design, level=request.level, interval=request.interval)
    return DomainEstimate(found, slice_, domain.missing)


def _by(place: _Place, inside: Ints | None, groups: Codes, *, progress: Progress) -> EstimateReport:
    """A figure for each value, in sort order."""
    request = place.request
    assert request.by is not None
    parts = list(_split(place.survey, inside, groups))
    if len(parts) > MOST_VALUES:
        raise InvalidInput(
            f"The column {request.by!r} has {len(parts):,} values; --by takes at most {MOST_VALUES:,}.",
            code="too_many_values",
            value=request.by,
        )
    found = []
    for done, (label, rows) in enumerate(parts):
        progress("estimating", 0.5 + 0.5 * done / len(parts))
        found.append(_one(place, rows, {request.by: label}))
    return make_report(found, place.survey, request, notes=_notes(place) + _left_out(inside, groups, request.by))


def _compare(place: _Place, inside: Ints | None, groups: Codes) -> EstimateReport:
    """New minus old, new, old; the new value is the last in sort order."""
    request, survey, outcome = place.request, place.survey, place.outcome
    assert request.compare is not None
    parts = list(_split(survey, inside, groups))
    if len(parts) != 2:
        raise InvalidInput(
            f"--compare needs a column with exactly two values; {request.compare!r} has {len(parts):,} here.",
            code="not_two_values",
            value=request.compare,
            allowed=[str(label) for label, _ in parts[:10]],
            hint="--where keeps some of them; --by shows them all.",
        )
    (old_label, old_rows), (new_label, new_rows) = parts
    old, new = (_one(place, rows, {request.compare: label}) for label, rows in parts)
    if request.statistic == "quantile":
        assert request.q is not None
        a, b = (distribute_domain(survey, outcome.y, rows=rows) for rows in (new_rows, old_rows))
        found = estimate_quantile_difference(a, b, request.q, design=survey.design, level=request.level)
    else:
        tables = [sum_domain(survey, outcome.y, x=outcome.x, rows=rows).totals for rows in (new_rows, old_rows)]
        found = estimate_difference(
            tables[0],
            tables[1],
            of=request.statistic,
            design=survey.design,
            level=request.level,
            interval=request.interval,
        )
    if found.undefined is not None:
        raise decline(found)
    difference = DomainEstimate(found, {request.compare: f"{new_label} - {old_label}"}, 0)
    notes = _notes(place) + _left_out(inside, groups, request.compare)
    return make_report([difference, new, old], survey, request, notes=notes)


def _split(survey: Survey, inside: Ints | None, groups: Codes) -> Iterator[tuple[Any, Ints]]:
    """Each value that a row of the domain has, in sort order, with its rows."""
    rows = np.arange(survey.rows) if inside is None else inside
    code = groups.code[rows]
    order = np.argsort(code, kind="stable")
    ends = np.flatnonzero(np.diff(code[order])) + 1
    for part in np.split(order, ends):
        if len(part) and code[part[0]] >= 0:
            label = groups.labels[code[part[0]]]
            yield (label.item() if isinstance(label, np.generic) else label), rows[part]


def _notes(place: _Place) -> tuple[str, ...]:
    """What holds for every figure."""
    negative = int((place.survey.weight <= 0).sum())
    if not negative:
        return place.outcome.notes
    who = "1 calibrated weight is" if negative == 1 else f"{negative:,} calibrated weights are"
    return (*place.outcome.notes, f"{who} not above 0; --rake keeps weights positive.")


def _left_out(inside: Ints | None, groups: Codes, column: str) -> tuple[str, ...]:
    code = groups.code if inside is None else groups.code[inside]
    absent = int((code < 0).sum())
    who = "1 row without a value" if absent == 1 else f"{absent:,} rows without a value"
    return (f"{who} of {column} {'is' if absent == 1 else 'are'} in no figure.",) if absent else ()


def _inside(sample: SampleFile, conditions: list[tuple[str, str]]) -> Ints | None:
    """Rows that meet every condition."""
    if not conditions:
        return None
    held = np.ones(sample.rows, dtype=bool)
    for name, value in conditions:
        held &= sample.equals(name, value) == 1
        if not held.any():
            raise Declined(
                f"No row of {sample.name} has " + " and ".join(f"{n}={v}" for n, v in conditions) + ".",
                reason="no_data",
                rule="empty_domain",
                value=f"{name}={value}",
                allowed=sample.some_values(name),
            )
    return np.flatnonzero(held)
