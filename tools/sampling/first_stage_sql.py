"""What the first stage draws, units or clusters, as SQL.

Most units are left out by the first byte of their hash; only the others get their random number in full.
"""

from __future__ import annotations

import math

from tools.sampling.designs import Panel, Poisson
from tools.sampling.plan import Plan
from tools.sampling.sql_literal import double
from tools.sampling.uniform import uniform_floor_sql, uniform_sql


def first_stage_sql(plan: Plan, relation: str, *, stage: str, seed: int) -> str:
    """`first`: k, u, pi, x of what is drawn from `relation`, which has k and x."""
    u, floor = uniform_sql("k", stage=stage, seed=seed), uniform_floor_sql("k", stage=stage, seed=seed)
    if isinstance(plan.design, Panel):
        return _panel(plan.design, relation, u=u)
    if plan.rule is None:
        return _equal(plan, relation, u=u, floor=floor)
    pi = plan.rule.sql("x")
    if isinstance(plan.design, Poisson):
        return (
            f"placed as (\n  select k, {u} as u, pi, x\n  from (select k, {pi} as pi, x from {relation})\n"
            f"  where {floor} < pi\n),\nfirst as materialized (\n  select * from placed where u < pi\n),\n"
        )
    return _pareto(plan, relation, pi=pi, u=u, floor=floor)


def enough(units: int, take: int) -> float:
    """A bound on u that leaves `take` units but for a chance below 1e-12 (then the draw fails), and little to sort."""
    return min(1.0, (take + 10 * math.sqrt(take) + 50) / units)


def _equal(plan: Plan, relation: str, *, u: str, floor: str) -> str:
    assert not isinstance(plan.design, Panel)
    pi = double(plan.design.n / plan.first_units)
    poisson = isinstance(plan.design, Poisson)
    bound = pi if poisson else double(enough(plan.first_units, plan.design.n))
    end = f"where u < {pi}" if poisson else f"order by u, k limit {plan.design.n}"
    return (
        f"placed as (\n  select k, {u} as u, {pi} as pi, x\n  from {relation} where {floor} < {bound}\n),\n"
        f"first as materialized (\n  select * from placed {end}\n),\n"
    )


def _pareto(plan: Plan, relation: str, *, pi: str, u: str, floor: str) -> str:
    assert not isinstance(plan.design, Panel)
    near = "" if math.isinf(plan.reach) else f"\n  where {floor} * (1e0 - pi) < {double(plan.reach)} * pi"
    order = "case when pi >= 1e0 then -1e0 else (r / (1e0 - r)) * ((1e0 - pi) / pi) end"
    placed = f"placed as (\n  select k, {u} as r, pi, x\n  from (select k, {pi} as pi, x from {relation}){near}\n),\n"
    ranked = f"select k, {order} as u, pi, x from placed order by u, k limit {plan.design.n}"
    if not plan.true:
        return placed + f"first as materialized (\n  {ranked}\n),\n"
    values = ", ".join(f"({double(size)}, {double(pi)})" for size, pi in plan.true.items())
    return placed + (
        f"true_pi (x, pi) as (values {values}),\n"
        f"first as materialized (\n  select k, u, coalesce(t.pi, q.pi) as pi, q.x\n"
        f"  from ({ranked}) as q left join true_pi as t on q.x = t.x\n),\n"
    )


def _panel(design: Panel, relation: str, *, u: str) -> str:
    """Units whose group entered at most `stay` - 1 waves ago."""
    groups = design.groups
    age = f"({design.wave % groups} + {groups} - floor(u * {double(float(groups))})::bigint) % {groups}"
    return (
        f"placed as (\n  select k, {u} as u, {double(design.share)} as pi, x\n  from {relation}\n),\n"
        f"first as materialized (\n  select * from placed where {age} < {design.stay}\n),\n"
    )
