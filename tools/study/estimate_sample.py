"""The estimator of a study: drawn units and their verdicts in, figures out. Pure: no files, no clock, no warehouse.

Within stratum h with N_h units, n_h drawn and r_h of them settled, every settled unit stands for N_h / r_h units: those
without a settled label are taken to be like the others of their stratum (Särndal, Swensson and Wretman 1992, section
15.6, with strata as response groups). With r_h = n_h that is the design weight. The share is Σwy / Σw; its variance and
interval are those of `tools.estimation` for a stratified sample of r_h of N_h; strata and breakdown values are domains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tools.errors import Declined
from tools.estimation import Estimate, estimate_proportion, sum_rows
from tools.figure import Basis, Figure, Period
from tools.study.drawn import DrawnItem
from tools.study.estimate import OVERALL, TOTAL, WORST, Cell, Precision, Response
from tools.study.settle_labels import Verdict
from tools.study.significant import significant

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Measure:
    """What the figures are called and said of.

    Attributes:
        metric, version: of the policy. level: of every interval. basis: whose labels.
        units: stratum -> units of the frame; the key is empty for a simple random sample.
        strata: the column of the stratum, None without one. breakdowns: columns.
        period, as_of: days that the frame covers, and its newest.
        max_missing: the largest share of drawn units without a settled label.
    """

    metric: str
    version: int
    level: float
    basis: Basis
    units: Mapping[str, int]
    strata: str | None = None
    breakdowns: tuple[str, ...] = ()
    period: Period | None = None
    as_of: date | None = None
    max_missing: float = 0.0


@dataclass(frozen=True)
class SampleEstimate:
    """Figures with what stands behind each, how sure the first is, and how complete the labels are (all first)."""

    figures: tuple[Figure, ...]
    precision: Precision
    cells: Mapping[str, Cell]
    response: tuple[Response, ...]
    notes: tuple[str, ...] = field(default=())


def estimate_sample(
    drawn: Sequence[DrawnItem],
    verdicts: Mapping[str, Verdict],
    measure: Measure,
    *,
    actors: Mapping[str, str] | None = None,
) -> SampleEstimate:
    """The share of positive units, their number, each stratum and each breakdown value.

    Args:
        drawn: all drawn units.
        verdicts: unit -> verdict; one that is left out is unlabelled.
        measure: as above.
        actors: unit -> whom it is about, to count people in a cell; None counts units.

    Raises:
        Declined: more units than `max_missing` allows, or all of a stratum, have no settled label.
    """
    response = count_response(drawn, verdicts)
    _check_response(response, measure)
    settled = [item for item in drawn if _is_settled(item, verdicts)]
    rows = _Rows(settled, verdicts, measure)
    overall = rows.estimate(None)
    figures = [_figure(OVERALL, overall, measure), _total(overall, measure)]
    cells = {OVERALL: rows.cell(None, actors), TOTAL: rows.cell(None, actors)}
    notes = list(overall.notes)
    for group, name, values in _groups(settled, measure):
        for number, value in enumerate(sorted(set(values), key=lambda v: (v is None, v or "")), start=1):
            domain = np.array([each == value for each in values], dtype=np.bool_)
            id = f"{group}.{number}"
            figures.append(_figure(id, rows.estimate(domain), measure, slice_={name: value}))
            cells[id] = rows.cell(domain, actors)
    if response[0].missing:
        figures.append(_worst_case(drawn, verdicts, overall, measure))
        cells[WORST] = cells[OVERALL]
    return SampleEstimate(tuple(figures), _precision(overall), cells, tuple(response), tuple(notes))


def count_response(drawn: Sequence[DrawnItem], verdicts: Mapping[str, Verdict]) -> list[Response]:
    """How far the drawn units have settled labels: all of them first, then by stratum where there are strata."""
    by_stratum: dict[str, Counter[Verdict]] = {}
    for item in drawn:
        by_stratum.setdefault(item.stratum, Counter())[verdicts.get(item.id, "unlabelled")] += 1
    total: Counter[Verdict] = sum(by_stratum.values(), Counter())
    found = [_response(None, total)]
    return found + [_response(name, by_stratum[name]) for name in sorted(by_stratum) if name]


def _response(stratum: str | None, counts: Counter[Verdict]) -> Response:
    return Response(
        stratum=stratum,
        drawn=counts.total(),
        settled=counts["positive"] + counts["negative"],
        unresolved=counts["unresolved"],
        unlabelled=counts["unlabelled"],
    )


def _check_response(response: Sequence[Response], measure: Measure) -> None:
    whole = response[0]
    if whole.missing > measure.max_missing * whole.drawn:
        needed = whole.missing - int(measure.max_missing * whole.drawn)
        raise Declined(
            f"{whole.missing:,} of {whole.drawn:,} drawn units have no settled label ({whole.unlabelled:,} without an "
            f"answer, {whole.unresolved:,} unresolved); max_missing allows {measure.max_missing:.1%}.",
            reason="underpowered",
            rule="max_missing",
            value=whole.missing,
            hint=f"Settle {needed:,} more: transect study label. An estimate before that would be of the units that "
            "were easy to label.",
        )
    for each in response[1:]:
        if each.settled < min(2, each.drawn):
            raise Declined(
                f"The stratum {each.stratum!r} has {each.settled} settled labels of {each.drawn:,} drawn units, and an "
                "interval takes 2.",
                reason="underpowered",
                rule="empty_stratum",
                value=each.stratum,
                hint="Settle more of it: transect study label.",
            )


class _Rows:
    """The settled units as columns."""

    def __init__(self, settled: Sequence[DrawnItem], verdicts: Mapping[str, Verdict], measure: Measure) -> None:
        self._items = settled
        self._level = measure.level
        self._y = np.array([verdicts[item.id] == "positive" for item in settled], dtype=np.float64)
        self._stratum = np.array([item.stratum for item in settled])
        count = Counter(item.stratum for item in settled)
        self._population = np.array([measure.units[item.stratum] for item in settled], dtype=np.float64)
        self._weight = self._population / np.array([count[item.stratum] for item in settled])

    def estimate(self, domain: Bools | None) -> Estimate:
        return _estimate(self._y, self._weight, self._stratum, self._population, domain=domain, level=self._level)

    def cell(self, domain: Bools | None, actors: Mapping[str, str] | None) -> Cell:
        inside = np.ones(len(self._y), dtype=np.bool_) if domain is None else domain
        items = [item for item, is_in in zip(self._items, inside, strict=True) if is_in]
        people = {actors.get(item.id, item.id) for item in items} if actors else items
        return Cell(units=len(people), positives=int(self._y[inside].sum()))


def _estimate(
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    stratum: NDArray[np.str_],
    population: NDArray[np.float64],
    *,
    domain: Bools | None,
    level: float,
) -> Estimate:
    sample = sum_rows(y, weights=weight, strata=stratum, population=population, domain=domain)
    return estimate_proportion(sample.totals, design=sample.design, level=level)


def _is_settled(item: DrawnItem, verdicts: Mapping[str, Verdict]) -> bool:
    return verdicts.get(item.id) in ("positive", "negative")


def _groups(settled: Sequence[DrawnItem], measure: Measure) -> list[tuple[str, str, list[str | None]]]:
    """(id, column, value of each row) for the strata, then the breakdowns."""
    groups: list[tuple[str, str, list[str | None]]] = []
    if measure.strata is not None:
        groups.append(("strata", measure.strata, [item.stratum for item in settled]))
    for name in measure.breakdowns:
        groups.append((f"by_{name}", name, [item.values[name] for item in settled]))
    return groups


def _worst_case(
    drawn: Sequence[DrawnItem], verdicts: Mapping[str, Verdict], overall: Estimate, measure: Measure
) -> Figure:
    """Limits that hold whatever the labels of the units without a settled one would have been."""
    limits = []
    either: tuple[Verdict, Verdict] = ("negative", "positive")
    for assumed in either:
        filled = {item.id: verdicts[item.id] if _is_settled(item, verdicts) else assumed for item in drawn}
        limits.append(_Rows(drawn, filled, measure).estimate(None))
    missing = sum(not _is_settled(item, verdicts) for item in drawn)
    low, high = limits[0].low, limits[1].high
    return _figure(WORST, overall, measure).model_copy(
        update={
            "low": None if low is None else significant(low),
            "high": None if high is None else significant(high),
            "one_sided": False,
            "n": len(drawn),
            "n_eff": None,
            "method": f"low if all {missing:,} units without a settled label were negative, high if all were positive",
        }
    )


def _total(overall: Estimate, measure: Measure) -> Figure:
    """The number of positive units: N is known, so the limits are N times those of the share."""
    units = sum(measure.units.values())
    share = _figure(TOTAL, overall, measure)
    scaled = {
        key: significant(units * value)
        for key in ("value", "low", "high")
        if (value := getattr(overall, key)) is not None
    }
    return share.model_copy(update={**scaled, "metric": f"{measure.metric}_total", "unit": "count"})


def _precision(overall: Estimate) -> Precision:
    se, deff, df = (None if v is None else significant(v) for v in (overall.se, overall.deff, overall.df))
    return Precision(se=se, deff=deff, df=df)


def _figure(id: str, found: Estimate, measure: Measure, *, slice_: dict[str, str | None] | None = None) -> Figure:
    values = {
        key: None if (value := getattr(found, key)) is None else significant(value)
        for key in ("value", "low", "high", "n_eff")
    }
    return Figure(
        id=id,
        metric=measure.metric,
        version=measure.version,
        **values,
        level=found.level,
        unit="share",
        n=found.n,
        positives=found.positives,
        basis=measure.basis,
        method=found.method,
        period=measure.period,
        slice=slice_ or {},
        as_of=measure.as_of,
        undefined=found.undefined,
        one_sided=found.one_sided,
    )
