"""How much each actor's rows move a difference of two full counts, added up in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.metrics.cut import Cut
from tools.metrics.definitions import Average, Count, Distinct, Metric, Operand, Prevalence, Proportion, Ratio, Sum
from tools.metrics.find_actor import find_actor
from tools.metrics.sample_rows import outcome_sql
from tools.metrics.selection import Selection, indent, select_sql
from tools.metrics.session import Session
from tools.metrics.sql import Values

PARTS = ("n", "positives", "base", "clusters", "value", "variance", "rows_variance")
_SUMS = ("n", "y", "x", "yy", "xy", "xx")
_SIDES = (1, 2)


@dataclass
class Part:
    """Rows of one dataset on one side: what each contributes to y, to x, or to both."""

    selection: Selection
    side: int
    y: str
    x: str
    actor: str | None
    filled: list[str] = field(default_factory=list)
    once: bool = False  # an actor counts once however many rows it has
    counted: bool = True  # its rows are the n of the side


def why_not_tested(metric: Metric, session: Session) -> str | None:
    """Why a full count of this kind has no test here; None where it has one."""
    if isinstance(metric, (Count, Sum)) and metric.semi_additive is None:
        return None
    if isinstance(metric, (Average, Proportion, Prevalence)):
        return None
    if isinstance(metric, Distinct):
        is_actor = session.catalog.datasets[metric.of].actor == metric.column
        return None if is_actor else "what is counted is not the actor of its rows, so nothing says what is independent"
    if isinstance(metric, Ratio) and "distinct" not in (metric.numerator.agg, metric.denominator.agg):
        top, bottom = (find_actor(o.of, session.catalog) for o in (metric.numerator, metric.denominator))
        same = (top and (top.column, top.word)) == (bottom and (bottom.column, bottom.word))
        return None if same else "the two sides of the ratio are about different actors"
    return "no test on full counts is made for a metric of this kind"


def influence_sql(metric: Metric, cuts: tuple[Cut, Cut], session: Session, values: Values) -> str:
    """One row a cell: the keys, then `PARTS` of each side, then clusters, Σu·v and Σ(u - v)⁴.

    Rows without an actor, and all rows of a dataset without one, are clusters of their own. Two facts are never joined:
    each adds its sums to its actors.
    """
    parts = [
        part for side, cut in zip(_SIDES, cuts, strict=True) for part in _parts(metric, cut, side, session, values)
    ]
    width = len(cuts[0].keys)
    keys = [f"key_{i}" for i in range(width)]
    rows = "\nunion all\n".join(_part_sql(part, keys) for part in parts)
    sums = [(f"coalesce(sum({s}) filter (side = {side}), 0e0)", f"{s}{side}") for side in _SIDES for s in _SUMS]
    actors = select_sql(
        [*((k, k) for k in keys), ("actor", "actor"), *sums], source=f"from (\n{indent(rows)}\n) as rows_of",
        groups=width + 1,
    )  # fmt: skip
    return f"with actors as (\n{indent(actors)}\n),\n{_whole(metric, keys)},\n{_moved(keys)}\n{_added(keys)}"


def is_total(metric: Metric) -> bool:
    """Whether the value is a sum over rows or actors, rather than a quotient."""
    return isinstance(metric, (Count, Sum, Distinct))


def _parts(metric: Metric, cut: Cut, side: int, session: Session, values: Values) -> list[Part]:
    if isinstance(metric, Ratio) and metric.numerator.of != metric.denominator.of:
        top, bottom = (session.select(o.of, cut, values, metric) for o in (metric.numerator, metric.denominator))
        actors = _actor(top), _actor(bottom)  # first: a join qualifies every column named after it
        return [
            Part(top, side, _operand(metric.numerator, top), "0e0", actors[0], counted=False),
            Part(bottom, side, "0e0", _operand(metric.denominator, bottom), actors[1]),
        ]
    of = metric.denominator.of if isinstance(metric, Ratio) else metric.of  # type: ignore[union-attr]
    selection = session.select(of, cut, values, metric)
    actor = _actor(selection)
    if isinstance(metric, Distinct):
        return [Part(selection, side, "1e0", "0e0", actor, [f"{actor} is not null"], once=True)]
    y, x, filled = outcome_sql(metric, selection)
    return [Part(selection, side, y, x or ("0e0" if is_total(metric) else "1e0"), actor, filled)]


def _operand(operand: Operand, selection: Selection) -> str:
    """What a row adds to its side of a ratio, as for samples."""
    same = Ratio(name="side", kind="ratio", numerator=operand, denominator=operand)
    return outcome_sql(same, selection)[0]


def _actor(selection: Selection) -> str | None:
    """The actor's column; where a relationship leads to it, joined as a dimension of that table would be."""
    found = find_actor(selection.dataset.name, selection.catalog)
    return None if found is None else selection.join(found.path).column(found.column, found.path)


