"""From mentions and conditions to metric queries: every reading that the catalog supports."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.planners.embedded.conditions import Condition, Sorted
from agent.planners.embedded.context import Context
from agent.planners.embedded.heads import Head, adds_up, read_head
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.scan import Mention, Scan
from agent.planners.embedded.words import phrase_words, root
from tools.errors import Reason
from tools.metrics.definitions import Average, Count, Extreme, Percentile, Prevalence, Proportion, Sum
from tools.metrics.query import MetricQuery, Where


@dataclass(frozen=True)
class Reading:
    """One way to read a question (without its period)."""

    query: MetricQuery
    assumptions: tuple[str, ...] = ()
    doubt: int = 0
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
    for group in _head_groups(scan, told, context):
        if not all(_fits_rows(h.metric, group.rows, context) for h in group.heads):
            first, rows = _name(group.heads[0].metric), ", ".join(sorted(group.rows))
            obstacles.append(Obstacle("unsupported_cut", f"{first} is not measured on {rows}."))
            continue
        for conditions in itertools.product(*(_options(c) for c in told.conditions)):
            outcome = _one(group, conditions, scan, told, context)
            (found if isinstance(outcome, Reading) else obstacles).append(outcome)  # type: ignore[arg-type]
    unique: dict[MetricQuery, Reading] = {}
    for reading in sorted(found, key=lambda r: r.doubt):
        unique.setdefault(reading.query, reading)
    readings = list(unique.values())
    if readings:
        best = min(r.doubt for r in readings)
        readings = [r for r in readings if r.doubt == best]
    return Readings(tuple(readings), tuple(dict.fromkeys(obstacles)))


def _options(condition: Condition) -> list[Condition]:
    """One per dimension it may be about; of a partly named value, one per value."""
    groups: dict[object, list[Entry]] = {}
    for option in condition.options:
        key = (option.dataset, option.name, option.value if condition.partial else None)
        groups.setdefault(key, []).append(option)
    return [replace(condition, options=tuple(entries)) for entries in groups.values()]


@dataclass(frozen=True)
class _Group:
    """Metrics that may be meant together; `rows` are datasets named beside them, which they must read."""

    heads: tuple[Head, ...]
    sure: bool = True
    rows: frozenset[str] = frozenset()


def _head_groups(scan: Scan, told: Sorted, context: Context) -> Iterator[_Group]:
    """Each combination of metrics that may be meant; mentions that only name the rows must fit it."""
    per = _per_heads(scan, told, context)
    if per:
        yield from (_Group((h,)) for h in per)
        return
    if not told.heads:
        yield from (_Group((h,)) for h in _implied(scan, told, context))
        return
    measured = _measured(told.heads, scan, context)
    rows = frozenset(n for m in told.heads if m not in measured for n in _datasets_named(m, context))
    if len(measured) + sum(1 for m in told.heads if m not in measured and _datasets_named(m, context)) < len(
        told.heads
    ):
        return  # a mention that neither is measured nor names rows: not understood
    choices = [read_head(m, scan, context) for m in measured]
    if len(measured) == 1 and len(measured[0].aggregates) > 1 and not (scan.which or scan.order):
        choices = [read_head(replace(measured[0], aggregates=(a,)), scan, context) for a in measured[0].aggregates]
    if not all(choices):
        return
    if len(choices) > 1 and not _listed(measured, scan):
        yield from (_Group((h,), sure=False, rows=rows) for c in choices for h in c)
        return
    for heads in itertools.islice(itertools.product(*choices), 24):
        yield _Group(heads, rows=rows)


def _listed(mentions: Sequence[Mention], scan: Scan) -> bool:
    """Several metrics side by side need an `and` between them."""
    return all(m.joined or i == 0 or m.aggregates for i, m in enumerate(mentions))


def _per_heads(scan: Scan, told: Sorted, context: Context) -> list[Head]:
    """`answers per annotator`: a ratio metric; `votes per item`, of a measure of items: its average."""
    if not scan.per or not told.heads:
        return []
    datasets = {
        metric.of
        for mention in told.heads
        for head in read_head(replace(mention, aggregates=()), scan, context)
        if isinstance(metric := context.catalog.metrics[head.metric], Count)
    }
    names = [n for d in sorted(datasets) for e in scan.per[0].item.entries for n in context.ratio_per(d, e)]
    if names:
        return [Head(n) for n in dict.fromkeys(names)]
    rows = {e.name for e in scan.per[0].item.of_kind("dataset")}
    heads = [h for m in told.heads if m.item.of_kind("measure") for h in read_head(m, scan, context)]
    average = [h for h in heads if isinstance(context.catalog.metrics[h.metric], Average | Percentile | Extreme)]
    return [h for h in average if context.catalog.base_dataset(h.metric).name in rows]


def _measured(heads: Sequence[Mention], scan: Scan, context: Context) -> list[Mention]:
    """The mentions that name what is measured; with one stronger than a row count, row names measure nothing."""
    strong = [m for m in heads if _is_strong(m, scan, context)]
    if strong:
        return strong
    named = [m for m in heads if m.item.of_kind("metric")]
    if len(named) == 1:
        return named
    counted = [m for m in heads if m.counted]
    return counted if len(counted) == 1 and not any(m.joined for m in heads) else list(heads)


def _datasets_named(mention: Mention, context: Context) -> list[str]:
    named = [e.name for e in mention.item.of_kind("dataset")]
    for entry in mention.item.of_kind("metric"):
        metric = context.catalog.metrics[entry.name]
        if isinstance(metric, Count):
            named.append(metric.of)
    return named


def _fits_rows(metric: str, rows: frozenset[str], context: Context) -> bool:
    """Whether a metric reads the rows that were named: its own, its frame's, or rows its own belong to."""
    if not rows:
        return True
    datasets = context.catalog.datasets_of(metric)
    own = {d.name for d in datasets} | {d.design.frame for d in datasets if d.design is not None}
    reached = {r.dataset for r in context.catalog.dimensions_for(metric).values()}
    return bool(rows & (own | reached))


