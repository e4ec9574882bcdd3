"""The marks of a chart with one row a category: bars, dots, whiskers and arrows."""

from __future__ import annotations

from collections.abc import Sequence

from tools.figure import Figure
from tools.reporting.axis import Axis
from tools.reporting.canvas import Data
from tools.reporting.layout import Row
from tools.reporting.scale import bound_side
from tools.reporting.theme import GREYED, MAIN, MAIN_LIGHT, NO_VALUE_FILL


def bar_data(rows: Sequence[Row], middles: Sequence[float]) -> Data:
    """Bars from zero; `middles` are the rows' heights in pixels. Undefined rows have none."""
    thick = 9.0 if len(rows) <= 12 else 7.5
    bars = [
        {
            "label": row.label,
            "start": 0,
            "value": row.figure.value,
            "top": round(y - thick, 1),
            "bottom": round(y + thick, 1),
            "color": _fill_of(row),
        }
        for row, y in zip(rows, middles, strict=True)
        if row.figure.value is not None
    ]
    return {"bars": bars, "zero": [{"value": 0}]}


def dot_data(rows: Sequence[Row], middles: Sequence[float], axis: Axis) -> Data:
    """Dots with whiskers, arrows for bounds, a pair of dots where two states are compared."""
    data: Data = {n: [] for n in ("zero", "links", "whiskers", "bounds", "ends", "points")}
    if axis.domain[0] <= 0 <= axis.domain[1]:
        data["zero"].append({"value": 0})
    for row, y in zip(rows, middles, strict=True):
        if row.before is not None:
            _add_dot(data, row.before, row.label, y - 5, fill="#ffffff", color=GREYED if row.role == "other" else MAIN)
            if row.before.value is not None and row.figure.value is not None:
                link = {"old": row.before.value, "value": row.figure.value, "y": y, "color": "#bdbdbd"}
                if row.before.low is None and row.figure.low is None:
                    data["links"].append(link)
        shift = 5 if row.before is not None else 0
        dark = {"other": "#7d7d7d", "no_value": "#7d7d7d"}.get(row.role, MAIN)
        _add_dot(data, row.figure, row.label, y + shift, fill="#ffffff" if row.role == "old" else dark, color=dark)
    return data


def _add_dot(data: Data, figure: Figure, label: str, y: float, *, fill: str, color: str) -> None:
    if figure.value is None:
        return
    light = MAIN_LIGHT if color == MAIN else "#cccccc"
    side = bound_side(figure)
    y = round(y, 1)
    if side is not None and figure.low is not None and figure.high is not None:
        end, tip = (figure.high, figure.low) if side == "upper" else (figure.low, figure.high)
        arrow = "triangle-left" if side == "upper" else "triangle-right"
        data["bounds"].append({"label": label, "low": figure.low, "high": figure.high, "y": y, "color": color})
        data["ends"].append({"label": label, "value": end, "top": y - 8, "bottom": y + 8, "color": color})
        data["points"].append({"label": label, "value": tip, "y": y, "color": color, "fill": color, "shape": arrow})
        return
    if figure.low is not None and figure.high is not None:
        data["whiskers"].append({"label": label, "low": figure.low, "high": figure.high, "y": y, "color": light})
    hollow = figure.status == "provisional"
    data["points"].append(
        {
            "label": label,
            "value": figure.value,
            "y": y,
            "color": color,
            "fill": "#ffffff" if hollow else fill,
            "shape": "circle",
        }
    )


def _fill_of(row: Row) -> str:
    return {"other": GREYED, "no_value": NO_VALUE_FILL, "old": MAIN_LIGHT}.get(row.role, MAIN)
