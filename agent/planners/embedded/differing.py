"""`is X different between A and B`, `did it really change`: words that ask for a test, put as a plain comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planners.embedded.operators import Op, OpSpan
from agent.planners.embedded.spans import Item

_TESTING = {
    "really",
    "real",
    "truly",
    "genuine",
    "genuinely",
    "significant",
    "significantly",
    "statistically",
    "statistical",
    "significance",
    "measurably",
}
_HIGHER = {"higher", "lower", "larger", "smaller", "greater", "bigger", "more", "fewer", "less"}
_DIFFER = {"differ", "differs", "differed", "different", "differently"}


def take_test_words(items: Sequence[Item]) -> tuple[tuple[Item, ...], bool]:
    """The items with such words made a comparison, and whether there were any."""
    found: list[Item] = []
    tested = False
    for at, item in enumerate(items):
        word = item.text.casefold()
        following = items[at + 1] if at + 1 < len(items) else None
        if word in _TESTING and not item.of_kind("metric", "measure", "dimension", "value"):
            tested = True
        elif word in _DIFFER and not item.entries and _asks(items, at, following):
            tested = True
            found.append(_operator(item, "change"))
        elif word in {"up", "down"} and at and _finished(items[at - 1]):
            found.append(replace(item, kind="filler", op=None))  # "signed up in March"
        elif word in _HIGHER and not item.entries and any(i.text.casefold() == "than" for i in items[at:]):
            found.append(_operator(item, "change"))
        else:
            found.append(item)
    return tuple(found), tested


def _finished(item: Item) -> bool:
    word = item.text.casefold().split(" ")[-1]
    return word.endswith("ed") or word in {"sign", "signs", "sign-ups", "set", "shut", "broken", "taken", "made"}


def _asks(items: Sequence[Item], at: int, following: Item | None) -> bool:
    """Whether it asks if there is a difference; not `different accounts`, nor `how does it differ by model`."""
    if following is not None and (following.kind == "entry" or following.is_op("by", "per")):
        return False
    return not any(item.is_op("by", "per") for item in items[at:])


def pair_values(items: Sequence[Item]) -> tuple[Item, ...]:
    """`between A and B`, of two values of one dimension, put as `in A versus B`."""
    made = list(items)
    for at, item in enumerate(items):
        if not item.is_op("between"):
            continue
        values = [p for p in range(at + 1, min(at + 8, len(items))) if items[p].of_kind("value")][:2]
        joins = [p for p in range(at + 1, values[-1] if values else at) if items[p].is_op("and", "versus")]
        if len(values) == 2 and len(joins) == 1 and values[0] < joins[0] < values[1] and _one_owner(items, values):
            made[at] = _operator(item, "announce")
            made[joins[0]] = _operator(items[joins[0]], "versus")
    return tuple(made)


def set_beside(items: Sequence[Item]) -> tuple[Item, ...]:
    """`which has more messages, A or B`, `is it higher in A or B`: two values of one dimension, put as `A versus B`."""
    at = [p for p, i in enumerate(items) if i.text.casefold() in _HIGHER and not i.entries and i.op is None]
    values = [p for p, i in enumerate(items) if i.of_kind("value") and not i.of_kind("metric", "measure")]
    if len(at) != 1 or len(values) != 2 or not _one_owner(items, values):
        return tuple(items)
    if any(i.text.casefold() == "than" or (i.kind == "time" and i.time is not None and i.time.against) for i in items):
        return tuple(items)
    joins = [p for p in range(values[0] + 1, values[1]) if items[p].is_op("and", "versus")]
    if len(joins) != 1:
        return tuple(items)
    made = list(items)
    made[at[0]] = _operator(items[at[0]], "change")
    made[joins[0]] = _operator(items[joins[0]], "versus")
    return tuple(made)


def _one_owner(items: Sequence[Item], values: Sequence[int]) -> bool:
    first, second = ({(e.dataset, e.name) for e in items[p].of_kind("value")} for p in values)
    return bool(first & second)


def _operator(item: Item, op: Op) -> Item:
    return replace(item, kind="op", entries=(), number=None, op=OpSpan(item.start, item.end, op))
