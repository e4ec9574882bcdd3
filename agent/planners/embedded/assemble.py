"""From mentions and conditions to metric queries: every reading that the catalog supports."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from agent.planners.embedded.choose_metrics import MetricGroup, choose_metrics, fits_rows, read_per, reads_rows
from agent.planners.embedded.condition import Condition
from agent.planners.embedded.conditions import Sorted
from agent.planners.embedded.context import Context
from agent.planners.embedded.heads import Head, adds_up
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Scan
from agent.planners.embedded.shares import find_governed, find_part, find_restated
from agent.planners.embedded.words import phrase_stems, phrase_words, root
from tools.errors import Reason
from tools.metrics.definitions import Average, Count, Distinct, Prevalence, Proportion, Sum
from tools.metrics.query import MetricQuery, Where


@dataclass(frozen=True)
class Reading:
    """One way to read a question (without its period)."""

    query: MetricQuery
    assumptions: tuple[str, ...] = ()
    doubt: int = 0
    left_out: str = ""
    sure: bool = True  # False: rests on part of a phrase, and must be confirmed


@dataclass(frozen=True)
class Obstacle:
    """Why a reading cannot be answered."""

    reason: Reason
    message: str
    next_steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Readings:
    found: tuple[Reading, ...]
    obstacles: tuple[Obstacle, ...]


def assemble(scan: Scan, told: Sorted, context: Context) -> Readings:
    """Every supported reading, tightest first, and what stood in the way of the others."""
    found: list[Reading] = []
    obstacles: list[Obstacle] = []
    idle = _unused(scan, told, context)
    if idle is not None:
        return Readings((), (idle,))
    for group in choose_metrics(scan, told, context):
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


def _unused(scan: Scan, told: Sorted, context: Context) -> Obstacle | None:
    """Words of the question that would have no effect on the answer."""
    if scan.dangling:
        return Obstacle(
            "no_data",
            f"It is not clear what \u201c{scan.dangling[0]}\u201d refers to.",
            ("Name the value, dimension or number it belongs to.",),
        )
    dated = any(t.kind == "grain" for t in scan.times)
    if (scan.order is not None or scan.limit is not None) and not (told.by or scan.which or dated):
        return Obstacle(
            "unsupported_cut", "It is not clear what to rank.", ("Name it: \u201ctop three countries by ...\u201d.",)
        )
    if scan.limit is not None and scan.which is not None and told.by:
        return Obstacle("unsupported_cut", "A ranking within each group cannot be asked at once.")
    if scan.counts > 1 and len([m for m in told.heads if m.counted]) < scan.counts:
        return Obstacle("unsupported_cut", "Two counts cannot be asked at once.", ("Ask for one, or for a breakdown.",))
    if scan.breakdown and not told.by and not any(t.kind == "grain" for t in scan.times):
        return Obstacle(
            "no_data", "It is not clear what to break down by.", ("Name a dimension after \u201cby\u201d.",)
        )
    if scan.per and not read_per(scan, told, context):
        names = " ".join(m.item.text for m in scan.per)
        return Obstacle(
            "no_data",
            f"No metric is defined per \u201c{names}\u201d for what is asked.",
            ("Ask for a breakdown with \u201cby\u201d, or define a ratio metric.",),
        )
    return None


def _one(
    group: MetricGroup, conditions: Sequence[Condition], scan: Scan, told: Sorted, context: Context
) -> Reading | Obstacle:
    heads: Sequence[Head] = group.heads
    if scan.active and not all(isinstance(context.catalog.metrics[h.metric], Distinct) for h in heads):
        return Obstacle("no_data", "Nothing in this workspace says which are active.")
    first = heads[0].metric
    dropped: Condition | None = None
    share: list[Condition] = []
    if scan.share and isinstance(context.catalog.metrics[first], Count):
        share = find_part(conditions, told, contrasted=scan.versus)
        governed = find_governed(share, first, context)
        if governed is not None and len(heads) == 1:
            dropped, first = share[0], governed
            heads = [replace(heads[0], metric=governed, doubt=0)]
    elif scan.share and not isinstance(context.catalog.metrics[first], Proportion | Prevalence):
        share = find_part(conditions, told, contrasted=scan.versus)
    elif isinstance(context.catalog.metrics[first], Proportion | Prevalence):
        dropped = find_restated(conditions, first, context)
    for before, condition in pairwise(conditions):
        if condition.either and not _one_dimension(before, condition):
            return Obstacle(
                "unsupported_cut",
                f"Either of two different conditions (\u201c{before.text}\u201d or \u201c{condition.text}\u201d) "
                "cannot be asked at once.",
                ("Ask for each of them.",),
            )
    where: list[Where] = []
    share_over: list[str] = []
    for condition in conditions:
        if condition is dropped:
            continue
        made = _where(condition, first, context)
        if made is None and _is_in_name(condition, first, context):
            continue  # "violating prevalence", of violating_message_prevalence
        if made is None:
            return _unreachable(condition.options[0], condition.text, first, context)
        where.append(made)
        if condition in share:
            share_over.append(made.dimension)
    by: list[str] = []
    for mention in (*told.by, *([scan.which] if scan.which else [])):
        refs = [r for e in mention.item.of_kind("dimension") if (r := context.reach(first, e)) is not None]
        if not refs:
            return _unreachable(mention.item.of_kind("dimension")[0], mention.item.text, first, context)
        by.append(min(refs, key=lambda r: len(r.path)).name)
    additive = isinstance(context.catalog.metrics[first], Count | Sum)
    if scan.share and dropped is None and not isinstance(context.catalog.metrics[first], Proportion | Prevalence):
        if not additive:
            return Obstacle(
                "unsupported_cut",
                f"A share of {metric_words(first)} is not defined: only counts and totals have shares.",
            )
        share_over = list(dict.fromkeys([*share_over, *(() if share_over else by)]))
        if not share_over:
            return Obstacle(
                "no_data",
                f"A share of {metric_words(first)} needs a part: which {metric_words(first)}?",
                ("Name a value or a breakdown, for example by a dimension.",),
            )
    dated = any(t.kind == "grain" for t in scan.times)
    order, limit = _ranking(scan, heads, by, dated=dated)
    try:
        query = MetricQuery(
            metrics=tuple(dict.fromkeys(h.metric for h in heads)),
            by=tuple(dict.fromkeys(by)),
            where=tuple(_union(where)),
            share_over=tuple(dict.fromkeys(share_over)),
            order=order,
            limit=limit,
        )
    except ValueError:
        return Obstacle("unsupported_cut", "This combination cannot be asked at once.")
    strange = sum(3 for h in heads if group.rows and not reads_rows(h.metric, group.rows, context))
    distance = strange + sum(
        len(r.path) for c in conditions if c is not dropped and (r := context.reach(first, c.options[0])) is not None
    )
    partial = any(c.partial for c in conditions) or any(m.item.partial for m in told.heads)
    return Reading(
        query,
        tuple(h.assumption for h in heads if h.assumption),
        10 * sum(h.doubt for h in heads) + distance,
        left_out=group.left_out,
        sure=group.sure and not partial and not _doubtful(scan, heads, conditions, context),
    )


def _one_dimension(a: Condition, b: Condition) -> bool:
    same = (a.options[0].dataset, a.options[0].name, a.kind) == (b.options[0].dataset, b.options[0].name, b.kind)
    return same and a.number is None


def _doubtful(scan: Scan, heads: Sequence[Head], conditions: Sequence[Condition], context: Context) -> bool:
    """Readings that are likely and yet may mean something else: they are offered, not answered."""
    metric = context.catalog.metrics[heads[0].metric]
    if scan.per_breakdown and isinstance(metric, Average) and adds_up(phrase_words(metric.column)):
        return True  # "average spend per campaign": a mean of rows, or the total over the campaigns?
    if scan.how_often and len(conditions) > 1:
        return True  # "how often is a private visit in the north wing": which is the part?
    kinds: dict[tuple[str, str], set[str]] = {}
    for c in conditions:
        kinds.setdefault((c.options[0].dataset, c.options[0].name), set()).add(c.kind)
    if any({"in", "not_in"} <= found for found in kinds.values()):
        return True  # "orders not delivered, paid with card", where paid is a status too
    others = context.lexicon.other_times.get(context.catalog.base_dataset(heads[0].metric).name, frozenset())
    said = {root(word) for c in conditions for word in phrase_words(c.text)}
    excluded = any(c.kind == "not_in" for c in conditions)
    return bool((scan.times or excluded) and others & said)  # "closed in March": the status, or the day of closing?


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


def _is_in_name(condition: Condition, metric: str, context: Context) -> bool:
    """The words of a condition are words of the metric's own name."""
    return condition.kind == "in" and set(phrase_stems(condition.text)) <= set(phrase_stems(metric))


