"""Why a reading cannot be answered: words without effect, two conditions of which one is enough, rows out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.planners.embedded.choose_metrics import read_per
from agent.planners.embedded.condition import Condition
from agent.planners.embedded.conditions import Sorted
from agent.planners.embedded.context import Context
from agent.planners.embedded.heads import Head, adds_up
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Scan
from agent.planners.embedded.words import phrase_words, root
from tools.errors import Reason
from tools.metrics.definitions import Average, Count, Distinct, Sum

_TIMES = frozenset({"seconds", "minutes", "hours", "days", "duration", "time", "latency", "turnaround", "age"})


@dataclass(frozen=True)
class Obstacle:
    """Why a reading cannot be answered."""

    reason: Reason
    message: str
    next_steps: tuple[str, ...] = ()


def find_unused(scan: Scan, told: Sorted, context: Context) -> Obstacle | None:
    """Words of the question that would have no effect on the answer."""
    left = {id(i) for i in told.leftovers}
    lost = [m for m in (*told.heads, *scan.mentions) if m.negated and (m in told.heads or id(m.item) in left)]
    if lost:  # "not admitted students": the not must not be lost on what is counted
        words = f"{lost[0].not_word} ... {lost[0].item.text}"
        return Obstacle(
            "no_data", f"It is not clear what \u201c{words}\u201d excludes.", ("Name the value to leave out.",)
        )
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
    ranked = {a.op for a in scan.aggregates if a.op in ("max", "min")}
    if len(ranked) > 1 and (scan.which is not None or scan.order is not None) and len(told.heads) > 1:
        return Obstacle(
            "unsupported_cut", "Two rankings cannot be asked at once.", ("Ask for the highest or for the lowest.",)
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


def find_loose(heads: Sequence[Head], conditions: Sequence[Condition], scan: Scan, context: Context) -> Obstacle | None:
    """`still`, `current`, `active` without what gives them a meaning; `on average` of what is only counted."""
    metrics = [context.catalog.metrics[h.metric] for h in heads]
    acted = bool(scan.times) and all(isinstance(m, Distinct) for m in metrics)
    stock = all(isinstance(m, Count | Sum) and m.semi_additive is not None for m in metrics)
    values = any(c.kind in ("in", "not_in") for c in conditions)
    for word in scan.standing:
        moved = word.casefold() in {"active", "working", "worked", "work", "works", "running"}
        if not (stock or (acted and moved) or (values and word.casefold() not in {"active", "running"})):
            return Obstacle("no_data", f"Nothing in this workspace says what \u201c{word}\u201d is.")
    if scan.lasting and all(isinstance(m, Count | Distinct) for m in metrics):
        said = f"Nothing says of what \u201c{scan.lasting}\u201d is asked: {metric_words(heads[0].metric)} is a count."
        known = [metric_words(m) for m in _durations(heads[0].metric, context)]
        return Obstacle("no_data", said, (f"Ask for one of: {', '.join(known)}." if known else "Name the measure.",))
    if scan.on_average and all(isinstance(m, Count | Sum | Distinct) for m in metrics):
        return Obstacle("no_data", "It is not clear what to average.", ("Name a ratio metric, or a measure.",))
    return None


def _durations(counted: str, context: Context) -> list[str]:
    """Averages and medians of times, of the rows that are counted."""
    rows = context.catalog.base_dataset(counted).name
    own = [m for m in context.catalog.measures if m.dataset == rows and m.aggregation in ("average", "median")]
    return [m.metric for m in own if _TIMES & set(phrase_words(m.measure))]


def find_either(conditions: Sequence[Condition]) -> Obstacle | None:
    """`private or in the north wing`: two conditions of which one is enough cannot be put in one query."""
    for before, condition in pairwise(conditions):
        if condition.either and not _one_dimension(before, condition):
            return Obstacle(
                "unsupported_cut",
                f"Either of two different conditions (\u201c{before.text}\u201d or \u201c{condition.text}\u201d) "
                "cannot be asked at once.",
                ("Ask for each of them.",),
            )
    return None


def _one_dimension(a: Condition, b: Condition) -> bool:
    same = (a.options[0].dataset, a.options[0].name, a.kind) == (b.options[0].dataset, b.options[0].name, b.kind)
    return same and a.number is None


def is_doubtful(
    scan: Scan, told: Sorted, heads: Sequence[Head], conditions: Sequence[Condition], context: Context
) -> bool:
    """Readings that are likely and yet may mean something else: they are offered, not answered."""
    metric = context.catalog.metrics[heads[0].metric]
    if scan.per_breakdown and isinstance(metric, Average) and adds_up(phrase_words(metric.column)):
        return True  # "average spend per campaign": a mean of rows, or the total over the campaigns?
    if scan.how_often and len(conditions) > 1:
        return True  # "how often is a private visit in the north wing": which is the part?
    kinds: dict[tuple[str, str], set[str]] = {}
    for c in conditions:
        kinds.setdefault((c.options[0].dataset, c.options[0].name), set()).add(c.kind)
    if any({"in", "not_in"} <= found for found in kinds.values()) and not _against_its_rest(scan, conditions):
        return True  # "orders not delivered, paid with card", where paid is a status too
    if scan.times and any(c.text.casefold() == "new" for c in conditions):
        return True  # "new appeals in June": those whose status is new, or those that came in?
    if isinstance(metric, Distinct) and any(c.number is not None for c in conditions):
        return True  # "advertisers with spend above 500": in one of their rows, or in all together?
    if scan.count and any(m.item.of_kind("value") for m in told.by):
        return True  # "chats handled by the bot": a breakdown by the flag, or only those?
    others = context.lexicon.other_times.get(context.catalog.base_dataset(heads[0].metric).name, frozenset())
    said = {root(word) for c in conditions for word in phrase_words(c.text)}
    excluded = any(c.kind == "not_in" for c in conditions)
    return bool((scan.times or excluded) and others & said)  # "closed in March": the status, or the day of closing?


def _against_its_rest(scan: Scan, conditions: Sequence[Condition]) -> bool:
    """`US versus not US`: the same values kept and left out, one side against the other."""
    kept, out = ({o.value for c in conditions if c.kind == kind for o in c.options} for kind in ("in", "not_in"))
    return (scan.versus or scan.change) and out <= kept


def out_of_reach(entry: Entry, text: str, metric: str, context: Context) -> Obstacle:
    possible = ", ".join(sorted(context.cuts(metric))[:8])
    return Obstacle(
        "unsupported_cut",
        f"{metric_words(metric)} cannot be cut by {entry.name.replace('_', ' ')} (\u201c{text}\u201d): "
        "its rows do not carry it.",
        (f"It can be cut by: {possible}.",) if possible else (),
    )


def metric_words(metric: str) -> str:
    return metric.replace("_", " ")
