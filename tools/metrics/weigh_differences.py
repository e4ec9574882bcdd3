"""Whether two full counts differ by more than chance: the period as a sample of the process behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.metrics.definitions import Metric, Prevalence, Proportion, Ratio
from tools.metrics.find_actor import find_actor
from tools.metrics.influence_sql import PARTS, influence_sql, is_total, why_not_tested
from tools.metrics.outcome import CellKey, is_part_of_whole, scale_of, unit_of
from tools.metrics.panel import Panel
from tools.metrics.query import ProcessTest
from tools.metrics.sample_design import is_sampled
from tools.metrics.session import Session, cell_key
from tools.metrics.sql import Values

if TYPE_CHECKING:
    from tools.estimation.process_difference import ProcessSide
    from tools.figure import Figure


def weigh_differences(
    panel: Panel, keys: Sequence[CellKey], figures: Sequence[Sequence[Figure]], session: Session
) -> tuple[ProcessTest, ...]:
    """A test of each difference of a comparison of full counts; none for samples, whose differences have intervals.

    Args:
        figures: by key, [difference, new, old]; what they hide or leave undefined is not tested either.
    """
    if panel.old is None or is_sampled(panel.metric, session) or not figures:
        return ()
    reason = "shares of a total have no test on full counts" if panel.shared else why_not_tested(panel.metric, session)
    ids = [row[0].id for row in figures]
    if reason is not None:
        return tuple(ProcessTest(figure=i, level=session.level, undefined=reason) for i in ids)
    found = _tested(panel, session)
    actor = find_actor(session.catalog.base_dataset(panel.metric.name).name, session.catalog)
    return tuple(
        found[key].model_copy(update={"figure": row[0].id, "clusters_of": actor.word if actor is not None else None})
        for key, row in zip(keys, figures, strict=True)
        if key in found and row[0].value is not None
    )


def _tested(panel: Panel, session: Session) -> dict[CellKey, ProcessTest]:
    other = panel.old_cut if panel.old_cut is not None else replace(panel.cut, period=panel.old_period)
    values = Values()
    sql = influence_sql(panel.metric, (panel.cut, other), session, values)
    width = len(panel.cut.keys)
    rows = session.run(sql, values).rows
    return {cell_key(row[:width]): _test(panel.metric, row[width:], session) for row in rows}


def _test(metric: Metric, row: Sequence[Any], session: Session) -> ProcessTest:
    from tools.estimation.process_difference import estimate_process_difference  # start-up: scipy

    width = len(PARTS)
    first, second = (_side(metric, dict(zip(PARTS, row[i : i + width], strict=True))) for i in (0, width))
    if first is None or second is None:
        return ProcessTest(level=session.level, undefined="one side has no rows")
    clusters, covariance, fourth = row[2 * width :]
    found = estimate_process_difference(
        first, second, clusters=int(clusters), covariance=float(covariance), fourth=float(fourth),
        is_total=is_total(metric), level=session.level,
    )  # fmt: skip
    scale = scale_of(metric)
    return ProcessTest(
        low=None if found.low is None else found.low * scale,
        high=None if found.high is None else found.high * scale,
        level=found.level,
        clusters=int(clusters),
        deff=found.deff,
        df=found.df,
        undefined=found.undefined,
    )


def _side(metric: Metric, parts: dict[str, Any]) -> ProcessSide | None:
    from tools.estimation.process_difference import ProcessSide  # start-up: scipy

    if parts["value"] is None:
        return None
    share = isinstance(metric, (Proportion, Prevalence))
    share = share or (isinstance(metric, Ratio) and is_part_of_whole(metric) and unit_of(metric) == "share")
    return ProcessSide(
        value=float(parts["value"]),
        n=round(parts["base"]) if share else int(parts["n"]),
        positives=round(parts["positives"]) if share else None,
        clusters=int(parts["clusters"]),
        variance=float(parts["variance"] or 0),
        rows_variance=float(parts["rows_variance"] or 0),
    )
