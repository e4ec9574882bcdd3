"""A planned draw as one statement of DuckDB SQL. Every literal is a double: decimal ones are sixty times slower."""

from __future__ import annotations

from tools.metrics.sql import quote
from tools.sampling.clusters_sql import draw_clusters_sql
from tools.sampling.columns import Columns
from tools.sampling.days_sql import draw_days_sql
from tools.sampling.designs import Daily
from tools.sampling.first_stage_sql import first_stage_sql
from tools.sampling.plan import Plan
from tools.sampling.source import Source
from tools.sampling.strata_sql import draw_strata_sql


def draw_sql(
    plan: Plan, columns: Columns, *, source: Source, shown: dict[str, str], stages: tuple[str, str], seed: int
) -> str:
    """Every drawn row with its probability, ordered by its random number (certainty units first).

    Args:
        plan: the design on this frame.
        columns: what it reads.
        source: the frame.
        shown: column -> expression, of the frame's columns in the output.
        stages: names of the first and the second stage.
        seed: the seed.

    Returns:
        SQL that gives the frame's columns, then `_pi, _weight, _stratum, _cluster, _certainty`, `_days` in unions, and
        `_predicted` where a score's steps say what is expected.
    """
    kind = source.columns[columns.id.column]
    names = ", ".join(f"{expression} as {quote(name)}" for name, expression in shown.items())
    pi = f"f.{quote(columns.prior)}::double * d.pi" if columns.prior else "d.pi"
    same = f"f.{columns.id.value} = d.k::{kind}" + (
        f" and f.{quote(columns.day)}::varchar = d.s" if columns.day else ""
    )
    stratum = "d.s" if not isinstance(plan.design, Daily) or plan.design.union == "multiplicity" else "null::varchar"
    more, frame = ", d.m as _days" if plan.days else "", source.relation
    if columns.size and columns.size.predicts:
        more += ", f._predicted"
        frame = f"(select *, {columns.size.predicted_sql} as _predicted from {source.relation})"
    return (
        f"with base as (\n  select {columns.sql}\n  from {source.relation}\n),\n"
        f"{drawn_sql(plan, stages=stages, seed=seed)}\n"
        f"select {names}, {pi} as _pi, {_weight(plan, pi)} as _weight, {stratum} as _stratum, d.c as _cluster, "
        f"{pi} >= 1e0 as _certainty{more}\n"
        f"from {frame} as f join drawn as d on {same}\n"
        "order by d.u, d.c, d.v, d.k, d.s"
    )


def drawn_sql(plan: Plan, *, stages: tuple[str, str], seed: int) -> str:
    """The common table expressions down to `drawn`: k, u, v, pi, s, c; x for designs by size. They read `base`."""
    if getattr(plan.design, "cluster", None) is not None:
        return draw_clusters_sql(plan, stages=stages, seed=seed)
    if plan.strata:
        return draw_strata_sql(plan, stage=stages[0], seed=seed)
    if plan.days:
        return draw_days_sql(plan, seed=seed)
    return first_stage_sql(plan, "base", stage=stages[0], seed=seed) + (
        "drawn as materialized (\n"
        "  select k, u, 0e0 as v, pi, null::varchar as s, null::varchar as c, x\n  from first\n)"
    )


def _weight(plan: Plan, pi: str) -> str:
    multiple = isinstance(plan.design, Daily) and plan.design.union == "multiplicity"
    return f"1e0 / ({pi} * d.m::double)" if multiple else f"1e0 / ({pi})"