def _reads(metric: str, rows: frozenset[str], context: Context) -> bool:
    return any(d.name in rows for d in context.catalog.datasets_of(metric))


def _is_strong(mention: Mention, scan: Scan, context: Context) -> bool:
    readings = read_head(mention, scan, context)
    if not readings:
        return False
    if mention.counted or mention.aggregates:
        return True
    return any(not isinstance(context.catalog.metrics[h.metric], Count) for h in readings)


def _implied(scan: Scan, told: Sorted, context: Context) -> list[Head]:
    """No metric named: count the rows of the dataset that the conditions or the breakdown speak of."""
    if scan.aggregates and not (scan.which or scan.order):
        return []
    if not (
        scan.count or scan.share or scan.rows or scan.breakdown or scan.common or scan.which or scan.order or told.by
    ):
        return []
    entries = [e for c in told.conditions for e in c.options]
    entries += [e for m in (*told.by, *([scan.which] if scan.which else [])) for e in m.item.of_kind("dimension")]
    datasets = list(dict.fromkeys(e.dataset for e in entries))
    if not datasets and (scan.rows or scan.count):
        datasets = [name for name, d in context.catalog.datasets.items() if d.design is None]
    heads = [Head(m, doubt=3) for d in datasets for m in context.count_metrics(d)]
    return [h for h in heads if h.metric in context.usable] or heads


def _unused(scan: Scan, told: Sorted, context: Context) -> Obstacle | None:
    """Words of the question that would have no effect on the answer."""
    if scan.dangling:
        return Obstacle(
            "no_data",
            f"It is not clear what \u201c{scan.dangling[0]}\u201d refers to.",
            ("Name the value, dimension or number it belongs to.",),
        )
    if scan.per and not _per_heads(scan, told, context):
        names = " ".join(m.item.text for m in scan.per)
        return Obstacle(
            "no_data",
            f"No metric is defined per \u201c{names}\u201d for what is asked.",
            ("Ask for a breakdown with \u201cby\u201d, or define a ratio metric.",),
        )
    return None


