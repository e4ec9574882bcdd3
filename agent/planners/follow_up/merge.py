"""What a fragment says, put onto the query before it: each way to do so that the words allow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from tools.figure import Period
from tools.metrics.query import MetricQuery, Where


def merge(before: MetricQuery, said: MetricQuery, *, adding: bool = False) -> list[MetricQuery]:
    """The readings, likeliest first; one where the words leave no doubt.

    What the fragment says takes the place of what was said of the same thing before; the rest stays. There is doubt
    where it may add instead ("also by country"), where it excludes a value of a dimension that was filtered already,
    and where a trend is to be cut by something.

    Args:
        before: the query that was answered.
        said: the fragment, read with the metric of `before`.
        adding: the fragment says "also", "too" or "as well".
    """
    found = []
    for (by, share_over), where, (period, grain, compare) in product(
        _breakdowns(before, said, adding=adding), _conditions(before, said, adding=adding), _times(before, said)
    ):
        single = {w.dimension for w in said.where if w.in_ is not None and len(w.in_) == 1}
        changed = {
            "by": tuple(b for b in by if b not in single or b in said.by),
            "share_over": share_over,
            "where": where,
            "period": period,
            "grain": grain,
            "compare": compare,
            "order": said.order if said.by else before.order,
            "limit": said.limit if said.by else before.limit,
        }
        if not changed["by"]:
            changed |= {"order": None, "limit": None}
        held = [w for w in where if w.dimension == before.contrast and w.in_ is not None]
        pair = any(len(w.in_ or ()) == 2 or w in before.where for w in held)  # or one value against all the others
        changed["contrast"] = before.contrast if pair and grain is None and compare is None else None
        changed["having"] = before.having if by == before.by and compare is None else None
        found.append(before.model_copy(update=changed))
    return list(dict.fromkeys(found))


def _breakdowns(
    before: MetricQuery, said: MetricQuery, *, adding: bool
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(by, share_over): a share of the groups goes over to the new groups."""
    if not said.by:
        return [(before.by, said.share_over or before.share_over)]
    if said.share_over:
        return [(said.by, said.share_over)]
    own = before.share_over == before.by and bool(before.by)
    replaced = (said.by, said.by if own else before.share_over)
    both = tuple(dict.fromkeys((*before.by, *said.by)))
    if adding and before.by and both != said.by:
        return [(both, both if own else before.share_over), replaced]
    return [replaced]


def _conditions(before: MetricQuery, said: MetricQuery, *, adding: bool) -> list[tuple[Where, ...]]:
    if not said.where:
        return [before.where]
    named = {w.dimension for w in said.where}
    kept = tuple(w for w in before.where if w.dimension not in named)
    old = [w for w in before.where if w.dimension in named]
    replaced = (*kept, *said.where)
    if not old or set(old) == set(said.where):
        return [replaced]
    widened = _widen(old, said.where)
    if adding and widened is not None:
        return [(*kept, *widened), replaced]
    if any(_kind(w) != "in_" for w in (*old, *said.where)):
        return [replaced, (*before.where, *said.where)]
    return [replaced]


def _widen(old: Sequence[Where], new: Sequence[Where]) -> tuple[Where, ...] | None:
    """`dm` and then "also voice": either of them; None where the conditions are not lists of values."""
    if len(old) != 1 or len(new) != 1 or _kind(old[0]) != "in_" or _kind(new[0]) != "in_":
        return None
    values = tuple(dict.fromkeys((*(old[0].in_ or ()), *(new[0].in_ or ()))))
    return (Where(dimension=old[0].dimension, in_=values),)


def _kind(where: Where) -> str:
    return next(name for name in type(where).model_fields if name != "dimension" and getattr(where, name) is not None)


Time = tuple[Period | None, str | None, object]


def _times(before: MetricQuery, said: MetricQuery) -> list[Time]:
    """(period, grain, compare)."""
    period = said.period or before.period
    if said.compare is not None:
        return [(period, None, said.compare)]
    if said.grain is not None:
        return [(period, said.grain, None)]
    if said.period is not None and isinstance(before.compare, Period):
        return [(period, None, None), (period, None, "previous")]
    if before.grain is not None and said.by:
        return [(period, before.grain, None), (period, None, None)]
    return [(period, before.grain, before.compare)]