def _where(condition: Condition, metric: str, context: Context) -> Where | None:
    ref = context.reach(metric, condition.options[0])
    if ref is None:
        return None
    if condition.kind in ("is_null", "not_null"):
        return Where(dimension=ref.name, is_null=condition.kind == "is_null")
    if condition.kind == "equal" and condition.number is not None:
        number = int(condition.number) if condition.number.is_integer() else condition.number
        return Where(dimension=ref.name, in_=(number,))
    if condition.number is not None:
        return Where(**{"dimension": ref.name, condition.kind: condition.number})
    values = tuple(dict.fromkeys(o.value for o in condition.options if o.value is not None))
    if condition.kind == "in":
        return Where(dimension=ref.name, in_=values)
    data = context.profile.datasets[condition.options[0].dataset]
    seen = [v for v, _ in data.values.get(ref.dimension.name, ())]
    if data.kinds.get(ref.dimension.name) == "flag" and len(seen) == 2:  # not urgent is 0, which a missing flag is not
        return Where(dimension=ref.name, in_=tuple(v for v in seen if v not in values) or values)
    return Where(dimension=ref.name, not_in=values)


def _union(where: Sequence[Where]) -> list[Where]:
    """`in the US and Canada` is either; `not dm, not feed` is neither."""
    merged: dict[tuple[str, str], Where] = {}
    for index, w in enumerate(where):
        kind = "in" if w.in_ is not None else "not_in" if w.not_in is not None else f"other{index}"
        known = merged.get((w.dimension, kind))
        if known is None:
            merged[(w.dimension, kind)] = w
        elif kind == "in":
            merged[(w.dimension, kind)] = Where(
                dimension=w.dimension, in_=tuple(dict.fromkeys((*(known.in_ or ()), *(w.in_ or ()))))
            )
        else:
            merged[(w.dimension, kind)] = Where(
                dimension=w.dimension, not_in=tuple(dict.fromkeys((*(known.not_in or ()), *(w.not_in or ()))))
            )
    return list(merged.values())


def _unreachable(entry: Entry, text: str, metric: str, context: Context) -> Obstacle:
    possible = ", ".join(sorted(k for k, r in context.catalog.dimensions_for(metric).items() if not r.measured)[:8])
    return Obstacle(
        "unsupported_cut",
        f"{metric_words(metric)} cannot be cut by {entry.name.replace('_', ' ')} (\u201c{text}\u201d): "
        "its rows do not carry it.",
        (f"It can be cut by: {possible}.",) if possible else (),
    )


def metric_words(metric: str) -> str:
    return metric.replace("_", " ")
