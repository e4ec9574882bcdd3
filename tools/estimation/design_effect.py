"""Design effect: variance over that of simple random sampling with replacement of the same n."""

from __future__ import annotations

from tools.estimation.influence import Estimand
from tools.estimation.tables import Totals


def design_effect(totals: Totals, *, of: Estimand, value: float, variance: float) -> float | None:
    """`deff_replace` of R survey: v / (s²_w / n), s²_w = n/(n-1) Σw(e - ē)²/Σw, over the domain's rows.

    e is y for mean, total and proportion and (y - Rx)/Σwx for a ratio; totals scale by (Σw)². None when the sums of
    squares were not handed over, n < 2, or the outcome does not vary.
    """
    n, weight = int(totals.n.sum()), float(totals.sum_w.sum())
    squares = _sum_of_squares(totals, of=of, value=value)
    if squares is None or n < 2 or weight <= 0:
        return None
    simple = squares / weight / (n - 1)
    if of == "total":
        simple *= weight**2
    if of == "ratio" and totals.sum_wx is not None:
        simple *= (weight / float(totals.sum_wx.sum())) ** 2
    return variance / simple if simple > 0 else None


def _sum_of_squares(totals: Totals, *, of: Estimand, value: float) -> float | None:
    """Σw(e - ē)² in units of y."""
    weight, wy = float(totals.sum_w.sum()), float(totals.sum_wy.sum())
    if of == "proportion":
        return weight * value * (1.0 - value)
    if totals.sum_wyy is None:
        return None
    wyy = float(totals.sum_wyy.sum())
    if of != "ratio" or totals.sum_wx is None:
        return _clean(wyy - wy**2 / weight, wyy)
    if totals.sum_wxy is None or totals.sum_wxx is None:
        return None
    wxy, wxx = float(totals.sum_wxy.sum()), float(totals.sum_wxx.sum())
    return _clean(wyy - 2 * value * wxy + value**2 * wxx, wyy + value**2 * wxx)


def _clean(difference: float, size: float) -> float:
    """What is left of two sums that cancel; 0 where that is no more than the rounding of floats."""
    return difference if difference > 1e-13 * size else 0.0
