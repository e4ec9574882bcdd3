"""From mentions and conditions to metric queries: every reading that the catalog supports."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.planners.embedded.choose_metrics import MetricGroup, choose_metrics, fits_rows, reads_rows
from agent.planners.embedded.condition import Condition
from agent.planners.embedded.conditions import Sorted
from agent.planners.embedded.context import Context
from agent.planners.embedded.heads import Head
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Scan
from agent.planners.embedded.obstacles import Obstacle, find_either, find_loose, find_unused, is_doubtful, metric_words
from agent.planners.embedded.place import place_breakdown, place_conditions, union_conditions
from agent.planners.embedded.shares import find_governed, find_part, find_restated
from tools.metrics.definitions import Count, Prevalence, Proportion, Sum
from tools.metrics.query import MetricQuery


@dataclass(frozen=True)
class Reading:
    """One way to read a question (without its period)."""

    query: MetricQuery
    assumptions: tuple[str, ...] = ()
    doubt: int = 0
    left_out: str = ""
    sure: bool = True  # False: rests on part of a phrase, and must be confirmed


@dataclass(frozen=True)
class Readings:
    found: tuple[Reading, ...]
    obstacles: tuple[Obstacle, ...]


def assemble(scan: Scan, told: Sorted, context: Context) -> Readings:
    """Every supported reading, tightest first, and what stood in the way of the others."""
    found: list[Reading] = []
    obstacles: list[Obstacle] = []
    idle = find_unused(scan, told, context)
    if idle is not None:
        return Readings((), (idle,))
    for group in (_acting(g, context) for g in choose_metrics(scan, told, context)):
        if not all(fits_rows(h.metric, group.rows, context) for h in group.heads):
            first, rows = metric_words(group.heads[0].metric), ", ".join(sorted(group.rows))
            obstacles.append(Obstacle("unsupported_cut", f"{first} is not measured on {rows}."))
            continue
        for conditions in itertools.product(*(_options(c, context) for c in told.conditions)):
            outcome = _one(group, conditions, scan, told, context)
            if isinstance(outcome, Reading):
                found.append(outcome)
            else:
                obstacles.append(outcome)
    unique: dict[MetricQuery, Reading] = {}
    for reading in sorted(found, key=lambda r: r.doubt):
        unique.setdefault(reading.query, reading)
    readings = list(unique.values())
    if readings:
        best = min(r.doubt for r in readings)
        readings = [r for r in readings if r.doubt == best]
    return Readings(tuple(readings), tuple(dict.fromkeys(obstacles)))


def _acting(group: MetricGroup, context: Context) -> MetricGroup:
    """`how many users sent messages`: the different users among the messages, not the users on file."""
    if len(group.heads) != 1 or not group.rows or fits_rows(group.heads[0].metric, group.rows, context):
        return group
    metric = context.catalog.metrics[group.heads[0].metric]
    grain = context.catalog.base_dataset(metric.name).grain
    if not isinstance(metric, Count) or metric.where or len(grain) != 1:
        return group
    found = [m for rows in sorted(group.rows) for m in context.distinct_metrics(rows, grain[0])]
    return replace(group, heads=(replace(group.heads[0], metric=found[0]),)) if len(found) == 1 else group


def _options(condition: Condition, context: Context) -> list[Condition]:
    """One per dimension it may be about; of a partly named value, one per value."""
    groups: dict[object, list[Entry]] = {}
    for option in condition.options:
        column = context.measure_column(option) if option.kind == "measure" else context.dimension_column(option)
        key = (option.dataset, column, option.value if condition.partial else None)
        if groups.get(key) and groups[key][0].name != option.name:
            continue  # a measure and a dimension of one column
        groups.setdefault(key, []).append(option)
    return [replace(condition, options=tuple(entries)) for entries in groups.values()]


def _one(
    group: MetricGroup, conditions: Sequence[Condition], scan: Scan, told: Sorted, context: Context
) -> Reading | Obstacle:
    """One reading: the metrics of a group under one choice of dimensions for the conditions."""
    if (loose := find_loose(group.heads, conditions, scan, context)) is not None:
        return loose
    if (either := find_either(conditions)) is not None:
        return either
    share = _read_share(group.heads, conditions, scan, told, context)
    first = share.heads[0].metric
    where = place_conditions([c for c in conditions if c is not share.dropped], first, context)
    by = place_breakdown(scan, told, first, context)
    if isinstance(where, Obstacle) or isinstance(by, Obstacle):
        return where if isinstance(where, Obstacle) else by  # type: ignore[return-value]
    over = [w.dimension for c, w in where if c in share.part]
    if share.asked:
        over = over or by
        if (hollow := _hollow_share(first, over, context)) is not None:
            return hollow
    order, limit = _ranking(scan, share.heads, by, dated=any(t.kind == "grain" for t in scan.times))
    try:
        query = MetricQuery(
            metrics=tuple(dict.fromkeys(h.metric for h in share.heads)),
            by=tuple(dict.fromkeys(by)),
            where=tuple(union_conditions([w for _, w in where])),
            share_over=tuple(dict.fromkeys(over)) if share.asked else (),
            per=share.heads[0].per,
            order=order,
            limit=limit,
        )
    except ValueError:
        return Obstacle("unsupported_cut", "This combination cannot be asked at once.")
    partial = any(c.partial for c in conditions) or any(m.item.partial for m in told.heads)
    return Reading(
        query,
        (*(h.assumption for h in share.heads if h.assumption), *_namesakes(told)),
        _doubt_of(share.heads, group.rows, [c for c, _ in where], context),
        left_out=group.left_out,
        sure=group.sure and not partial and not is_doubtful(scan, told, share.heads, conditions, context),
    )


def _namesakes(told: Sorted) -> list[str]:
    """What is measured is also what a value is called: the metric is taken, and said to be."""
    return [
        f"\u201c{m.item.text}\u201d is read as the metric; a value of {e.name.replace('_', ' ')} has this name too."
        for m in told.heads
        if m.item.of_kind("metric") and not m.item.partial
        for e in m.item.of_kind("value")[:1]
        if not e.generic
    ]


@dataclass(frozen=True)
class _Share:
    """How a share is put: by a defined proportion (whose own condition is then dropped), or of a count or total."""

    heads: tuple[Head, ...]
    dropped: Condition | None = None
    part: tuple[Condition, ...] = ()
    asked: bool = False


def _read_share(
    heads: tuple[Head, ...], conditions: Sequence[Condition], scan: Scan, told: Sorted, context: Context
) -> _Share:
    metric = context.catalog.metrics[heads[0].metric]
    if isinstance(metric, Proportion | Prevalence):
        return _Share(heads, dropped=find_restated(conditions, metric.name, context))
    if not scan.share:
        return _Share(heads)
    part = find_part(conditions, told, contrasted=scan.versus)
    governed = find_governed(part, metric.name, context) if isinstance(metric, Count) and len(heads) == 1 else None
    if governed is not None:
        return _Share((replace(heads[0], metric=governed, doubt=0),), dropped=part[0])
    return _Share(heads, part=tuple(part), asked=True)


def _hollow_share(metric: str, over: Sequence[str], context: Context) -> Obstacle | None:
    """Why a share cannot be formed: it is of something that does not add up, or of no part."""
    if not isinstance(context.catalog.metrics[metric], Count | Sum):
        message = f"A share of {metric_words(metric)} is not defined: only counts and totals have shares."
        return Obstacle("unsupported_cut", message)
    if not over:
        message = f"A share of {metric_words(metric)} needs a part: which {metric_words(metric)}?"
        return Obstacle("no_data", message, ("Name a value or a breakdown, for example by a dimension.",))
    return None


def _doubt_of(heads: Sequence[Head], rows: frozenset[str], conditions: Sequence[Condition], context: Context) -> int:
    """Looser readings lose to tighter ones: named metrics first, then near rows, then near dimensions."""
    strange = sum(3 for h in heads if rows and not reads_rows(h.metric, rows, context))
    refs = [context.reach(heads[0].metric, c.options[0]) for c in conditions]
    return 10 * sum(h.doubt for h in heads) + strange + sum(len(r.path) for r in refs if r is not None)


def _ranking(scan: Scan, heads: Sequence[Head], by: Sequence[str], *, dated: bool) -> tuple[str | None, int | None]:
    if not by and not dated:
        return None, None
    superlative = next((h.order for h in heads if h.order), None) or scan.order
    if superlative is None and scan.which is not None:
        superlative = next(
            ({"max": "desc", "min": "asc"}.get(a.op) for a in scan.aggregates if a.op in ("max", "min")), None
        )
    if superlative is None:
        return None, None
    if scan.limit is not None:
        return superlative, scan.limit
    plural = (
        scan.which is not None
        and scan.which.item.text.casefold().endswith("s")
        and not scan.which.item.text.casefold().endswith("ss")
    )
    return superlative, None if plural else 1
