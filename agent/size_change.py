"""How large a sample must be for a change of a share to be seen, from the share as it is now."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from agent.state import ChangeToSee, DeclinePlan, QueryPlan
from tools.errors import InvalidInput
from tools.figure import Figure
from tools.metrics.query import QueryResult
from tools.reporting.prose import render

_POWER = 0.8
_LEVEL = 0.95


def size_change(plan: QueryPlan, result: QueryResult) -> QueryResult | DeclinePlan:
    """[size, the share it starts from] in place of the share alone.

    The design effect is the one that the present sample has; of a full count there is none, and the size is that of a
    simple random sample of its rows.
    """
    assert plan.change_to_see is not None
    share = result.figures[0]
    if share.value is None or not 0 < share.value < 1 or share.one_sided:
        return _undefined()
    effect = _design_effect(share)
    known = _sizes(plan.change_to_see, share, effect)
    if known is None:
        return _undefined()
    sampled = share.basis != "full_count"
    figure = share.model_copy(
        update={
            "id": "f2",
            "value": _rounded(known[0]) if sampled else known[0],
            "low": _rounded(min(known)) if sampled else None,
            "high": _rounded(max(known)) if sampled else None,
            "unit": "count",
            "positives": None,
            "method": "size for a change of a share",
            "slice": {**share.slice, "power": f"{100 * _POWER:.0f}%", "level": f"{100 * _LEVEL:.0f}%"}
            | ({"design effect": f"{effect:.3g}"} if effect != 1 else {}),
        }
    )
    return result.model_copy(update={"figures": (figure, share), "table": None, "caveats": _caveats(share, result)})


def _rounded(size: int) -> int:
    """Up to three digits: a share that is estimated does not say more."""
    step: int = 10 ** max(len(str(size)) - 3, 0)
    return -(-size // step) * step


def _sizes(change: ChangeToSee, share: Figure, effect: float) -> list[int] | None:
    """The size at the share, then at its limits; None where the share cannot move as far as that.

    Of the directions asked for, the one that takes more. At the limits the size is that of the share, times what the
    usual formula says of the two: the exact search takes long, and an interval needs no more digits.
    """
    from tools.sampling.size_for_change import pooled_size, size_for_change  # start-up: scipy

    at = _usual(change, float(share.value or 0), pooled_size)
    if at is None:
        return None
    try:
        exact = size_for_change(
            before=float(share.value or 0), after=at.end, power=_POWER, level=_LEVEL, design_effect=effect
        ).n
    except InvalidInput:
        return None
    limits = [_usual(change, float(p), pooled_size) for p in (share.low, share.high) if p is not None and 0 < p < 1]
    return [exact, *(math.ceil(exact * limit.size / at.size) for limit in limits if limit is not None)]


@dataclass(frozen=True)
class _Usual:
    """Where a share is to go, and the usual formula's size for it."""

    end: float
    size: float


def _usual(change: ChangeToSee, p: float, formula: Callable[..., float]) -> _Usual | None:
    step = change.size if change.points else change.size * p
    ends = [p + step] * (change.direction != "down") + [p - step] * (change.direction != "up")
    if any(not 0 < end < 1 for end in ends):
        return None
    found = [_Usual(end, formula(p, end, power=_POWER, level=_LEVEL)) for end in ends]
    return max(found, key=lambda each: each.size)


def _design_effect(share: Figure) -> float:
    if share.n is None or not share.n_eff:
        return 1.0
    return max(math.ceil(1000 * share.n / share.n_eff) / 1000, 0.001)


def _caveats(share: Figure, result: QueryResult) -> tuple[str, ...]:
    found: tuple[str, ...] = (
        "It is the size of each of two samples, one before and one after; both must be drawn in the same way.",
        "The share is taken as it is now; where it is smaller, more are needed.",
    )
    if share.basis == "full_count":
        found = (*found, "All rows of this metric are counted, so a sample is needed only where labelling costs.")
    return (*found, *result.caveats)


def _undefined() -> DeclinePlan:
    return DeclinePlan(
        reason="underpowered",
        message=render("The share as it is now is not known well enough, or cannot move as far as that."),
        next_steps=("Ask about a wider group or a longer period, or about a smaller change.",),
        understood=True,
    )
