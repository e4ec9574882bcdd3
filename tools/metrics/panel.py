"""All cells of one metric that an answer shows: values, or new against old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.errors import Declined, InvalidInput
from tools.figure import Period
from tools.metrics.arithmetic import subtract
from tools.metrics.buckets import period_before
from tools.metrics.cut import Cut
from tools.metrics.definitions import Metric
from tools.metrics.evaluate import Cells, empty_outcome, evaluate
from tools.metrics.left_out import guard_left_out
from tools.metrics.outcome import CellKey, Outcome
from tools.metrics.query import MetricQuery
from tools.metrics.session import Session
from tools.metrics.share import evaluate_shares
from tools.metrics.suppress import suppress_small
from tools.metrics.top import fold_rest, least_left_out, other_key, sort_keys


@dataclass(frozen=True)
class Panel:
    """One metric's cells; with a comparison also the earlier ones (or those of the second slice), and the differences.

    Attributes:
        old_cut: of two slices set side by side, the cut of the second.
    """

    metric: Metric
    cut: Cut
    cells: Cells
    old: Cells | None = None
    old_period: Period | None = None
    shared: bool = False
    old_cut: Cut | None = None


def panel_of(metric: Metric, cut: Cut, query: MetricQuery, session: Session) -> Panel:
    """Evaluate one metric as the query asks.

    Raises:
        InvalidInput: a comparison by day, week or month. Declined: see `evaluate`.
    """
    if query.contrast is not None:
        return _contrasted(metric, cut, query, session)
    cells = _evaluate(metric, cut, query, session)
    if query.compare is None:
        return Panel(metric, cut, cells, shared=bool(query.share_over))
    if query.grain is not None:
        raise InvalidInput(
            "A comparison of two periods has no day, week or month.", value=query.grain, hint="Leave one of them out."
        )
    if query.period is None:
        raise Declined(
            "A comparison needs a period to compare.", reason="unsupported_cut", hint="Say which days, weeks or months."
        )
    period = period_before(query.period) if query.compare == "previous" else query.compare
    if period.start < query.period.end and query.period.start < period.end:
        raise InvalidInput(
            "The two periods share days, so their difference says little.",
            value=f"{period.start} to {period.end}",
            hint="Compare periods that do not overlap.",
        )
    old = _evaluate(metric, replace(cut, period=period), query, session)
    return Panel(metric, cut, cells, old, period, shared=bool(query.share_over))


def _contrasted(metric: Metric, cut: Cut, query: MetricQuery, session: Session) -> Panel:
    """Two slices of one dimension side by side, or one and all but that, each evaluated on its own."""
    held = next((c for c in cut.conditions if c.name == query.contrast and c.kind == "in_"), None)
    if held is None or len(held.operand) > 2 or query.compare is not None or query.grain is not None:
        raise InvalidInput(
            f"A contrast of {query.contrast!r} needs a condition on one or two of its values, and no other comparison.",
            value=query.contrast,
            hint="Name two values, one against the other, or one, against all the others.",
        )
    alone = len(held.operand) == 1
    sides = (held, replace(held, kind="not_in")) if alone else (replace(held, operand=(v,)) for v in held.operand)
    first, second = (replace(cut, conditions=tuple(side if c is held else c for c in cut.conditions)) for side in sides)
    cells, others = (_evaluate(metric, side, query, session) for side in (first, second))
    return Panel(metric, first, cells, others, cut.period, shared=bool(query.share_over), old_cut=second)


def _evaluate(metric: Metric, cut: Cut, query: MetricQuery, session: Session) -> Cells:
    shared = bool(query.share_over)
    cells = evaluate_shares(metric, cut, query.share_over, session) if shared else evaluate(metric, cut, session)
    return guard_left_out(metric, cells, cut, session)


def rank_keys(panel: Panel, query: MetricQuery, session: Session) -> list[CellKey]:
    """Keys (without the bucket of time, where something else is grouped by) in the order the answer shows them."""
    descending = None if query.order is None and query.limit is None else query.order != "asc"
    cells = panel.cells
    if query.by and query.grain is not None:
        whole = replace(panel.cut, grain=None)
        cells = _evaluate(panel.metric, whole, query, session) if descending is not None else _any_bucket(cells)
    if panel.old is not None:
        cells = {**dict.fromkeys(panel.old, Outcome(undefined="no rows")), **cells}
    shown = suppress_small(cells, min_cell=session.min_cell)
    if descending is None and query.by and query.grain is None and _only_words(shown):
        descending = True
    return sort_keys(shown, descending=descending)


def _any_bucket(cells: Cells) -> Cells:
    return {key[1:]: cell for key, cell in cells.items()}


def _only_words(cells: Cells) -> bool:
    """Words have no order of their own, so that their cells are shown by size."""
    return all(part is None or isinstance(part, str) for key in cells for part in key)


def keep_top(panel: Panel, kept: Sequence[CellKey], rest: Sequence[CellKey], session: Session) -> tuple[Panel, bool]:
    """The panel with only the kept keys, and the rest as one row where it adds up (False: the rest is left out)."""
    cells, folded = _keep(panel, panel.cells, kept, rest)
    old = None
    if panel.old is not None:
        old, also = _keep(panel, panel.old, kept, rest)
        folded = folded and also
    return replace(panel, cells=cells, old=old), folded


def _keep(panel: Panel, cells: Cells, kept: Sequence[CellKey], rest: Sequence[CellKey]) -> tuple[Cells, bool]:
    timed = panel.cut.grain is not None and bool(panel.cut.keys)
    buckets: list[CellKey] = list(dict.fromkeys(key[:1] for key in cells)) if timed else [()]
    found: Cells = {}
    folded = bool(rest)
    for bucket in buckets:
        found |= {(*bucket, *k): cells[(*bucket, *k)] for k in kept if (*bucket, *k) in cells}
        if not rest or not panel.cut.keys:
            continue
        members = [(*bucket, *k) for k in rest]
        other = _shares_together(cells, members, panel) if panel.shared else fold_rest(panel.metric, cells, members)
        if other is None:
            folded = False
        else:
            found[(*bucket, *other_key(kept, len(panel.cut.keys)))] = other
    return found, folded


def _shares_together(cells: Cells, members: Sequence[CellKey], panel: Panel) -> Outcome | None:
    """Shares of one whole add up."""
    found = [cells[k] for k in members if k in cells]
    if not found or any(c.sampled or c.value is None for c in found) or len({c.n for c in found}) > 1:
        return None
    guard = tuple(max(c.guard[i] for c in found) for i in range(min(len(c.guard) for c in found)))
    positives = [c.positives for c in found if c.positives is not None]
    return replace(
        found[0],
        value=sum(float(c.value or 0) for c in found),
        positives=sum(positives) if len(positives) == len(found) else None,
        guard=guard,
        left_out=least_left_out(found),
        provisional=any(c.provisional for c in found),
    )


def hide_small(panel: Panel, session: Session) -> Panel:
    """Small cells hidden on both sides of a comparison."""
    old = None if panel.old is None else suppress_small(panel.old, min_cell=session.min_cell)
    return replace(panel, cells=suppress_small(panel.cells, min_cell=session.min_cell), old=old)


def compared(panel: Panel, key: CellKey, session: Session) -> tuple[Outcome, Outcome, Outcome]:
    """(difference, new, old) of a cell; a cell that one period lacks is empty there."""
    empty = empty_outcome(panel.metric, session)
    new, old = panel.cells.get(key, empty), (panel.old or {}).get(key, empty)
    difference = subtract(new, old, level=session.level)
    if "small_cell" in (new.undefined, old.undefined):
        difference = difference.hidden()
    return difference, new, old
