"""A figure in words: the one place where numbers become text.

    format_value      13.4%    2.1 per 10,000    1,234    2 h 13 min    $12.40    fewer than 3.2 per 10,000
    format_interval   2.1% (95% interval 1.8% to 2.4%)
    format_range      1.8% to 2.4%
    format_change     -0.7 points (95% interval -1.2 to -0.2 points)
    format_n          n = 5,574 (effective 3,120)
    format_period     March 2026    1-7 March 2026    2026-02-20 to 2026-03-05
    format_slice      surface dm, country (no value)

Digits follow the interval: its shorter arm keeps one significant digit, or two below 3.55 (the Particle Data Group's
rule). A full count shows three significant digits and never rounds a whole number. An upper limit is rounded up, a
lower limit down, so that rounding never claims more than was found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from tools.figure import Figure, Period
from tools.reporting.scale import bound_side, choose_scale

NO_VALUE = "(no value)"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def format_value(figure: Figure, *, signed: bool | None = None, among: Sequence[Figure] = ()) -> str:
    """The value alone; the bound for a one-sided figure; `undefined: reason` for none, `too few to show` if withheld.

    Args:
        signed: write `+` before a positive value; by default only for unit `points`, which is always a difference.
        among: the figures it is shown beside, so that all of them are in percent or all per 10,000.
    """
    if figure.undefined == "small_cell":
        return "too few to show"
    if figure.value is None:
        return f"undefined: {clean_text(figure.undefined or '')}"
    scale = choose_scale(figure, among=among)
    plus = figure.unit == "points" if signed is None else signed
    side = bound_side(figure)
    if side == "upper" and figure.high is not None:
        word = "fewer than" if figure.unit in ("share", "count", "per_1000") else "less than"
        return f"{word} {scale.write(figure.high, rounding='up')}"
    if side == "lower" and figure.low is not None:
        return f"more than {scale.write(figure.low, rounding='down')}"
    return ("+" if plus and figure.value > 0 else "") + scale.write(figure.value)


def format_interval(figure: Figure, *, signed: bool | None = None, among: Sequence[Figure] = ()) -> str:
    """The value with its interval in brackets; the value alone for a full count."""
    value = format_value(figure, signed=signed, among=among)
    if figure.value is None or figure.low is None or figure.high is None:
        return value
    level = format_level(figure)
    side = bound_side(figure)
    if side is not None:
        return f"{value} ({level + ' ' if level else ''}{side} bound)"
    return f"{value} ({level + ' ' if level else ''}interval {format_range(figure, among=among)})"


def format_range(figure: Figure, *, unit: bool = True, among: Sequence[Figure] = ()) -> str:
    """The interval alone, `1.8% to 2.4%`; empty for a full count, an undefined figure or a bound.

    Args:
        unit: name a unit that is a word; without it `4 to 15` for 4 to 15 per 10,000.
    """
    if figure.value is None or figure.low is None or figure.high is None or bound_side(figure) is not None:
        return ""
    scale = choose_scale(figure, among=among)
    low, high = scale.write(figure.low, rounding="down"), scale.write(figure.high, rounding="up")
    if scale.suffix.startswith(" "):  # 4 to 15 per 10,000
        low = low.removesuffix(scale.suffix).removesuffix(" point")
        high = high if unit else high.removesuffix(scale.suffix).removesuffix(" point")
    return f"{low} to {high}"


def format_change(change: Figure, *, among: Sequence[Figure] = ()) -> str:
    """A difference of two levels with its sign and interval: of shares in points, as -0.7% would be relative."""
    return format_interval(in_points(change, among=among), signed=True)


def in_points(change: Figure, *, among: Sequence[Figure] = ()) -> Figure:
    """A difference of shares in percentage points; itself in other units and where the levels are per 10,000."""
    if change.unit != "share" or change.value is None or choose_scale(change, among=among).suffix != "%":
        return change
    scaled = {k: 100 * v for k in ("value", "low", "high") if (v := getattr(change, k)) is not None}
    return change.model_copy(update={**scaled, "unit": "points"})


def format_n(figure: Figure) -> str:
    """`n = 5,574`, with the effective n where it is another number; empty when n is unknown."""
    if figure.n is None:
        return ""
    if figure.n_eff is None or round(figure.n_eff) == figure.n:
        return f"n = {figure.n:,}"
    return f"n = {figure.n:,} (effective {round(figure.n_eff):,})"


def format_level(figure: Figure) -> str:
    """`95%`; empty when the figure has no level."""
    return "" if figure.level is None else f"{100 * figure.level:.4g}%"


def format_period(period: Period | None) -> str:
    """The days covered, the last one included; `all data` for none."""
    if period is None:
        return "all data"
    first, end = period.start, period.end
    last = end.fromordinal(end.toordinal() - 1)
    if first == last:
        return f"{first.day} {_MONTHS[first.month - 1]} {first.year}"
    if first.day == 1 and end.day == 1:  # whole months
        if first.month == 1 and (end.month, end.year) == (1, first.year + 1):
            return str(first.year)
        if (first.year, first.month) == (last.year, last.month):
            return f"{_MONTHS[first.month - 1]} {first.year}"
        year = "" if first.year == last.year else f" {first.year}"
        return f"{_MONTHS[first.month - 1]}{year} to {_MONTHS[last.month - 1]} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{last.day} {_MONTHS[first.month - 1]} {first.year}"
    return f"{first.isoformat()} to {last.isoformat()}"


def format_slice(slice_: Mapping[str, Any]) -> str:
    """`surface dm, country (no value)`; empty for no slice."""
    return ", ".join(f"{format_name(name)} {format_label(value)}" for name, value in slice_.items())


def format_name(name: str) -> str:
    """A metric's or dimension's name in words: underscores become blanks."""
    return clean_text(name.replace("_", " "))


def format_label(value: Any) -> str:
    """A dimension's value as shown: NULL is `(no value)`, several values are joined by `or`."""
    if value is None:
        return NO_VALUE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{_CONDITIONS.get(str(k), str(k))} {format_label(v)}".strip() for k, v in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return " or ".join(format_label(v) for v in value)
    return clean_text(str(value)) or "(empty)"


def clean_text(text: str) -> str:
    """One line without control characters, terminal escapes, bidirectional overrides or halves of characters."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (c if c in _JOINERS or unicodedata.category(c) not in _UNPRINTABLE else " " for c in text)
    return " ".join("".join(kept).split())


_JOINERS = "\u200c\u200d"
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


_CONDITIONS = {
    "in": "",
    "not_in": "not",
    "above": "above",
    "at_least": "at least",
    "below": "below",
    "at_most": "at most",
    "is_null": "without a value:",
}
