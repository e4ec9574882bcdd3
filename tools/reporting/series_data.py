"""The marks of a line chart: where lines break, where they are dashed, and what stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tools.figure import Break, Figure
from tools.reporting.canvas import Data
from tools.reporting.layout import Series
from tools.reporting.scale import bound_side
from tools.reporting.theme import SERIES, SHAPES


def series_data(all_series: Sequence[Series], *, points: bool, floor: float, breaks: Sequence[Break] = ()) -> Data:
    """The marks of every series: bands, lines, provisional lines, points, bounds, and the gaps.

    Args:
        points: mark every period, not only those that need it (provisional, alone, last).
        floor: the value at the foot of the plot, where gaps are marked.
    """
    data: Data = {n: [] for n in ("bands", "whiskers", "lines", "provisional", "bounds", "points", "gaps")}
    for index, series in enumerate(all_series):
        _add_series(data, series, index, points=points, floor=floor, breaks=breaks)
    return data


def _add_series(data: Data, series: Series, index: int, *, points: bool, floor: float, breaks: Sequence[Break]) -> None:
    color, shape = SERIES[index % len(SERIES)], SHAPES[index % len(SHAPES)]
    runs = _runs(series.figures, breaks)
    for number, run in enumerate(runs):
        segment = f"{index}.{number}"
        for figure in run:
            row = _datum(series, figure, segment, color)
            if figure.low is not None and figure.high is not None:
                name = "bands" if len(run) > 1 else "whiskers"  # a band of one period has no width
                data[name].append({**row, "low": figure.low, "high": figure.high})
        for part, name in _by_status(run):
            data[name] += [_datum(series, f, f"{segment}.{f_index}", color) for f_index, f in part]
    for position, figure in enumerate(series.figures):
        row = _datum(series, figure, "", color)
        if figure.value is None:
            data["gaps"].append({**row, "value": floor})
        elif bound_side(figure) == "upper" and figure.high is not None:
            data["bounds"].append({**row, "low": max(floor, figure.low or 0.0), "high": figure.high})
            mark = {"value": figure.high, "fill": "#ffffff", "shape": "triangle-down"}
            data["points"].append({**row, **mark})
        else:
            hollow = figure.status == "provisional"
            alone = any(len(run) == 1 and run[0] is figure for run in runs)
            if points or hollow or alone or position == len(series.figures) - 1:
                data["points"].append({**row, "fill": "#ffffff" if hollow else color, "shape": shape})


def _datum(series: Series, figure: Figure, segment: str, color: str) -> dict[str, Any]:
    assert figure.period is not None  # a series has periods
    day = figure.period.start.isoformat()
    return {"series": series.label, "period": day, "value": figure.value, "segment": segment, "color": color}


def _runs(figures: Sequence[Figure], breaks: Sequence[Break]) -> list[list[Figure]]:
    """Stretches of estimates without a hole: no undefined figure, no bound, no missing period, no break between."""
    runs: list[list[Figure]] = [[]]
    for figure in figures:
        if figure.value is None or bound_side(figure) is not None:
            runs.append([])
            continue
        before = runs[-1][-1] if runs[-1] else None
        if (before is not None and before.period and figure.period and before.period.end < figure.period.start) or (
            before is not None and any(falls_between(b, before, figure) for b in breaks)
        ):
            runs.append([])
        runs[-1].append(figure)
    return [run for run in runs if run]


def falls_between(mark: Break, before: Figure, after: Figure) -> bool:
    """Whether a break lies in the later figure's days, or at their start, and not in the earlier one's."""
    if before.period is None or after.period is None:
        return False
    return before.period.end <= mark.day < after.period.end


def _by_status(run: Sequence[Figure]) -> list[tuple[list[tuple[int, Figure]], str]]:
    """The run cut where it turns provisional or final; a provisional stretch is joined to its neighbours by dashes."""
    parts: list[tuple[list[tuple[int, Figure]], str]] = []
    for before, after in pairwise(run):
        name = "provisional" if "provisional" in (before.status, after.status) else "lines"
        if not parts or parts[-1][1] != name:
            parts.append(([(len(parts), before)], name))
        parts[-1][0].append((len(parts) - 1, after))
    return parts
