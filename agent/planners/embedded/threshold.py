"""`countries where the refusal rate is above 4 %`: a bound on the outcome of each group, not a filter of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.planners.embedded.operators import OpSpan
from agent.planners.embedded.spans import Item
from tools.figure import Unit
from tools.metrics.query import Having

_COMPARATORS = ("above", "at_least", "below", "at_most")
_TIMES: dict[str, tuple[Unit, float]] = {
    "second": ("seconds", 1.0),
    "seconds": ("seconds", 1.0),
    "s": ("seconds", 1.0),
    "sec": ("seconds", 1.0),
    "minute": ("seconds", 60.0),
    "minutes": ("seconds", 60.0),
    "min": ("seconds", 60.0),
    "hour": ("hours", 1.0),
    "hours": ("hours", 1.0),
    "h": ("hours", 1.0),
    "day": ("hours", 24.0),
    "days": ("hours", 24.0),
}
_SECONDS_AN_HOUR = 3600.0


@dataclass(frozen=True)
class Bound:
    """A bound as typed: `unit` is a percentage, a unit of time, or nothing."""

    comparator: str
    numbers: tuple[float, ...]
    unit: str
    text: str


def take_threshold(items: Sequence[Item]) -> tuple[tuple[Item, ...], Bound | None]:
    """The items put as `metric by group ...` with the bound taken out; unchanged where no bound is on an outcome."""
    group = _group(items)
    if group is None:
        return tuple(items), None
    for at in range(group + 1, len(items)):
        if items[at].is_op(*_COMPARATORS, "between") or items[at].text.casefold() == "under":
            found = _read(items, group, at)
            if found is not None:
                return found
    return tuple(items), None


def bound_for(bound: Bound, unit: Unit) -> Having | None:
    """The bound in the metric's natural unit; None where it does not say what it is in."""
    factor = _factor(bound, unit)
    if factor is None:
        return None
    numbers = [round(n * factor, 12) for n in bound.numbers]
    if bound.comparator == "between":
        return Having(at_least=min(numbers), at_most=max(numbers))
    return Having(**{bound.comparator: numbers[0]})


def _factor(bound: Bound, unit: Unit) -> float | None:
    if bound.unit == "%":
        return 0.01 if unit == "share" else None
    if bound.unit:
        spoken, factor = _TIMES[bound.unit]
        if spoken == unit:
            return factor
        if (spoken, unit) == ("hours", "seconds"):
            return factor * _SECONDS_AN_HOUR
        return factor / _SECONDS_AN_HOUR if (spoken, unit) == ("seconds", "hours") else None
    if unit == "share" and any(n > 1 for n in bound.numbers):
        return None
    return 1.0


def _group(items: Sequence[Item]) -> int | None:
    """Where the question opens with what is to be listed: `countries where`, `which surfaces have`."""
    for at, item in enumerate(items):
        if item.kind == "filler":
            continue
        named = item.kind == "entry" and item.of_kind("dimension") and not item.of_kind("metric", "measure")
        after = items[at + 1] if at + 1 < len(items) else None
        linked = after is not None and (after.is_op("where", "relative") or after.text.casefold() in {"whose", "which"})
        return at if named and linked else None
    return None


def _read(items: Sequence[Item], group: int, at: int) -> tuple[tuple[Item, ...], Bound] | None:
    numbers, unit, end = _numbers(items, at)
    if not numbers:
        return None
    text = " ".join(i.text for i in items[at:end])
    op = items[at].op
    said = op.op if op is not None else ""
    bound = Bound("below" if items[at].text.casefold() == "under" else said, numbers, unit, text)
    before = _stripped(items[group + 1 : at])
    if any(i.of_kind("metric", "measure") for i in before):  # "where the refusal rate is above"
        measured, rest = before, items[end:]
    elif not before and (head := _counted(items, end)) is not None:
        measured, rest = list(items[end : head + 1]), items[head + 1 :]  # "with more than 50 refunded orders"
    else:
        return None
    place = items[group]
    by = Item(place.start, place.start, "op", "by", op=OpSpan(place.start, place.start, "by"))
    return (*measured, by, place, *rest), bound


def _counted(items: Sequence[Item], at: int) -> int | None:
    """Where the noun after the number is, behind values that say which of them."""
    while at < len(items) and items[at].of_kind("value") and not items[at].of_kind("metric", "measure", "dataset"):
        at += 1
    return at if at < len(items) and items[at].of_kind("metric", "measure", "dataset") else None


def _numbers(items: Sequence[Item], at: int) -> tuple[tuple[float, ...], str, int]:
    """The numbers after a comparator, their unit, and where what follows begins."""
    wanted = 2 if items[at].is_op("between") else 1
    numbers: list[float] = []
    unit, end = "", at + 1
    while end < len(items) and len(numbers) < wanted:
        item = items[end]
        if item.kind == "number" and item.number is not None:
            numbers.append(item.number)
            unit, end = _unit(items, end + 1, unit)
            continue
        if not (numbers and item.is_op("and")):
            return (), "", end
        end += 1
    return (tuple(numbers), unit, end) if len(numbers) == wanted else ((), "", end)


def _unit(items: Sequence[Item], at: int, known: str) -> tuple[str, int]:
    if at >= len(items):
        return known, at
    word = items[at].text.casefold()
    if items[at].is_op("share") and word in {"%", "percent", "pct", "per cent"}:
        return "%", at + 1
    if word in _TIMES and not items[at].of_kind("metric", "dataset"):
        return word, at + 1
    return known, at


def _stripped(items: Sequence[Item]) -> list[Item]:
    """The words of the metric, without those that lead to it and away from it."""
    found = [i for i in items if i.kind != "filler"]
    while found and found[0].is_op("relative", "where", "announce"):
        found.pop(0)
    while found and found[-1].is_op("relative", "announce"):
        found.pop()
    return [replace(i) for i in found]
