"""A draw of clusters as SQL."""

from __future__ import annotations

from tools.sampling.designs import Clusters
from tools.sampling.first_stage_sql import first_stage_sql
from tools.sampling.plan import Plan
from tools.sampling.sql_literal import double
from tools.sampling.uniform import uniform_sql


def clusters_sql(unit: float) -> str:
    """The clusters of `base`: k, x (sum of sizes, the same in whatever order), m (units)."""
    return (
        f"clusters as (\n  select c as k, sum(floor(x * {double(unit)})::hugeint)::double / {double(unit)} as x, "
        "count(*) as m\n  from base group by c\n)"
    )


def draw_clusters_sql(plan: Plan, *, stages: tuple[str, str], seed: int) -> str:
    """`drawn`: all units of the drawn clusters, or the first of each by the second stage's number; m of the cluster."""
    first = f"{clusters_sql(plan.unit)},\n" + first_stage_sql(plan, "clusters", stage=stages[0], seed=seed)
    take = plan.design.per_cluster if isinstance(plan.design, Clusters) else None
    if take is None:
        return first + (
            "drawn as materialized (\n  select b.k, u, 0e0 as v, pi, null::varchar as s, b.c, f.x, "
            "1::bigint as m\n  from base as b join first as f on b.c = f.k\n)"
        )
    return first + (
        f"placed_units as (\n  select b.k, u, {uniform_sql('b.k', stage=stages[1], seed=seed)} as v, pi, b.c, f.x\n"
        "  from base as b join first as f on b.c = f.k\n),\n"
        "ranked as (\n  select *, row_number() over (partition by c order by v, k) as place, "
        "count(*) over (partition by c) as m\n  from placed_units\n),\n"
        "drawn as materialized (\n"
        f"  select k, u, v, pi * (least(m, {take})::double / m::double) as pi, null::varchar as s, c, x, m\n"
        f"  from ranked where place <= {take}\n)"
    )
