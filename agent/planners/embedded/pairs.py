"""`stype E`, `awards = No`, `class is 2`: a dimension's name and a value that means something only beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.spans import Item
from tools.metrics.definitions import Scalar
from tools.metrics.profile import Profile

_YES = frozenset({"yes", "true", "y", "t"})
_NO = frozenset({"no", "false", "n", "f"})


def join_pairs(items: Sequence[Item], profile: Profile) -> tuple[Item, ...]:
    """The items, with each such pair made one value item; a `not` between the two is put before it."""
    joined: list[Item] = []
    at = 0
    while at < len(items):
        pair = _pair(items, at, profile)
        if pair is None:
            joined.append(items[at])
            at += 1
            continue
        made, nots, at = pair
        joined.extend((*nots, made))
        while (more := _another(items, at, name=items[at - 1], made=made, profile=profile)) is not None:
            joined.extend((items[at], more))  # "priority 1 or 2"
            at += 2
    return tuple(joined)


def _pair(items: Sequence[Item], at: int, profile: Profile) -> tuple[Item, list[Item], int] | None:
    name = items[at]
    dimensions = name.of_kind("dimension")
    if not dimensions:
        return None
    nots: list[Item] = []
    end = at + 1
    while end < len(items) and end - at <= 3:
        item = items[end]
        options = tuple(o for d in dimensions for o in _values(d, item, profile))
        following = items[end + 1] if end + 1 < len(items) else None
        if item.kind == "number" and following is not None and following.is_op("or_more", "or_less", "above", "below"):
            return None  # "age 65 or more" compares
        if options and _needs_name(item):
            text = f"{name.text} {item.text}"
            return replace(name, end=item.end, text=text, entries=options, partial=False), nots, end + 1
        if item.is_op("not"):
            nots.append(item)
        elif not (item.kind == "filler" or item.is_op("relative")):
            return None
        end += 1
    return None


def _another(items: Sequence[Item], at: int, *, name: Item, made: Item, profile: Profile) -> Item | None:
    """A further value of the same dimension after `and`, `or` or a comma."""
    if at + 1 >= len(items) or not items[at].is_op("and"):
        return None
    item = items[at + 1]
    dimensions = {(e.dataset, e.name) for e in made.of_kind("value")}
    options = tuple(o for d, n in sorted(dimensions) for o in _values(Entry("dimension", n, d), item, profile))
    return replace(item, kind="entry", entries=options, number=None) if options and _needs_name(item) else None


def _needs_name(item: Item) -> bool:
    """Words that name no value on their own: numbers, yes and no, codes that look like other words."""
    if item.kind == "entry":
        return all(e.generic for e in item.of_kind("value"))
    word = item.text.casefold()
    return item.kind in ("number", "unknown") or len(word) == 1 or word in _YES | _NO | {"none", "other", "unknown"}


def _values(dimension: Entry, item: Item, profile: Profile) -> list[Entry]:
    data = profile.datasets.get(dimension.dataset)
    wanted = item.text.casefold().replace(",", "")
    seen = data.values.get(dimension.name, ()) if data else ()
    return [
        Entry("value", dimension.name, dimension.dataset, value)
        for value, _ in seen
        if value is not None and _same(value, wanted)
    ]


def _same(value: Scalar, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted in (_YES if value else _NO)
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) == wanted
    return str(value).casefold() == wanted
