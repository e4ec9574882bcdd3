"""An axis: its domain, its round ticks, and how Vega writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tools.figure import Figure
from tools.reporting.layout import plotted_numbers
from tools.reporting.scale import Scale, axis_scale

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_CUT_BELOW = 0.15  # an axis leaves out zero only where everything shown lies within 15 % of its largest value


@dataclass(frozen=True)
class Axis:
    """A linear axis.

    Attributes:
        domain: smallest and largest number on it, natural units.
        ticks: round numbers within the domain, ascending.
        label_expr: the Vega expression that writes a tick; holds no text of the data.
        labels: the same ticks written here, for measuring how much room they take.
        title: the unit, where the ticks do not carry it.
        note: said under the chart when zero is left out.
    """

    domain: tuple[float, float]
    ticks: tuple[float, ...]
    label_expr: str
    labels: tuple[str, ...]
    title: str = ""
    note: str = ""


def value_axis(figures: Sequence[Figure], *, zero: bool = False, wanted: int = 5) -> Axis:
    """The axis that shows `figures` (not empty) honestly: from zero unless they are close together far from it.

    Args:
        zero: always include zero (bars).
        wanted: about how many ticks.
    """
    unit, numbers = figures[0].unit, plotted_numbers(figures)
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    cut = not zero and _far_from_zero(low, high)
    if not cut:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-30:
        high = low + 1.0
    scale = axis_scale(figures)
    step = _step((high - low) / wanted, factor=scale.factor, duration=unit in ("seconds", "hours"))
    if unit == "count" and all(float(x).is_integer() for x in numbers):
        step = max(1.0, step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if unit == "share" and high <= 1.0:
        last = min(last, math.floor(1.0 / step + 1e-9))
    ticks = tuple(float(f"{i * step:.12g}") + 0.0 for i in range(first, last + 1))
    domain = (min(ticks[0], low), max(ticks[-1], high))
    expression, labels, title = _writing(scale, ticks, step)
    start = labels[0] + (f" {title}" if title else "")
    return Axis(
        domain=domain,
        ticks=ticks,
        label_expr=expression,
        labels=labels,
        title=title,
        note=f"The axis does not start at zero but at {start}, to show differences that zero would hide."
        if cut
        else "",
    )


def _far_from_zero(low: float, high: float) -> bool:
    """Everything on one side of zero, and the spread small against the distance."""
    if low * high <= 0 or low == high:
        return False
    return (high - low) < _CUT_BELOW * max(abs(low), abs(high))


def _step(rough: float, *, factor: float, duration: bool) -> float:
    """The round step (1, 2, 2.5, 5 times a power of ten; clock steps for durations) at or above `rough`."""
    scaled = rough * factor
    if duration and 1 <= scaled <= _SECONDS[-1]:
        return next(s for s in _SECONDS if s >= scaled) / factor
    if duration and scaled > _SECONDS[-1]:
        return 86400 * _round_up(scaled / 86400) / factor
    return _round_up(scaled) / factor


def _round_up(number: float) -> float:
    power = 10.0 ** math.floor(math.log10(number))
    return float(next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= number * (1 - 1e-9)))


def _writing(scale: Scale, ticks: Sequence[float], step: float) -> tuple[str, tuple[str, ...], str]:
    """The Vega expression of a tick, the ticks' texts, and the unit that the texts leave out."""
    factor, prefix, suffix, title = scale.factor, scale.prefix, "", ""
    if scale.unit in ("seconds", "hours"):
        seconds = step * factor
        name, size = next((n, s) for n, s in (("d", 86400), ("h", 3600), ("min", 60), ("s", 0)) if seconds >= s)
        factor, suffix = factor / (size or 1), f" {name}"
    elif scale.suffix == "%":
        suffix = "%"
    else:
        title = scale.suffix.strip()
    largest = max(abs(t) for t in ticks) * factor
    thousands = next(((d, s) for d, s in ((1e9, "B"), (1e6, "M"), (1e4, "k")) if largest >= d), None)
    if thousands and not title and not suffix:
        factor, suffix = factor / (1e3 if thousands[1] == "k" else thousands[0]), thousands[1]
    decimals = _decimals(step * factor)
    if prefix and decimals == 1:
        decimals = 2  # nobody writes $12.4
    nought = f"{prefix}0{'%' if suffix == '%' else ''}"
    minus = "(datum.value < 0 ? '-' : '')"
    number = f"{minus} + '{prefix}' + format(abs(datum.value) * {factor!r}, ',.{decimals}f') + '{suffix}'"
    labels = tuple(
        f"{'-' if t < 0 else ''}{prefix}{abs(t) * factor:,.{decimals}f}{suffix}" if t else nought for t in ticks
    )
    return f"datum.value == 0 ? '{nought}' : {number}", labels, title


def _decimals(step: float) -> int:
    return next((d for d in range(12) if abs(step - round(step, d)) < 1e-9 * step), 12)