def _part_sql(part: Part, keys: Sequence[str]) -> str:
    """Sums over the rows of each actor."""
    sums = {
        "n": "count(*)" if part.counted else "0",
        "y": "max(y)" if part.once else "sum(y)",
        "x": "sum(x)",
        "yy": "max(y)" if part.once else "sum(y * y)",
        "xy": "sum(x * y)",
        "xx": "sum(x * x)",
    }
    selection = part.selection
    inner = [*zip(selection.key_sql(), keys, strict=True), (f"{part.actor or 'null'}::varchar", "actor")]
    rows = select_sql(
        [*inner, (part.y, "y"), (part.x, "x")],
        source=selection.from_sql(), where=[*selection.where_sql(), *part.filled],
    )  # fmt: skip
    outer = [*((k, k) for k in keys), ("actor", "actor"), (str(part.side), "side"), *((s, a) for a, s in sums.items())]
    return select_sql(outer, source=f"from (\n{indent(rows)}\n) as side_{part.side}", groups=len(keys) + 2)


def _whole(metric: Metric, keys: Sequence[str]) -> str:
    """Of each side the ratio R and the base X that an influence is divided by."""
    columns = [(k, k) for k in keys]
    for s in _SIDES:
        if is_total(metric):
            columns += [(f"sum(y{s})", f"value{s}"), ("0e0", f"r{s}"), ("1e0", f"base{s}")]
        else:
            ratio, base = f"sum(y{s}) / nullif(sum(x{s}), 0)", f"nullif(sum(x{s}), 0)"
            columns += [(ratio, f"value{s}"), (ratio, f"r{s}"), (base, f"base{s}")]
    return f"whole as (\n{indent(select_sql(columns, source='from actors', groups=len(keys)))}\n)"


def _moved(keys: Sequence[str]) -> str:
    """Per actor, its influence on each side, and that of its rows taken one by one."""
    columns = [*((f"a.{k}", k) for k in keys), ("a.actor", "actor")]
    for s in _SIDES:
        columns += [
            (f"{t}{s}", f"{name}{s}") for t, name in (("a.n", "n"), ("a.y", "y"), ("a.x", "x"), ("w.value", "value"))
        ]
        columns.append((f"(a.y{s} - w.r{s} * a.x{s}) / w.base{s}", f"u{s}"))
        squares = f"a.yy{s} - 2 * w.r{s} * a.xy{s} + w.r{s} * w.r{s} * a.xx{s}"
        columns.append((f"({squares}) / (w.base{s} * w.base{s})", f"rows{s}"))
    on = " and ".join(f"a.{k} is not distinct from w.{k}" for k in keys) or "true"
    return f"moved as (\n{indent(select_sql(columns, source=f'from actors as a join whole as w on {on}'))}\n)"


def _added(keys: Sequence[str]) -> str:
    """Everything summed over actors; what has no actor adds its rows one by one."""
    columns = [(k, k) for k in keys]
    for s in _SIDES:
        one_by_one = f"sum(case when actor is null then rows{s} else u{s} * u{s} end)"
        clusters = f"sum(case when actor is null then n{s} else (n{s} > 0)::integer end)"
        found = (
            f"sum(n{s})",
            f"sum(y{s})",
            f"sum(x{s})",
            clusters,
            f"any_value(value{s})",
            one_by_one,
            f"sum(rows{s})",
        )
        columns += [(sql, f"{part}_{s}") for sql, part in zip(found, PARTS, strict=True)]
    columns += [
        ("sum(case when actor is null then n1 + n2 else 1 end)", "clusters"),
        ("coalesce(sum(u1 * u2) filter (actor is not null), 0e0)", "covariance"),
        ("coalesce(sum((u1 - u2) ** 4) filter (actor is not null), 0e0)", "fourth"),
    ]
    return select_sql(columns, source="from moved", groups=len(keys))


__all__ = ["PARTS", "influence_sql", "is_total", "why_not_tested"]
