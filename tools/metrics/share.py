"""Each cell as a share of a wider one: the same metric with some dimensions dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tools.errors import Declined
from tools.metrics.cut import Cut
from tools.metrics.definitions import Count, Metric, Sum
from tools.metrics.evaluate import Cells, evaluate
from tools.metrics.outcome import CellKey, Outcome
from tools.metrics.session import Session

if TYPE_CHECKING:
    from tools.estimation import Estimand


def evaluate_shares(metric: Metric, cut: Cut, over: Sequence[str], session: Session) -> Cells:
    """Every cell of an additive metric over the cell that drops the grouping and the conditions on `over`.

    Raises:
        Declined: `unsupported_cut` for a metric whose cells do not add up.
    """
    if not isinstance(metric, (Count, Sum)) or metric.semi_additive is not None:
        raise Declined(
            f"The parts of {metric.name!r} do not add up to a whole, so they have no shares.",
            reason="unsupported_cut",
            hint="Ask for the values instead.",
        )
    parts = evaluate(metric, cut, session)
    wider = cut.without(over)
    wholes = evaluate(metric, wider, session)
    kept = [i for i, k in enumerate(cut.keys) if k.name not in over]
    offset = 1 if cut.grain is not None else 0

    def whole_of(key: CellKey) -> CellKey:
        return (*key[:offset], *(key[offset + i] for i in kept))

    return {key: _share(metric, cell, wholes.get(whole_of(key)), session) for key, cell in parts.items()}


def _share(metric: Metric, part: Outcome, whole: Outcome | None, session: Session) -> Outcome:
    if whole is None or whole.undefined is not None or not whole.value:
        reason = "no rows" if whole is None or not whole.n else whole.undefined or "the whole is 0"
        return part.without_value(reason)
    if part.sampled:
        return _sampled_share(metric, part, whole, session)
    value = float(part.value or 0) / float(whole.value)
    guard = (*part.guard, *whole.guard)
    return replace(part, value=value, undefined=None, n=whole.n, positives=part.n, guard=guard, vector=None)


def _sampled_share(metric: Metric, part: Outcome, whole: Outcome, session: Session) -> Outcome:
    """Rows of the whole are the domain; the part's rows are those with an outcome other than 0."""
    if part.sample is None or whole.sample is None:
        return part.without_value(part.undefined or "no rows")
    from tools.metrics.sample import estimate_cell  # start-up
    from tools.metrics.sample_share import nest

    totals = nest(part.sample.totals, whole.sample.totals, counted=isinstance(metric, Count))
    estimand: Estimand = "proportion" if isinstance(metric, Count) else "ratio"
    cell = replace(part.sample, of=estimand, totals=totals)
    outcome = estimate_cell(cell, level=session.level)
    guard = (*part.guard, part.n or 0) if session.guarded else ()
    return replace(outcome, guard=guard, provisional=part.provisional)
