"""How a figure's number is scaled, and how many digits of it are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tools.figure import Figure, Unit

Rounding = Literal["near", "up", "down"]
_TINY_SHARE = 0.001  # below one in a thousand, percentages have too many zeros to read
_TINIEST_SHARE = 1e-6
_NOTHING = 1e-30  # no digits are worth showing below


@dataclass(frozen=True)
class Scale:
    """One way of writing numbers, shared by a value and its interval (or by a whole axis).

    Attributes:
        unit: the figure's unit.
        factor: what a number is multiplied by before it is written.
        decimals: digits after the point; negative rounds whole numbers (-2 = hundreds).
        prefix, suffix: what stands around the number.
        exact: a full count: whole numbers keep all their digits.
    """

    unit: Unit
    factor: float
    decimals: int
    prefix: str = ""
    suffix: str = ""
    exact: bool = False

    def write(self, number: float, *, rounding: Rounding = "near") -> str:
        """The number with its unit, `-$3.20`, `13.4%`, `2 h 13 min`."""
        if self.unit in ("seconds", "hours") and self.suffix == "" and abs(number) < 1e12:
            return _write_duration(number * self.factor, decimals=self.decimals, rounding=rounding)
        scaled = number * self.factor
        if abs(scaled) >= 1e15 or 0 < abs(scaled) < 1e-9:  # beyond what digits can tell
            return f"{'-' if scaled < 0 else ''}{self.prefix}{abs(scaled):.3g}{self.suffix}"
        decimals = self.decimals
        if self.exact and self.unit != "usd":  # 13% for 0.13, but 13.0% for 0.1304
            decimals = next((d for d in range(decimals) if abs(scaled - round(scaled, d)) < 1e-9), decimals)
        text = f"{abs(_round(scaled, decimals, rounding)):,.{max(decimals, 0)}f}"
        suffix = " point" if self.suffix == " points" and text == "1" else self.suffix
        minus = "-" if scaled < 0 and text.strip("0.,") else ""
        return f"{minus}{self.prefix}{text}{suffix}"


def choose_scale(figure: Figure, *, among: Sequence[Figure] = ()) -> Scale:
    """The scale of one figure: digits follow its interval; two significant ones for a bound, three for a full count.

    Args:
        among: the figures it is shown beside: tiny shares are written per 10,000 only where all of them are tiny.
    """
    value, low, high = figure.value or 0.0, figure.low, figure.high
    dress = max(map(size_of, among), default=None)
    if low is None or high is None:
        return scale_of(figure.unit, size=abs(value), digits=3, exact=True, dress=dress)
    side = bound_side(figure)
    if side is not None:
        return scale_of(figure.unit, size=size_of(figure), digits=2, dress=dress)
    doubt = max(min(value - low, high - value), (high - low) / 20)  # few positives: the lower arm is far shorter
    return scale_of(figure.unit, size=size_of(figure), digits=3, doubt=doubt, least=abs(low), dress=dress)


def size_of(figure: Figure) -> float:
    """The number that decides a figure's unit: its value without sign, the bound of a one-sided one."""
    side = bound_side(figure)
    if side is not None:
        return abs((figure.high if side == "upper" else figure.low) or 0.0)
    return abs(figure.value or 0.0) or max(abs(figure.low or 0.0), abs(figure.high or 0.0))


