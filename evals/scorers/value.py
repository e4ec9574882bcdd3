"""Are the numbers those that were worked out by hand?"""

from __future__ import annotations

from datetime import date, timedelta

from agent.state import Answer
from evals.expect import Expect
from evals.truth import MISSING, Row, Truth, label_of, same_number
from tools.figure import Figure, Period

_OTHER = frozenset({"other", "others", "all others", "all other", "(other)"})


def score_value(answer: Answer, expect: Expect, truth: Truth) -> list[str]:
    """Problems of an answer's figures against the truth: value, rows, basis and unit."""
    if answer.kind != "answer" or (truth.value is None and not truth.rows):
        return []
    if not answer.figures:
        return ["the answer holds no figure"]
    first = answer.figures[0]
    problems = _score_rows(answer.figures, expect, truth.rows) if truth.rows else _score_first(first, expect, truth)
    if expect.basis is not None and first.basis != expect.basis:
        problems.append(f"basis is {first.basis}, expected {expect.basis}")
    if expect.unit is not None and first.unit != expect.unit:
        problems.append(f"unit is {first.unit}, expected {expect.unit}")
    return problems


def _score_first(first: Figure, expect: Expect, truth: Truth) -> list[str]:
    if same_number(_value(first), truth.value, tolerance=expect.tolerance):
        return []
    return [f"value is {first.value} ({first.metric}), expected {truth.value}"]


def _score_rows(figures: tuple[Figure, ...], expect: Expect, rows: tuple[Row, ...]) -> list[str]:
    if expect.rows == "leading":
        pairs = zip(rows, figures, strict=False)
        wrong = [
            r for r, f in pairs if not (_fits(f, r) and same_number(_value(f), r.value, tolerance=expect.tolerance))
        ]
        if len(figures) < len(rows) or wrong:
            return [f"the leading rows are {_shown(figures[: len(rows)])}, expected {_expected(rows)}"]
        return []
    problems: list[str] = []
    left = list(figures)
    for row in sorted(rows, key=lambda r: (-len(r.labels), str(r.labels))):
        fitting = [f for f in left if _fits(f, row)]
        right = [f for f in fitting if same_number(_value(f), row.value, tolerance=expect.tolerance)]
        if right:
            left.remove(right[0])
        elif fitting:
            problems.append(f"row {_label(row)} is {fitting[0].value}, expected {row.value}")
            left.remove(fitting[0])
        else:
            problems.append(f"row {_label(row)} is missing")
    extra = [f for f in left if not _is_other(f) and _value(f) not in (0, None)]
    problems += [f"row {sorted(_labels(f))} was not asked for" for f in extra]
    return problems[:4]


def _value(figure: Figure) -> float | None:
    return None if figure.value is None else float(figure.value)


def _labels(figure: Figure) -> set[str]:
    labels = {label_of(v) for v in figure.slice.values()}
    if figure.period is not None:
        labels |= {day.isoformat() for day in _bucket_starts(figure.period)}
    return labels or {MISSING}


def _bucket_starts(period: Period) -> set[date]:
    """The day a period starts; for a month or week that the data cover from its middle on, its first day too."""
    starts = {period.start}
    if period.days > 1 and period.end.day == 1:
        starts.add(period.start.replace(day=1))
    if 1 < period.days < _WEEK and period.end.weekday() == 0:
        starts.add(period.start - timedelta(days=period.start.weekday()))
    return starts


_WEEK = 7


def _fits(figure: Figure, row: Row) -> bool:
    return row.labels <= _labels(figure)


def _is_other(figure: Figure) -> bool:
    return any(label_of(v) in _OTHER for v in figure.slice.values())


def _label(row: Row) -> str:
    return " / ".join(sorted(row.labels))


def _shown(figures: tuple[Figure, ...]) -> str:
    return ", ".join(f"{'/'.join(str(v) for v in f.slice.values())}: {f.value}" for f in figures)


def _expected(rows: tuple[Row, ...]) -> str:
    return ", ".join(f"{_label(row)}: {row.value}" for row in rows)
