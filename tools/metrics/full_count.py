"""A metric counted in full: one statement, one Vector per cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tools.metrics.cut import Cut
from tools.metrics.definitions import Change, Count, Derived, Metric, Operand, Ratio, Sum
from tools.metrics.outcome import CellKey, Outcome, outcome_of
from tools.metrics.selection import Selection, indent, select_sql, unique_names
from tools.metrics.session import Session, cell_key
from tools.metrics.sql import Values, quote
from tools.metrics.statistics import Statistic, statistics_of, vector_of


def count_cells(metric: Metric, cut: Cut, session: Session) -> dict[CellKey, Outcome]:
    """Every cell that has a row; the whole, where nothing is grouped by, always has one."""
    assert not isinstance(metric, (Derived, Change))
    values = Values()
    guarded = session.guarded
    if isinstance(metric, Ratio) and metric.numerator.of != metric.denominator.of:
        sql, parts = _two_facts(metric, cut, session, values, guarded=guarded)
    else:
        of = metric.denominator.of if isinstance(metric, Ratio) else metric.of
        selection = session.select(of, cut, values, metric)
        if isinstance(metric, (Count, Sum)) and metric.semi_additive is not None:
            sql, parts = _at_one_time(metric, selection, guarded=guarded)
        else:
            statistics = statistics_of(metric, selection, guarded=guarded)
            sql, parts = _select(selection, statistics), [s.part for s in statistics]
    width = len(cut.keys) + (cut.grain is not None)
    return {
        cell_key(row[:width]): outcome_of(metric, _vector(metric, parts, row[width:], guarded))
        for row in session.run(sql, values).rows
    }


def _vector(metric: Metric, parts: Sequence[str], row: Sequence[Any], guarded: bool) -> Any:
    vector = vector_of(metric, dict(zip(parts, row, strict=True)))
    return vector if guarded else replace(vector, units=None)


def _select(selection: Selection, statistics: Sequence[Statistic]) -> str:
    keys = list(zip(selection.key_sql(), selection.key_names(), strict=True))
    return select_sql(
        [*keys, *((s.sql, s.alias) for s in statistics)],
        source=selection.from_sql(),
        where=selection.where_sql(),
        groups=len(keys),
    )


def _at_one_time(metric: Count | Sum, selection: Selection, *, guarded: bool) -> tuple[str, list[str]]:
    """Only rows of the last (first) time point of each cell and bucket."""
    assert selection.time is not None, "check_metric asks for a time column"
    keys = selection.key_sql()
    names = unique_names(selection.key_names())
    time = selection.column(selection.time)
    over = f"over (partition by {', '.join(keys)})" if keys else "over ()"
    edge = "max" if metric.semi_additive == "last" else "min"
    inner: list[tuple[str, str]] = list(zip(keys, names, strict=True))
    taken = len(inner)
    if isinstance(metric, Sum):
        inner.append((selection.column(metric.column), "amount"))
    if guarded and selection.dataset.actor is not None:
        inner.append((selection.column(selection.dataset.actor), "protected"))
    inner = inner or [("1", "one")]
    aliases = unique_names([alias for _, alias in inner])
    where = selection.where_sql()
    rows = select_sql(
        list(zip((e for e, _ in inner), aliases, strict=True)),
        source=selection.from_sql(),
        where=where,
        extra=f"qualify {time} = {edge}({time}) {over}",
    )
    amount = quote(aliases[taken]) if isinstance(metric, Sum) else "*"
    outer = [(quote(a), a) for a in aliases[:taken] if keys]
    if isinstance(metric, Sum):
        statistics = [("total", f"sum({amount})", metric.name), ("n", f"count({amount})", "n")]
    else:
        statistics = [("n", "count(*)", metric.name)]
    if guarded:
        protected = f"count(distinct {quote(aliases[-1])})" if selection.dataset.actor is not None else "count(*)"
        statistics.append(("units", protected, "protected_units"))
    sql = select_sql(
        [*outer, *((e, a) for _, e, a in statistics)],
        source=f"from (\n{indent(rows)}\n) as at_{metric.semi_additive}_time",
        groups=len(outer),
    )
    return sql, [part for part, _, _ in statistics]


def _two_facts(metric: Ratio, cut: Cut, session: Session, values: Values, *, guarded: bool) -> tuple[str, list[str]]:
    """Numerator and denominator aggregated apart, then joined on the keys they share; no row multiplies another."""
    top = session.select(metric.numerator.of, cut, values, metric)
    bottom = session.select(metric.denominator.of, cut, values, metric)
    names = _fact_names(bottom)
    parts = {
        side: _fact(operand, selection, side, guarded=guarded)
        for side, operand, selection in (
            ("numerator", metric.numerator, top),
            ("denominator", metric.denominator, bottom),
        )
    }
    facts = ",\n".join(f"{side} as (\n{indent(sql)}\n)" for side, sql in parts.items())
    keys = [(f"coalesce(denominator.{quote(n)}, numerator.{quote(n)})", n) for n in names]
    columns = [*keys, ("numerator.value", "numerator"), ("denominator.value", "denominator")]
    columns += [("coalesce(numerator.n, 0)", "numerator_rows"), ("coalesce(denominator.n, 0)", "n")]
    used = ["total", "base", "positives", "n"]
    if guarded:
        columns.append(("least(coalesce(numerator.units, 0), coalesce(denominator.units, 0))", "protected_units"))
        used.append("units")
    on = "\n  and ".join(f"numerator.{quote(n)} is not distinct from denominator.{quote(n)}" for n in names)
    source = "from denominator\n" + (f"full join numerator on {on}" if names else "cross join numerator")
    return f"with {facts}\n" + select_sql(columns, source=source), used


def _fact(operand: Operand, selection: Selection, side: str, *, guarded: bool) -> str:
    """One side of a ratio over two datasets: its value, its rows, its protected units, per cell."""
    column = selection.column(operand.column) if operand.column is not None else "*"
    value = {"count": "count({})", "sum": "sum({})", "distinct": "count(distinct {})"}[operand.agg].format(column)
    keys = list(zip(selection.key_sql(), _fact_names(selection), strict=True))
    columns = [*keys, (value, "value"), ("count(*)", "n")]
    if guarded:
        actor = selection.dataset.actor
        columns.append(("count(*)" if actor is None else f"count(distinct {selection.column(actor)})", "units"))
    where = [*selection.where_sql(), *(selection.predicate(p) for p in operand.where)]
    return select_sql(columns, source=selection.from_sql(), where=where, groups=len(keys))


def _fact_names(selection: Selection) -> list[str]:
    """Aliases of the keys that no statistic of a fact has."""
    return unique_names(["value", "n", "units", *selection.key_names()])[3:]
