"""What is left when the words are used up: operators that found nothing to act on are named, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planners.embedded.mentions import Scan
from agent.planners.embedded.scan_state import ScanState
from agent.planners.embedded.spans import Item


def settle(scan: Scan, state: ScanState, items: Sequence[Item]) -> None:
    """Operators at the end belong to what came before ("votes on average"); the others are left dangling."""
    if state.pending and scan.mentions and not (scan.which or scan.order):
        last = scan.mentions[-1]
        if not last.aggregates:
            scan.mentions[-1] = replace(last, aggregates=tuple(state.pending))
            state.pending.clear()
    for first, second in zip(scan.mentions, scan.mentions[1:], strict=False):
        amount = second.item.of_kind("measure") and not first.item.of_kind("measure")
        if first.aggregates and amount and not second.aggregates and second.position == first.position + 1:
            index = scan.mentions.index(second)  # "average order amount" averages the amount
            scan.mentions[index] = replace(second, aggregates=first.aggregates)
            scan.mentions[index - 1] = replace(first, aggregates=())
    bound = {a for m in (*scan.mentions, *scan.per) for a in m.aggregates}
    ranking = scan.which is not None or scan.order is not None or any(t.kind == "grain" for t in scan.times)
    for span in scan.aggregates:
        if span not in bound and not (ranking and span.op in ("max", "min")) and span.op != "total":
            scan.dangling.append(next(i.text for i in items if i.op == span))
    announced = len(items) > 1 and items[-2].is_op("announce") and items[-1].op is not None
    if items and (announced or (items[-1].op is not None and items[-1].text.casefold() in _OPEN)):
        scan.dangling.append(items[-1].text)
    scan.dangling += [items[p].text for p in state.nots if p not in state.bound_nots]
    if state.comparator is not None or state.between is not None:
        at = state.comparator[1] if state.comparator is not None else state.between_at
        scan.dangling.append(items[at].text)
    if state.per:  # "per" of nothing
        scan.dangling.append(next(i.text for i in reversed(items) if i.is_op("per", "average", "on_average") or i.op))
    if any(i.is_op("by") for i in items) and not (scan.by or scan.order or scan.which or state.by_value):
        scan.dangling.append(next(i.text for i in items if i.is_op("by")))


_OPEN = {"in", "from", "for", "with", "where", "at", "among"}
