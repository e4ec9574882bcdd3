"""A planned draw as one statement of DuckDB SQL. Every literal is a double: decimal ones are sixty times slower."""

from __future__ import annotations

import math

from tools.metrics.sql import quote
from tools.sampling.columns import Columns
from tools.sampling.designs import Clusters, Poisson
from tools.sampling.inclusion_probabilities import double
from tools.sampling.plan import Plan
from tools.sampling.source import Source
from tools.sampling.uniform import uniform_sql


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
        SQL that gives the frame's columns, then `_pi, _weight, _stratum, _cluster, _certainty`.
    """
    kind = source.columns[columns.id.column]
    names = ", ".join(f"{expression} as {quote(name)}" for name, expression in shown.items())
    return (
        f"with base as (\n  select {columns.sql}\n  from {source.relation}\n),\n"
        f"{drawn_sql(plan, stages=stages, seed=seed)}\n"
        f"select {names}, d.pi as _pi, 1e0 / d.pi as _weight, d.s as _stratum, d.c as _cluster, "
        f"d.pi >= 1e0 as _certainty\n"
        f"from {source.relation} as f join drawn as d on f.{columns.id.value} = d.k::{kind}\n"
        "order by d.u, d.c, d.v, d.k"
    )


def drawn_sql(plan: Plan, *, stages: tuple[str, str], seed: int) -> str:
    """The common table expressions down to `drawn`: k, u, v, pi, s, c; x for designs by size. They read `base`."""
    design = plan.design
    if isinstance(design, Clusters):
        return _clusters(plan, design, stages=stages, seed=seed)
    if plan.strata:
        return _stratified(plan, stage=stages[0], seed=seed)
    first = _first(plan, "base", poisson=isinstance(design, Poisson), stage=stages[0], seed=seed)
    return first + (
        "drawn as materialized (\n"
        "  select k, u, 0e0 as v, pi, null::varchar as s, null::varchar as c, x\n  from first\n)"
    )


def clusters_sql(unit: float) -> str:
    """The clusters of `base`: k, x (sum of sizes, the same in whatever order), m (units)."""
    return (
        f"clusters as (\n  select c as k, sum(floor(x * {double(unit)})::hugeint)::double / {double(unit)} as x, "
        "count(*) as m\n  from base group by c\n)"
    )


def _first(plan: Plan, relation: str, *, poisson: bool = False, stage: str, seed: int) -> str:
    """`first`: k, u, pi, x of what the first stage draws."""
    u = uniform_sql("k", stage=stage, seed=seed)
    if plan.rule is None:
        pi = double(plan.design.n / plan.first_units)
        placed = f"placed as (\n  select k, {u} as u, {pi} as pi, x\n  from {relation}\n),\n"
        end = f"where u < {pi}" if poisson else f"order by u, k limit {plan.design.n}"
        return placed + f"first as materialized (\n  select * from placed {end}\n),\n"
    placed = f"placed as (\n  select k, {u} as r, {plan.rule.sql('x')} as pi, x\n  from {relation}\n),\n"
    if poisson:
        return placed + "first as materialized (\n  select k, r as u, pi, x from placed where r < pi\n),\n"
    order = "case when pi >= 1e0 then -1e0 else (r / (1e0 - r)) * ((1e0 - pi) / pi) end"
    ranked = f"select k, {order} as u, pi, x from placed order by u, k limit {plan.design.n}"
    if not plan.true:
        return placed + f"first as materialized (\n  {ranked}\n),\n"
    values = ", ".join(f"({double(size)}, {double(pi)})" for size, pi in plan.true.items())
    return placed + (
        f"true_pi (x, pi) as (values {values}),\n"
        f"first as materialized (\n  select k, u, coalesce(t.pi, q.pi) as pi, q.x\n"
        f"  from ({ranked}) as q left join true_pi as t on q.x = t.x\n),\n"
    )


def _stratified(plan: Plan, *, stage: str, seed: int) -> str:
    """The first of each stratum by u."""
    rows = ", ".join(
        f"({_text(s)}, {units}::bigint, {take}::bigint, {double(_enough(units, take))})"
        for s, (units, take) in plan.strata.items()
    )
    return (
        f"allocation (s, units, take, enough) as (values {rows}),\n"
        f"placed as (\n  select k, s, {uniform_sql('k', stage=stage, seed=seed)} as u\n  from base\n),\n"
        "ranked as (\n  select *, row_number() over (partition by s order by u, k) as place\n"
        "  from placed join allocation using (s) where u < enough\n),\n"
        "drawn as materialized (\n"
        "  select k, u, 0e0 as v, take::double / units::double as pi, s, null::varchar as c, null::double as x\n"
        "  from ranked where place <= take\n)"
    )


def _enough(units: int, take: int) -> float:
    """A bound on u that leaves `take` units but for a chance below 1e-20 (then the draw fails), and little to sort."""
    return min(1.0, (take + 10 * math.sqrt(take) + 50) / units)


def _clusters(plan: Plan, design: Clusters, *, stages: tuple[str, str], seed: int) -> str:
    """Drawn clusters, then all their units or the first of each by the second stage's number."""
    first = f"{clusters_sql(plan.unit)},\n" + _first(plan, "clusters", stage=stages[0], seed=seed)
    if design.per_cluster is None:
        return first + (
            "drawn as materialized (\n  select b.k, u, 0e0 as v, pi, null::varchar as s, b.c, f.x\n"
            "  from base as b join first as f on b.c = f.k\n)"
        )
    return first + (
        f"placed_units as (\n  select b.k, u, {uniform_sql('b.k', stage=stages[1], seed=seed)} as v, pi, b.c, f.x\n"
        "  from base as b join first as f on b.c = f.k\n),\n"
        "ranked as (\n  select *, row_number() over (partition by c order by v, k) as place, "
        "count(*) over (partition by c) as m\n  from placed_units\n),\n"
        "drawn as materialized (\n"
        f"  select k, u, v, pi * (least(m, {design.per_cluster})::double / m::double) as pi, null::varchar as s, c, x\n"
        f"  from ranked where place <= {design.per_cluster}\n)"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
