"""A stratified draw as SQL."""

from __future__ import annotations

from tools.sampling.first_stage_sql import enough
from tools.sampling.plan import Plan
from tools.sampling.sql_literal import double, quote_text
from tools.sampling.uniform import uniform_floor_sql, uniform_sql


def draw_strata_sql(plan: Plan, *, stage: str, seed: int) -> str:
    """`drawn`: the first of each stratum by u."""
    rows = ", ".join(
        f"({quote_text(s)}, {units}::bigint, {take}::bigint, {double(enough(units, take))})"
        for s, (units, take) in plan.strata.items()
    )
    floor = uniform_floor_sql("k", stage=stage, seed=seed)
    return (
        f"allocation (s, units, take, enough) as (values {rows}),\n"
        f"placed as (\n  select k, s, units, take, {uniform_sql('k', stage=stage, seed=seed)} as u\n"
        f"  from base join allocation using (s) where {floor} < enough\n),\n"
        "ranked as (\n  select *, row_number() over (partition by s order by u, k) as place\n  from placed\n),\n"
        "drawn as materialized (\n"
        "  select k, u, 0e0 as v, take::double / units::double as pi, s, null::varchar as c, null::double as x\n"
        "  from ranked where place <= take\n)"
    )
