"""The union of daily Poisson samples as SQL."""

from __future__ import annotations

from tools.sampling.designs import Daily
from tools.sampling.plan import DayPlan, Plan
from tools.sampling.sql_literal import double, quote_text
from tools.sampling.uniform import uniform_floor_sql, uniform_sql


def draw_days_sql(plan: Plan, *, seed: int) -> str:
    """`drawn`: k, its day as s, m days in the frame; one row a unit, or with multiplicity one a unit and day."""
    assert isinstance(plan.design, Daily)
    rows = ", ".join(_row(day, found) for day, found in plan.days.items())
    u = uniform_sql("k", stage="d", seed=seed, stage_column=True)
    floor = uniform_floor_sql("k", stage="d", seed=seed, stage_column=True)
    common = (
        f"days (d, top, bottom, certain_from) as (values {rows}),\n"
        "rated as (\n  select k, d, x, case when x >= certain_from then 1e0 when x is null then top / bottom "
        "else top * x / bottom end as pi\n  from base join days using (d)\n),\n"
        f"placed as (\n  select k, d, x, pi, {u} as u\n  from rated where {floor} < pi\n),\n"
        "taken as materialized (\n  select * from placed where u < pi\n),\n"
        "chances as (\n  select k, list_reduce(list(pi order by d), lambda p, q: p + q * (1e0 - p)) as pi, "
        "count(*) as m\n  from rated semi join taken using (k) group by k\n),\n"
    )
    if plan.design.union == "multiplicity":
        return common + (
            "drawn as materialized (\n  select t.k, t.u, 0e0 as v, t.pi, t.d as s, null::varchar as c, t.x, m\n"
            "  from taken as t join chances using (k)\n)"
        )
    return common + (
        "drawn as materialized (\n  select t.k, t.u, 0e0 as v, chances.pi, t.d as s, null::varchar as c, t.x, m\n"
        "  from (select k, arg_min(u, d) as u, min(d) as d, arg_min(x, d) as x from taken group by k) as t "
        "join chances using (k)\n)"
    )


def _row(day: str, found: DayPlan) -> str:
    """What turns a size into a probability on that day."""
    rule = found.rule
    if rule is None:
        return f"({quote_text(day)}, {double(float(found.n))}, {double(float(found.units))}, 'inf'::double)"
    if not rule.n_rest:
        return f"({quote_text(day)}, 0e0, 1e0, 0e0)"
    certain = double(rule.certain_from) if rule.certain else "'inf'::double"
    return f"({quote_text(day)}, {double(float(rule.n_rest))}, {double(rule.total_rest)}, {certain})"
