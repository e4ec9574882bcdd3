"""A design resolved on a frame by a few aggregates over it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from tools.errors import InvalidInput
from tools.sampling.allocate import StratumFacts
from tools.sampling.check_frame import FrameFacts
from tools.sampling.clusters_sql import clusters_sql
from tools.sampling.columns import Columns
from tools.sampling.designs import Clusters, Daily, Design, Panel, Stratified
from tools.sampling.draw_sql import drawn_sql
from tools.sampling.inclusion_probabilities import Part, SizeRule, divide, resolve_certainty, unit_of
from tools.sampling.plan import Plan, check_n, is_pareto, pareto_reach, plan_strata, true_probabilities
from tools.sampling.plan_days import plan_days
from tools.sampling.source import Source
from tools.sampling.sql_literal import double

MOST_KINDS = 20_000  # more distinct sizes are pooled with near ones
MOST_STRATA = 10_000
_POOLS = 8192.0  # pools a unit of ln(size)


def plan_frame(
    source: Source,
    columns: Columns,
    design: Design,
    *,
    facts: FrameFacts,
    stages: tuple[str, str],
    seed: int,
    exact: bool = False,
) -> Plan:
    """The plan of a draw.

    Args:
        source: a frame that `check_frame` has passed.
        columns: what the design reads, missing sizes imputed.
        design: the design.
        facts: what the check found.
        stages: names of the stages; Pareto's true probabilities are computed for the units that they draw.
        seed: the seed.
        exact: compute Pareto's true probabilities whatever the design's size.

    Raises:
        InvalidInput: n above what the frame holds, or an allocation that cannot be.
    """
    units = facts.rows
    if isinstance(design, Stratified):
        check_n(design, units=units)
        return Plan(design, units, units, strata=plan_strata(design, read_strata(source, columns)))
    if isinstance(design, Daily):
        found = source.query(f"select count(distinct {columns.id.value}) from {source.relation}")[0][0]
        return Plan(design, int(found), units, days=plan_days(source, columns, design, facts=facts))
    frame = _Frame(source, columns, design, facts)
    plan = Plan(design, units, frame.units, unit=frame.base_unit)
    check_n(design, units=frame.units)
    if columns.size is None or isinstance(design, Panel):
        return plan
    rule = frame.rule(design.n)
    plan = replace(plan, rule=rule)
    if not is_pareto(design) or not rule.n_rest:
        return plan
    spread, largest_pi = frame.spread(rule)
    plan = replace(plan, reach=pareto_reach(rule, spread=spread, largest=largest_pi))
    return replace(plan, true=_true(frame, plan, spread=0.0 if exact else spread, stages=stages, seed=seed))


def certainty_units(source: Source, columns: Columns, plan: Plan) -> tuple[str, ...]:
    """Ids of the units (or clusters) whose size makes them certain, in order."""
    if plan.rule is None or not plan.rule.certain:
        return ()
    base = f"base as (select {columns.sql} from {source.relation})"
    clusters = f", {clusters_sql(plan.unit)}" if isinstance(plan.design, Clusters) else ""
    found = source.query(
        f"with {base}{clusters} select k from {'clusters' if clusters else 'base'} "
        f"where x >= {double(plan.rule.certain_from)} order by k"
    )
    return tuple(str(row[0]) for row in found)


def read_strata(source: Source, columns: Columns) -> list[StratumFacts]:
    """What an allocation has to know of each stratum, in order of the label."""
    rows = source.query(
        "select s, count(*), coalesce(stddev_samp(x), 0e0), coalesce(avg(z), 1e0) from "
        f"(select {columns.sql} from {source.relation}) group by s order by s limit {MOST_STRATA + 1}"
    )
    if len(rows) > MOST_STRATA:
        raise InvalidInput(
            f"The column {columns.strata!r} has more than {MOST_STRATA:,} values; strata are few and large.",
            code="too_many_strata",
            value=columns.strata,
            where=source.name,
        )
    return [StratumFacts(str(s), int(units), float(sd), float(cost)) for s, units, sd, cost in rows]


def _true(frame: _Frame, plan: Plan, *, spread: float, stages: tuple[str, str], seed: int) -> dict[float, float]:
    """Pareto's true probabilities of what this seed draws, in small designs."""
    rule = plan.rule
    assert rule is not None
    return true_probabilities(
        rule,
        spread=spread,
        drawn=lambda: frame.drawn(plan, stages=stages, seed=seed),
        kinds=lambda wanted: frame.kinds(wanted, below=rule.certain_from),
    )


