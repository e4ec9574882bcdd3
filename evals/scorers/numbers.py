"""Can every number in the prose be traced to a figure, a date or a definition?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from agent.state import Answer
from tools.figure import Figure

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[,\u202f\u00a0 ]\d{3})*(?:\.\d+)?(?![\w])")
_ANY_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CODE = re.compile(r"```.*?```|`[^`]*`", flags=re.DOTALL)
_WHOLE_SCALES = (1.0, 100.0, 1_000.0, 10_000.0)
_SCALES = (*_WHOLE_SCALES, 1e-3, 1e-6, 1e-9, 1 / 60, 1 / 3600, 1 / 86400)


def score_numbers(answer: Answer, *, question: str, definitions: str) -> list[str]:
    """Numbers in the headline or text that nothing typed accounts for.

    Args:
        question: as asked; people may be answered in their own numbers.
        definitions: text of the workspace's definitions, settings and policies.
    """
    prose = _CODE.sub(" ", f"{answer.headline}\n{answer.text}")
    values = list(_figure_values(answer))
    known = _known_numbers(answer, question, definitions)
    unknown = []
    for token in _NUMBER.findall(prose):
        plain = re.sub(r"[,\u202f\u00a0 ]", "", token)
        if plain not in known and plain.lstrip("0") not in known and not _renders(plain, values):
            unknown.append(token)
    return [f"numbers in the text come from nowhere: {', '.join(dict.fromkeys(unknown))}"] if unknown else []


def _renders(token: str, values: Iterable[float]) -> bool:
    decimals = len(token.partition(".")[2])
    half = 0.5 * 10**-decimals * (1 + 1e-9)
    number = float(token)
    for value in values:
        for scale in _SCALES if decimals else _WHOLE_SCALES:
            exact = abs(value) * scale
            if abs(exact - number) <= min(half, max(0.1 * exact, 1e-12)):
                return True
    return False


def _figure_values(answer: Answer) -> Iterable[float]:
    for figure in answer.figures:
        for value in (figure.value, figure.low, figure.high, figure.level, figure.n, figure.n_eff, figure.positives):
            if value is not None:
                yield float(value)
    for row in answer.table.rows if answer.table else ():
        for cell in row:
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                yield float(cell)
    yield float(len(answer.figures))


def _known_numbers(answer: Answer, question: str, definitions: str) -> set[str]:
    texts = [question, definitions, *answer.sql, *answer.provenance.receipts, answer.provenance.workspace_hash]
    texts += [str(d.version) for d in answer.provenance.definitions] + [d.name for d in answer.provenance.definitions]
    texts += [f"{choice.label} {choice.query}" for choice in answer.choices]
    for figure in answer.figures:
        texts += [figure.metric, *(str(v) for v in figure.slice.values()), *map(_spelled, _dates(figure))]
    for row in answer.table.rows if answer.table else ():
        texts += [str(cell) for cell in row]
    numbers = {n for text in texts for n in _ANY_NUMBER.findall(text)}
    return numbers | {n.lstrip("0") for n in numbers} | {str(int(float(n))) for n in numbers}


def _dates(figure: Figure) -> Iterable[date]:
    if figure.period is not None:
        yield from (figure.period.start, figure.period.end, figure.period.end - timedelta(days=1))
    if figure.as_of is not None:
        yield figure.as_of


def _spelled(day: date) -> str:
    stamp = f" {day:%H %M %S}" if isinstance(day, datetime) else ""
    return f"{day.year} {day.month} {day.day}{stamp}"
