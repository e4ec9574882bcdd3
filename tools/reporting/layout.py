"""What a chart shows: which kind it is, its rows or series in order, and what was left out.

Shared by the drawn chart, the terminal chart and the alt text, so that all three say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from tools.figure import Break, Figure
from tools.reporting.format import NO_VALUE, clean_text, format_label, format_name, format_period

Kind = Literal["bar", "dot", "line", "comparison"]
Role = Literal["category", "other", "no_value", "old", "new"]
MOST_ROWS = 30
MOST_SERIES = 6
_REST = ("other", "other (all the rest)")  # what a top N folds the rest into


@dataclass(frozen=True)
class Row:
    """One category: its full label and its figure; `before` and `change` where two states are compared."""

    label: str
    figure: Figure
    role: Role = "category"
    before: Figure | None = None
    change: Figure | None = None


@dataclass(frozen=True)
class Series:
    """One line: figures in order of time."""

    label: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Layout:
    """The chart in words and figures.

    Attributes:
        rows: for bars, dots and comparisons; empty for lines.
        series: for lines; empty otherwise.
        change: [difference] of a plain comparison, stated rather than drawn: its unit may differ.
        common: slice values that all figures share.
        varying: names of the dimensions that tell rows or series apart.
        shown: the figures drawn.
        notes: what was left out or needs saying.
    """

    kind: Kind
    rows: tuple[Row, ...] = ()
    series: tuple[Series, ...] = ()
    change: Figure | None = None
    common: dict[str, Any] = field(default_factory=dict)
    varying: tuple[str, ...] = ()
    shown: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()


def lay_out(
    figures: Sequence[Figure], *, kind: str = "auto", most_rows: int = MOST_ROWS, breaks: Sequence[Break] = ()
) -> Layout:
    """Choose the kind of chart and arrange `figures`, which must not be empty.

    auto: [difference, new, old] (or such a triple for each slice) is a comparison; several periods make a line;
    any sampled figure makes dots with intervals; full counts make bars.
    """
    triples = _triples(figures) if kind == "auto" else []
    if len(triples) == 1:
        return _compare(triples[0])
    if triples:
        return _compare_slices(triples, most_rows)
    notes: list[str] = []
    unit = figures[0].unit
    drawn = [f for f in figures if f.unit == unit]
    if len(drawn) < len(figures):
        left_out = sorted({format_name(f.metric) for f in figures if f.unit != unit})
        notes.append(f"Not drawn, because of another unit: {', '.join(left_out)}.")
    common, varying = _split_slices(drawn)
    if kind == "line" or (kind == "auto" and len({f.period for f in drawn}) > 1 and all(f.period for f in drawn)):
        series, more = _series(drawn, varying)
        shown = tuple(f for s in series for f in s.figures)
        said = [f"The line breaks at {b.day}: {clean_text(b.name)}." for b in breaks]
        return Layout("line", (), series, None, common, varying, shown, (*more, *said, *notes), tuple(breaks))
    if kind == "auto":
        kind = "bar" if all(f.basis == "full_count" for f in drawn) else "dot"
    rows = _order([_row(f, varying, several=len({f.metric for f in drawn}) > 1) for f in drawn])
    rows, more = _cap(rows, most_rows)
    return Layout(
        "bar" if kind == "bar" else "dot",
        rows,
        (),
        None,
        common,
        varying,
        tuple(r.figure for r in rows),
        (*more, *notes),
    )


def plotted_numbers(figures: Sequence[Figure]) -> list[float]:
    """Every number that must fit on the axis: values and interval ends of the defined figures."""
    return [float(x) for f in figures if f.value is not None for x in (f.value, f.low, f.high) if x is not None]


def _row(figure: Figure, varying: Sequence[str], *, several: bool) -> Row:
    parts = [format_label(figure.slice.get(name)) for name in varying]
    if several or not parts:
        parts.insert(0, format_name(figure.metric))
    values = [figure.slice.get(name) for name in varying]
    role: Role = "category"
    if any(v in _REST for v in values):
        role = "other"
    elif values and all(v is None for v in values):
        role = "no_value"
    return Row(label=", ".join(parts), figure=figure, role=role)


def _order(rows: list[Row]) -> tuple[Row, ...]:
    """As asked when already sorted by value; numbers by number; names by value. Without a value and "other" go last."""
    last: dict[Role, int] = {"no_value": 1, "other": 2}
    values = [r.figure.value for r in rows if r.figure.value is not None and r.role == "category"]
    if values not in (sorted(values), sorted(values, reverse=True)):
        numbers = [_number(r.label) for r in rows if r.role == "category"]
        if all(n is not None for n in numbers):
            rows = sorted(rows, key=lambda r: _number(r.label) or 0.0)
        else:
            rows = sorted(rows, key=lambda r: -(r.figure.value if r.figure.value is not None else float("-inf")))
    return tuple(sorted(rows, key=lambda r: last.get(r.role, 0)))


def _number(label: str) -> float | None:
    try:
        return float(label)
    except ValueError:
        return None


def _cap(rows: tuple[Row, ...], most: int) -> tuple[tuple[Row, ...], list[str]]:
    if len(rows) <= most:
        return rows, []
    tail = tuple(r for r in rows if r.role in ("other", "no_value"))[: most // 2]
    kept = tuple(r for r in rows if r.role == "category")[: most - len(tail)]
    rest = len(rows) - len(kept) - len(tail)
    return kept + tail, [f"{len(kept) + len(tail)} of {len(rows)} categories shown; {rest} more are in the table."]


def _series(figures: Sequence[Figure], varying: Sequence[str]) -> tuple[tuple[Series, ...], list[str]]:
    several = len({f.metric for f in figures}) > 1
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        row = _row(figure, varying, several=several)
        groups.setdefault(row.label, []).append(figure)
    series = [
        Series(k, tuple(sorted(v, key=lambda f: f.period.start if f.period else date.max))) for k, v in groups.items()
    ]
    if len(series) <= MOST_SERIES:
        return tuple(series), []
    series.sort(key=lambda s: (s.label in (*_REST, NO_VALUE), -sum(f.value or 0.0 for f in s.figures)))
    return tuple(series[:MOST_SERIES]), [f"The {MOST_SERIES} largest of {len(series)} series are shown."]


def _split_slices(figures: Sequence[Figure]) -> tuple[dict[str, Any], tuple[str, ...]]:
    names = list(dict.fromkeys(name for f in figures for name in f.slice))
    common = {
        n: figures[0].slice.get(n) for n in names if all(f.slice.get(n) == figures[0].slice.get(n) for f in figures)
    }
    common = {n: v for n, v in common.items() if all(n in f.slice for f in figures)}
    if len(figures) == 1:  # a breakdown that found one category still names it
        return {}, tuple(names)
    return common, tuple(n for n in names if n not in common)


def _triples(figures: Sequence[Figure]) -> list[tuple[Figure, Figure, Figure]]:
    """Consecutive [difference, new, old], or nothing when any three are not."""
    if len(figures) % 3 or not figures:
        return []
    triples = [(figures[i], figures[i + 1], figures[i + 2]) for i in range(0, len(figures), 3)]
    return triples if all(_is_comparison(*t) for t in triples) else []


def _is_comparison(change: Figure, new: Figure, old: Figure) -> bool:
    if new.unit != old.unit or new.metric != old.metric:
        return False
    same_place = new.slice == old.slice and change.slice == new.slice
    if same_place and (new.period is None or old.period is None or new.period.start <= old.period.start):
        return False
    shared = {k: v for k, v in new.slice.items() if k in old.slice and old.slice[k] == v}
    if not same_place and (new.period != old.period or change.slice not in (shared, {}, new.slice)):
        return False
    if change.value is None or new.value is None or old.value is None:
        return change.value is None
    gap, room = new.value - old.value, 1e-9 + 1e-6 * max(abs(new.value), abs(old.value))
    relative = gap / old.value if old.value else None
    return any(abs(change.value - x) <= room * s for x, s in ((gap, 1), (100 * gap, 100))) or (
        relative is not None
        and any(abs(change.value - x) <= 1e-6 * max(1.0, abs(x)) for x in (relative, 100 * relative))
    )


def _compare(triple: tuple[Figure, Figure, Figure]) -> Layout:
    change, new, old = triple
    common, varying = _split_slices([new, old])

    def name(figure: Figure) -> str:
        if new.slice != old.slice:
            return ", ".join(format_label(figure.slice[n]) for n in varying if n in figure.slice) or "all"
        return format_period(figure.period)

    rows = (Row(name(old), old, "old"), Row(name(new), new, "new"))
    return Layout("comparison", rows, change=change, common=common, varying=varying, shown=(old, new))


def _compare_slices(triples: list[tuple[Figure, Figure, Figure]], most_rows: int) -> Layout:
    common, varying = _split_slices([new for _, new, _ in triples])
    rows = [
        Row(r.label, new, r.role, before=old, change=change)
        for change, new, old in triples
        for r in [_row(new, varying, several=False)]
    ]
    kept, notes = _cap(_order(rows), most_rows)
    shown = tuple(f for r in kept for f in (r.before, r.figure) if f is not None)
    return Layout("comparison", kept, (), None, common, varying, shown, tuple(notes))