class _Frame:
    """What the first stage draws from, units or clusters: k and x."""

    def __init__(self, source: Source, columns: Columns, design: Design, facts: FrameFacts) -> None:
        self._source = source
        self._clustered = getattr(design, "cluster", None) is not None
        self._base = f"base as (select {columns.sql} from {source.relation})"
        self.base_unit = unit_of(facts.largest or 1.0)
        self.units, self.largest, smallest = facts.rows, facts.largest, facts.smallest
        if self._clustered:
            self.units, self.largest, smallest = self.ask("select count(*), max(x), min(x) from {}")
        self.unit = unit_of(self.largest or 1.0)
        if columns.size and self.units and not (self.largest and smallest and math.isfinite(self.largest)):
            raise InvalidInput("Sizes span more than double arithmetic can hold.", code="invalid_size")

    def ask(self, sql: str) -> Any:
        """The one row of an aggregate; `{}` stands for the frame."""
        return self.rows(sql)[0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        clusters = f", {clusters_sql(self.base_unit)}" if self._clustered else ""
        relation = "clusters" if self._clustered else "base"
        return self._source.query(f"with {self._base}{clusters} {sql.format(relation)}")

    def rule(self, n: int) -> SizeRule:
        """Target probabilities, certainty units resolved."""
        whole = f"coalesce(sum(floor(x * {double(self.unit)})::hugeint), 0)"

        def certain(n_rest: int, total: float, below: float) -> Part:
            if below == math.inf and float(n_rest) * (self.largest or 0.0) / total < 1.0:
                return Part(0, 0)
            limit = f"x < {double(below)} and " if below < math.inf else ""
            condition = f"{limit}{double(float(n_rest))} * x / {double(total)} >= 1e0"
            units, sum_, smallest = self.ask(f"select count(*), {whole}, min(x) from {{}} where {condition}")
            return Part(units, int(sum_), math.inf if smallest is None else smallest)

        all_units = Part(self.units, int(self.ask(f"select {whole} from {{}}")[0]))
        return resolve_certainty(n=n, all_units=all_units, unit=self.unit, certain=certain)

    def spread(self, rule: SizeRule) -> tuple[float, float]:
        """Sum of pi(1-pi), and the largest pi below 1."""
        spread, largest = self.ask(
            "select sum(pi * (1e0 - pi)), max(case when pi < 1e0 then pi end) "
            f"from (select {rule.sql('x')} as pi from {{}})"
        )
        return float(spread), float(largest or 0.0)

    def drawn(self, plan: Plan, *, stages: tuple[str, str], seed: int) -> list[float]:
        """Sizes of the units (or clusters) that the first stage draws."""
        sql = f"with {self._base}, {drawn_sql(plan, stages=stages, seed=seed)} select distinct x from first"
        return [float(row[0]) for row in self._source.query(sql)]

    def kinds(self, wanted: list[float], *, below: float) -> list[tuple[float, int]]:
        """(size, units) of those smaller than `below`; in large frames pooled, all but the sizes that are wanted."""
        where = f"where x < {double(below)}" if below < math.inf else ""
        if self.ask(f"select count(distinct x) from {{}} {where}")[0] <= MOST_KINDS:
            found = self.rows(f"select x, count(*) from {{}} {where} group by x order by x")
            return [(float(size), int(units)) for size, units in found]
        listed = ", ".join(double(size) for size in wanted)
        rows = self.rows(
            f"select case when x in ({listed}) then x end as own, "
            f"case when x not in ({listed}) then floor(ln(x) * {double(_POOLS)}) end as pool, "
            f"sum(floor(x * {double(self.unit)})::hugeint), count(*) from {{}} {where} group by 1, 2 order by 1, 2"
        )
        return [
            (float(own) if own is not None else divide(int(whole), self.unit) / units, int(units))
            for own, _, whole, units in rows
        ]
