"""A metric estimated from a sample: moments per cluster or stratum in SQL, the estimate from `tools.estimation`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tools.errors import Declined
from tools.metrics.cut import Cut
from tools.metrics.definitions import Count, Dataset, Metric, Percentile, Prevalence, Proportion, Ratio, Sum
from tools.metrics.outcome import CellKey, Outcome, scale_of
from tools.metrics.sample_design import SampleDesign, design_of
from tools.metrics.sample_sql import moments_sql
from tools.metrics.sample_totals import MomentRows, distribution_of, totals_of
from tools.metrics.session import Session, cell_key
from tools.metrics.sql import Values

if TYPE_CHECKING:
    from tools.estimation import Estimand, Estimate, Totals


@dataclass(frozen=True)
class SampleCell:
    """What an estimate was made from, so that differences and shares can keep the covariance."""

    of: Estimand
    totals: Totals
    design: SampleDesign
    dataset: str
    scale: float = 1.0


def sample_cells(metric: Metric, cut: Cut, session: Session) -> dict[CellKey, Outcome]:
    """Every cell that has a sampled row, with its interval.

    Raises:
        Declined: `uncorrectable`, the design cannot carry the estimate.
    """
    dataset = session.catalog.datasets_of(metric.name)[0]
    design = design_of(dataset, session)
    if isinstance(metric, (Count, Sum)) and not design.stated_weights:
        raise Declined(
            f"{metric.name!r} is a total of the frame, and the sample {dataset.name} has neither weights nor a "
            "population count to scale up by.",
            reason="uncorrectable",
            hint="Add `weight`, `probability` or `fpc` to its design.",
        )
    values = Values()
    selection = session.select(dataset.name, cut, values, metric)
    width = len(cut.keys) + (cut.grain is not None)
    grouped: dict[CellKey, list[tuple[Any, ...]]] = {} if width else {(): []}
    # Groups come in any order; sums of floats depend on it, and the same question must give the same digits.
    for row in sorted(session.run(moments_sql(metric, selection), values).rows, key=repr):
        grouped.setdefault(cell_key(row[:width]), []).append(row[width:])
    units = _units(metric, cut, session, dataset)
    return {
        key: _guarded(_estimate(metric, rows, design, dataset, session), metric, units.get(key, 0), session)
        for key, rows in grouped.items()
    }


def _estimate(metric: Metric, rows: MomentRows, design: SampleDesign, dataset: Dataset, session: Session) -> Outcome:
    clustered = dataset.design is not None and dataset.design.cluster is not None
    if isinstance(metric, Percentile):
        from tools.estimation import estimate_quantile  # start-up

        values = distribution_of(rows, design, clustered=clustered)
        return from_estimate(estimate_quantile(values, metric.q, design=design.design, level=session.level))
    totals = totals_of(metric, rows, design, clustered=clustered)
    cell = SampleCell(_estimand(metric), totals, design, dataset.name, scale_of(metric))
    return estimate_cell(cell, level=session.level)


def _guarded(outcome: Outcome, metric: Metric, units: int, session: Session) -> Outcome:
    if not session.guarded:
        return outcome
    positives = (outcome.positives or 0,) if isinstance(metric, (Proportion, Prevalence)) else ()
    return replace(outcome, guard=(units, *positives))


def estimate_cell(cell: SampleCell, *, level: float) -> Outcome:
    """The estimate of one cell as an outcome."""
    from tools.estimation import estimate_mean, estimate_proportion, estimate_ratio, estimate_total

    estimate = {
        "mean": estimate_mean,
        "total": estimate_total,
        "ratio": estimate_ratio,
        "proportion": estimate_proportion,
    }[cell.of](cell.totals, design=cell.design.design, level=level)
    return replace(from_estimate(estimate, scale=cell.scale), sample=cell)


def from_estimate(estimate: Estimate, *, scale: float = 1.0) -> Outcome:
    """An estimate as an outcome; `scale` for rates per 1,000."""

    def scaled(x: float | None) -> float | None:
        return None if x is None else x * scale

    defined = estimate.undefined is None
    return Outcome(
        value=scaled(estimate.value),
        undefined=estimate.undefined,
        low=scaled(estimate.low),
        high=scaled(estimate.high),
        level=estimate.level if defined else None,
        n=estimate.n,
        n_eff=estimate.n_eff if defined else None,
        positives=estimate.positives,
        sampled=True,
        method=estimate.method,
        one_sided=estimate.one_sided,
        se=scaled(estimate.se),
        df=estimate.df,
        notes=estimate.notes,
    )


def _estimand(metric: Metric) -> Estimand:
    if isinstance(metric, (Count, Sum)):
        return "total"
    if isinstance(metric, (Proportion, Prevalence)):
        return "proportion"
    return "ratio" if isinstance(metric, Ratio) else "mean"


def _units(metric: Metric, cut: Cut, session: Session, dataset: Dataset) -> dict[CellKey, int]:
    if not session.guarded:
        return {}
    filled = metric.positive.column if isinstance(metric, (Proportion, Prevalence)) else getattr(metric, "column", "")
    return session.count_units(dataset.name, cut, metric, filled=filled)
