"""A design resolved on a frame by a few aggregates over it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from tools.errors import InvalidInput
from tools.sampling.allocate import StratumFacts
from tools.sampling.columns import Columns
from tools.sampling.designs import Clusters, Design, Stratified
from tools.sampling.draw_sql import clusters_sql, drawn_sql
from tools.sampling.inclusion_probabilities import Part, SizeRule, divide, double, resolve_certainty, unit_of
from tools.sampling.plan import Plan, check_n, is_pareto, plan_strata, true_probabilities
from tools.sampling.source import Source

MOST_KINDS = 20_000  # more distinct sizes are pooled with near ones
MOST_STRATA = 10_000
_POOLS = 8192.0  # pools a unit of ln(size)


def plan_frame(
    source: Source, columns: Columns, design: Design, *, units: int, stages: tuple[str, str], seed: int
) -> Plan:
    """The plan of a draw.

    Args:
        source: a frame that `check_frame` has passed.
        columns: what the design reads.
        design: the design.
        units: N.
        stages: names of the stages; Pareto's true probabilities are computed for the units that they draw.
        seed: the seed.

    Raises:
        InvalidInput: n above what the frame holds, or an allocation that cannot be.
    """
    if isinstance(design, Stratified):
        check_n(design, units=units)
        return Plan(design, units, units, strata=plan_strata(design, read_strata(source, columns)))
    frame = _Frame(source, columns, design)
    plan = Plan(design, units, frame.units, unit=frame.base_unit)
    check_n(design, units=frame.units)
    if columns.size is None:
        return plan
    plan = replace(plan, rule=frame.rule(design.n))
    return replace(plan, true=_true(frame, plan, stages=stages, seed=seed)) if is_pareto(design) else plan


def certainty_units(source: Source, columns: Columns, plan: Plan) -> tuple[str, ...]:
    """Ids of the units (or clusters) whose size makes them certain, in order."""
    if plan.rule is None or not plan.rule.certain:
        return ()
    found = _Frame(source, columns, plan.design).rows(
        f"select k from {{}} where x >= {double(plan.rule.certain_from)} order by k"
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


def _true(frame: _Frame, plan: Plan, *, stages: tuple[str, str], seed: int) -> dict[float, float]:
    """Pareto's true probabilities of what this seed draws, in small designs."""
    rule = plan.rule
    assert rule is not None
    if not rule.n_rest:
        return {}
    spread = frame.ask(f"select sum(pi * (1e0 - pi)) from (select {rule.sql('x')} as pi from {{}})")[0]
    return true_probabilities(
        rule,
        spread=spread,
        drawn=lambda: frame.drawn(plan, stages=stages, seed=seed),
        kinds=lambda wanted: frame.kinds(wanted, below=rule.certain_from),
    )


class _Frame:
    """What the first stage draws from, units or clusters: k and x."""

    def __init__(self, source: Source, columns: Columns, design: Design) -> None:
        self._source = source
        self._clustered = isinstance(design, Clusters)
        self._base = f"base as (select {columns.sql} from {source.relation})"
        largest = source.query(f"with {self._base} select max(x) from base")[0][0] if columns.size else None
        self.base_unit = unit_of(largest or 1.0)
        self.units, largest, smallest = self.ask("select count(*), max(x), min(x) from {}")
        self.unit = unit_of(largest or 1.0)
        if largest is not None and (math.isinf(largest) or smallest <= 0):
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
            limit = f"x < {double(below)} and " if below < math.inf else ""
            condition = f"{limit}{double(float(n_rest))} * x / {double(total)} >= 1e0"
            units, sum_, smallest = self.ask(f"select count(*), {whole}, min(x) from {{}} where {condition}")
            return Part(units, int(sum_), math.inf if smallest is None else smallest)

        all_units = Part(self.units, int(self.ask(f"select {whole} from {{}}")[0]))
        return resolve_certainty(n=n, all_units=all_units, unit=self.unit, certain=certain)

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