def bound_side(figure: Figure) -> Literal["upper", "lower"] | None:
    """`upper` or `lower` when the figure is a one-sided bound, else None.

    A figure whose estimate sits on its own upper limit (all positive) is bounded from below, every other one from
    above. A sample without a positive is a bound even if nobody said so: it is never shown as 0%.
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return None
    if figure.one_sided:
        return "lower" if figure.value == figure.high and figure.value != figure.low else "upper"
    nothing_found = figure.value == 0 and figure.low == 0 and figure.high > 0
    return "upper" if nothing_found and figure.unit in ("share", "per_1000", "count") else None


def axis_scale(figures: Sequence[Figure]) -> Scale:
    """The scale of an axis for `figures` (not empty), in the unit that their words use."""
    return scale_of(figures[0].unit, size=max(map(size_of, figures)), digits=3, exact=True)


def scale_of(
    unit: Unit,
    *,
    size: float,
    digits: int,
    doubt: float = 0.0,
    least: float = 0.0,
    exact: bool = False,
    dress: float | None = None,
) -> Scale:
    """The scale for numbers of about `size` (natural units).

    Args:
        digits: significant digits where there is no interval.
        doubt: the shorter arm of the interval; 0 for none.
        least: the interval's lower limit, kept distinguishable from 0.
        dress: the size that chooses between percent and per 10,000; by default `size`.
    """
    factor, prefix, suffix = _dress(unit, size if dress is None else dress)
    if unit in ("seconds", "hours"):
        return _duration_scale(unit, factor, size=size, doubt=doubt, exact=exact)
    scaled, reach = size * factor, doubt * factor
    if reach > 0:
        decimals = _last_place(reach, digits=2 if unit in ("count", "usd") else 1)
        if unit == "share":
            first_digit = -math.floor(math.log10(least * factor)) if least * factor > _NOTHING else 0
            decimals = max(0, decimals, min(decimals + 2, first_digit))
        if unit == "points":
            decimals = max(1, decimals)
    elif suffix == "%":
        nearest = min(scaled, abs(100 - scaled))  # 99.97% is not 100%
        decimals = max(1, _last_place(nearest, digits=digits if scaled < 50 else min(digits, 2))) if nearest > 0 else 0
    elif unit == "usd":
        decimals = 0 if scaled >= 1000 else 2 if scaled >= 0.1 else max(2, _last_place(scaled, digits=digits))
    else:
        decimals = max(0, _last_place(scaled, digits=digits))
    if unit == "usd" and decimals == 1:
        decimals = 2  # nobody writes $12.4
    return Scale(unit=unit, factor=factor, decimals=min(decimals, 12), prefix=prefix, suffix=suffix, exact=exact)


def _dress(unit: Unit, size: float) -> tuple[float, str, str]:
    if unit == "share":
        if 0 < size < _TINIEST_SHARE:
            return 1e6, "", " per million"
        return (1e4, "", " per 10,000") if 0 < size < _TINY_SHARE else (100.0, "", "%")
    if unit == "usd":
        return 1.0, "$", ""
    if unit == "hours":
        return 3600.0, "", ""
    return 1.0, "", {"per_1000": " per 1,000", "points": " points"}.get(unit, "")


def _duration_scale(unit: Unit, factor: float, *, size: float, doubt: float, exact: bool) -> Scale:
    """Plain seconds below a minute, or where the interval is finer than whole seconds; else two parts."""
    seconds, reach = size * factor, doubt * factor
    if seconds < 60 or 0 < reach < 0.5:
        decimals = _last_place(reach, digits=1) if reach else _last_place(seconds, digits=3)
        return Scale(unit=unit, factor=factor, decimals=max(0, min(decimals, 9)), suffix=" s", exact=exact)
    return Scale(unit=unit, factor=factor, decimals=0, exact=exact)


def _write_duration(seconds: float, *, decimals: int, rounding: Rounding) -> str:
    sign, rest = ("-" if seconds < 0 else ""), abs(seconds)
    for above, step, names in ((86400 * 2, 3600, ("d", "h")), (3600, 60, ("h", "min")), (0, 1, ("min", "s"))):
        if rest < above:
            continue
        units = int(_round(rest / step, decimals, rounding))
        per = 24 if names[0] == "d" else 60
        major, minor = divmod(units, per)
        if names[0] == "min" and major >= 60:  # 59 min 59.6 s
            return f"{sign}{major // 60} h"
        shown = [f"{n:,} {name}" for n, name in ((major, names[0]), (minor, names[1])) if n]
        return sign + " ".join(shown) if shown else f"0 {names[1]}"
    raise AssertionError("unreachable: the last step starts at 0")


def _last_place(number: float, *, digits: int) -> int:
    """Decimals that leave `digits` significant ones of `number`; two where a single one would be too coarse.

    Two digits below 3.55, one above: the Particle Data Group's rule for errors (Review of Particle Physics, 5.3).
    """
    if number < _NOTHING:
        return 0
    place = math.floor(math.log10(number))
    if digits == 1 and number / 10.0**place < 3.55:
        digits = 2
    return digits - 1 - place


def _round(number: float, decimals: int, rounding: Rounding) -> float:
    if rounding == "near":
        return round(number, decimals)
    step = 10.0**decimals
    moved = number * step
    if abs(moved - round(moved)) < 1e-9 * max(1.0, abs(moved)):
        return round(number, decimals)
    return (math.ceil(moved) if rounding == "up" else math.floor(moved)) / step