def _one(
    group: _Group, conditions: Sequence[Condition], scan: Scan, told: Sorted, context: Context
) -> Reading | Obstacle:
    heads: Sequence[Head] = group.heads
    first = heads[0].metric
    dropped: Condition | None = None
    share: list[Condition] = []
    if scan.share and isinstance(context.catalog.metrics[first], Count):
        share = _numerators(conditions, told)
        governed = _governed(share, first, context)
        if governed is not None and len(heads) == 1:
            dropped, first = share[0], governed
            heads = [replace(heads[0], metric=governed, doubt=0)]
    elif scan.share and not isinstance(context.catalog.metrics[first], Proportion | Prevalence):
        share = _numerators(conditions, told)
    elif isinstance(context.catalog.metrics[first], Proportion | Prevalence):
        dropped = _restated(conditions, first, context)
    where: list[Where] = []
    share_over: list[str] = []
    for condition in conditions:
        if condition is dropped:
            continue
        made = _where(condition, first, context)
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
                "unsupported_cut", f"A share of {_name(first)} is not defined: only counts and totals have shares."
            )
        share_over = list(dict.fromkeys([*share_over, *(() if share_over else by)]))
        if not share_over:
            return Obstacle(
                "no_data",
                f"A share of {_name(first)} needs a part: which {_name(first)}?",
                ("Name a value or a breakdown, for example by a dimension.",),
            )
    order, limit = _ranking(scan, heads, by)
    try:
        query = MetricQuery(
            metrics=tuple(dict.fromkeys(h.metric for h in heads)),
            by=tuple(dict.fromkeys(by)),
            where=tuple(_union(where)),
            share_over=tuple(dict.fromkeys(share_over)),
            order=order,  # type: ignore[arg-type]
            limit=limit,
        )
    except ValueError:
        return Obstacle("unsupported_cut", "This combination cannot be asked at once.")
    strange = sum(3 for h in heads if group.rows and not _reads(h.metric, group.rows, context))
    distance = strange + sum(
        len(r.path) for c in conditions if c is not dropped and (r := context.reach(first, c.options[0])) is not None
    )
    partial = any(c.partial for c in conditions) or any(m.item.partial for m in told.heads)
    return Reading(
        query,
        tuple(h.assumption for h in heads if h.assumption),
        10 * sum(h.doubt for h in heads) + distance,
        sure=group.sure and not partial and not _doubtful(scan, heads, conditions, context),
    )


def _doubtful(scan: Scan, heads: Sequence[Head], conditions: Sequence[Condition], context: Context) -> bool:
    """Readings that are likely and yet may mean something else: they are offered, not answered."""
    metric = context.catalog.metrics[heads[0].metric]
    if scan.per_breakdown and isinstance(metric, Average) and adds_up(phrase_words(metric.column)):
        return True  # "average spend per campaign": a mean of rows, or the total over the campaigns?
    others = context.lexicon.other_times.get(context.catalog.base_dataset(heads[0].metric).name, frozenset())
    said = {root(word) for c in conditions for word in phrase_words(c.text)}
    return bool(scan.times and others & said)  # "closed in March": the status, or the day it was closed?


def _ranking(scan: Scan, heads: Sequence[Head], by: Sequence[str]) -> tuple[str | None, int | None]:
    if not by:
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


def _numerators(conditions: Sequence[Condition], told: Sorted) -> list[Condition]:
    """The part a share is of: what follows `that are`, else what precedes `among` and `in`, else everything."""
    relative = [c for c in conditions if c.zone == "relative"]
    if relative and len(relative) < len(conditions):
        return relative
    if not relative:
        inside = [c for c in conditions if c.zone in ("population", "announce")]
        outside = [c for c in conditions if c not in inside]
        if outside and inside:
            return outside
    return list(conditions) if not told.by or conditions else []


def _governed(share: Sequence[Condition], counted: str, context: Context) -> str | None:
    """A defined proportion that says exactly this, on the rows counted or on a sample of them."""
    if len(share) != 1 or share[0].kind != "in":
        return None
    option = share[0].options[0]
    where = Where(
        dimension=option.name, in_=tuple(dict.fromkeys(o.value for o in share[0].options if o.value is not None))
    )
    found = context.share_metrics(where, option.dataset)
    metric = context.catalog.metrics[counted]
    allowed = {metric.of} if isinstance(metric, Count) else set()
    fitting = [
        n
        for n in found
        if (d := context.catalog.base_dataset(n)).name in allowed
        or (d.design is not None and d.design.frame in allowed)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _restated(conditions: Sequence[Condition], metric: str, context: Context) -> Condition | None:
    """`spam rate of spam`: a condition that repeats the metric's own positive is said twice, not asked twice."""
    for condition in conditions:
        option = condition.options[0]
        if condition.kind == "in" and option.value is not None:
            where = Where(dimension=option.name, in_=(option.value,))
            if metric in context.share_metrics(where, option.dataset):
                return condition
    return None


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
    return Where(dimension=ref.name, in_=values) if condition.kind == "in" else Where(dimension=ref.name, not_in=values)


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
        f"{_name(metric)} cannot be cut by {entry.name.replace('_', ' ')} (\u201c{text}\u201d): its rows do not carry it.",
        (f"It can be cut by: {possible}.",) if possible else (),
    )


def _name(metric: str) -> str:
    return metric.replace("_", " ")
