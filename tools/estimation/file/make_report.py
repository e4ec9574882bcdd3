"""Estimates of domains as figures and the design they rest on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tools.errors import Declined, Reason
from tools.estimation.estimate import Estimate
from tools.estimation.file.report import DesignReport, EstimateReport
from tools.estimation.file.request import EstimateRequest
from tools.estimation.replicates import count_replicates
from tools.estimation.statistic import lacks_clusters
from tools.estimation.survey import Survey
from tools.estimation.unit_design import UnitDesign
from tools.figure import Figure, Unit

_UNITS: dict[str, Unit] = {
    "mean": "count",
    "total": "count",
    "quantile": "count",
    "proportion": "share",
    "ratio": "ratio",
}
_VARIANCES = {
    "wr": "linearised",
    "brewer": "linearised, unequal probabilities (Brewer)",
    "hartley-rao": "linearised, unequal probabilities (Hartley-Rao)",
    "overton": "linearised, unequal probabilities (Overton)",
    "yates-grundy": "linearised, joint probabilities (Yates-Grundy)",
    "ht": "linearised, joint probabilities (Horvitz-Thompson)",
    "poisson": "linearised, Poisson sampling",
}


@dataclass(frozen=True)
class DomainEstimate:
    """One figure's estimate; `missing` rows of the domain had no outcome."""

    estimate: Estimate
    slice: dict[str, Any]
    missing: int


def make_report(
    found: Sequence[DomainEstimate], survey: Survey, request: EstimateRequest, *, notes: Sequence[str] = ()
) -> EstimateReport:
    """The report of one figure, or of several.

    Raises:
        Declined: not one figure is defined.
    """
    if all(each.estimate.undefined is not None for each in found):
        raise decline(found[0].estimate)
    several = request.by is not None or request.compare is not None
    first = survey.first
    replicates = survey.design.replicates if isinstance(survey.design, UnitDesign) else None

    def listed(read: Callable[[Estimate], Any]) -> Any:
        values = [read(each.estimate) for each in found]
        return values if several else values[0]

    return EstimateReport(
        figures=tuple(_figure(i, each, request) for i, each in enumerate(found, start=1)),
        design=DesignReport(
            strata=len(first.stratum),
            clusters=int(first.clusters.sum()),
            df=listed(lambda e: e.df),
            n=listed(lambda e: e.n),
            n_eff=listed(lambda e: e.n_eff),
            deff=listed(lambda e: e.deff),
            se=listed(lambda e: e.se),
            replicates=None if replicates is None else count_replicates(replicates, first.clusters),
        ),
        method=_method(found, survey, request),
        notes=_notes(found, notes),
    )


def _figure(number: int, each: DomainEstimate, request: EstimateRequest) -> Figure:
    e = each.estimate
    return Figure(
        id=f"f{number}",
        metric=_name(request),
        value=e.value,
        low=e.low,
        high=e.high,
        level=e.level if e.undefined is None else None,
        unit=_UNITS[request.statistic],
        n=e.n,
        n_eff=e.n_eff,
        positives=e.positives if request.statistic == "proportion" else None,
        basis="sample",
        method=e.method,
        slice=each.slice,
        undefined=e.undefined,
        one_sided=e.one_sided,
    )


def _name(request: EstimateRequest) -> str:
    if request.statistic == "ratio":
        return f"ratio({request.column} / {request.denominator})"
    if request.statistic == "quantile":
        return f"quantile({request.column}, {request.q:g})"
    return f"{request.statistic}({request.column})"


def _method(found: Sequence[DomainEstimate], survey: Survey, request: EstimateRequest) -> str:
    """How the variance was made, then the intervals."""
    words = [_VARIANCES[request.method]]
    if request.replicates is not None:
        words = [{"jackknife": "jackknife (delete one cluster)", "bootstrap": "bootstrap (Rao-Wu)"}[request.replicates]]
    elif request.method == "wr":
        stages = len(request.fpc)
        words.append(f"population correction at {stages} stages" if stages > 1 else "population correction")
        words = words if stages else [*words[:1], "first-stage units as if drawn with replacement"]
    for name in ("poststratify", "rake", "calibrate"):
        if getattr(request, name) is not None:
            words.append({"poststratify": "post-stratified", "rake": "raked", "calibrate": "calibrated (GREG)"}[name])
    intervals = dict.fromkeys(each.estimate.method for each in found if each.estimate.undefined is None)
    return f"{'; '.join(words)}; interval {', '.join(intervals)}"


def _notes(found: Sequence[DomainEstimate], notes: Sequence[str]) -> tuple[str, ...]:
    missing = sum(each.missing for each in found)
    who = "1 row has no outcome and leaves" if missing == 1 else f"{missing:,} rows have no outcome and leave"
    listed = [f"{who} the estimate as a domain does."] if missing else []
    several = len(found) > 1
    for each in found:
        named = ", ".join(f"{k} {v}: " for k, v in each.slice.items()) if several else ""
        listed += [named + note for note in each.estimate.notes]
        if each.estimate.undefined is not None:
            listed.append(f"{named}{each.estimate.undefined}.")
    return tuple(dict.fromkeys([*listed, *notes]))


def decline(estimate: Estimate) -> Declined:
    """Why there is no figure at all."""
    reason: Reason = "uncorrectable"
    why = estimate.undefined or ""
    if "no rows" in why:
        return Declined("No row of the domain has an outcome.", reason="no_data", rule="no_outcome")
    if lacks_clusters(why) or "leaving out" in why:
        reason = "underpowered"
    return Declined(f"Nothing can be estimated: {why}.", reason=reason, rule="variance", value=why)
