"""Daily samples resolved on a frame whose rows are units on days."""

from __future__ import annotations

import math

from tools.errors import InvalidInput
from tools.sampling.allocate import too_few_units
from tools.sampling.check_frame import FrameFacts
from tools.sampling.columns import Columns
from tools.sampling.designs import Daily
from tools.sampling.inclusion_probabilities import Part, SizeRule, resolve_certainty, unit_of
from tools.sampling.plan import DayPlan
from tools.sampling.source import Source
from tools.sampling.sql_literal import double, quote_text
from tools.sampling.uniform import check_stage

MOST_DAYS = 4_000


def plan_days(source: Source, columns: Columns, design: Daily, *, facts: FrameFacts) -> dict[str, DayPlan]:
    """Day -> its rows and rule, in order.

    Raises:
        InvalidInput: too many days, a day that cannot name a stage, or one with fewer rows than n.
    """
    base = f"with base as (select {columns.sql} from {source.relation})"
    found = source.query(f"{base} select d, count(*), max(x) from base group by d order by d limit {MOST_DAYS + 1}")
    if not found:
        raise too_few_units(design.n, units=0, of="units")
    if len(found) > MOST_DAYS:
        raise InvalidInput(
            f"The column {design.day!r} has more than {MOST_DAYS:,} values; each would be a sample of its own.",
            code="too_many_days",
            value=design.day,
            hint="Name a column that holds the day, not the moment.",
            where=source.name,
        )
    for day, units, _ in found:
        check_stage(day)
        if design.n > units:
            raise too_few_units(design.n, units=units, of=f"units of the day {day}")
    if columns.size is None:
        return {day: DayPlan(design.n, units) for day, units, _ in found}
    largest = {day: float(most) for day, _, most in found}
    sums = _sums(source, base, {day: unit_of(most) for day, most in largest.items()})
    return {
        day: DayPlan(design.n, units, _rule(source, base, day, design.n, Part(units, sums[day]), largest[day]))
        for day, units, _ in found
    }


def _sums(source: Source, base: str, unit: dict[str, float]) -> dict[str, int]:
    """Each day's sizes as whole numbers of its own unit."""
    listed = ", ".join(f"({quote_text(day)}, {double(value)})" for day, value in unit.items())
    rows = source.query(
        f"{base}, units (d, unit) as (values {listed}) "
        "select d, sum(floor(x * unit)::hugeint) from base join units using (d) group by d"
    )
    return {str(day): int(whole) for day, whole in rows}


def _rule(source: Source, base: str, day: str, n: int, all_units: Part, largest: float) -> SizeRule:
    unit = unit_of(largest)

    def certain(n_rest: int, total: float, below: float) -> Part:
        if below == math.inf and float(n_rest) * largest / total < 1.0:
            return Part(0, 0)
        limit = f"x < {double(below)} and " if below < math.inf else ""
        count, whole, smallest = source.query(
            f"{base} select count(*), coalesce(sum(floor(x * {double(unit)})::hugeint), 0), min(x) from base "
            f"where d = {quote_text(day)} and {limit}{double(float(n_rest))} * x / {double(total)} >= 1e0"
        )[0]
        return Part(count, int(whole), math.inf if smallest is None else smallest)

    return resolve_certainty(n=n, all_units=all_units, unit=unit, certain=certain)
