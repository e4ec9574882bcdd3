"""Can every number in the prose be traced to a figure, a date, a definition or a plain fact of the data?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from agent.state import Answer
from evals.facts import Facts
from evals.number_text import drop_code, find_numbers, renders, renders_limit
from evals.truth import MISSING, label_of
from tools.figure import Figure

_ANY_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DURATION = re.compile(r"\b\d+ (?:d|h|min|s)(?: \d+ (?:d|h|min|s))*\b")
_SECONDS = {"d": 86400, "h": 3600, "min": 60, "s": 1}


def score_numbers(answer: Answer, *, question: str, definitions: str, facts: Facts) -> list[str]:
    """Numbers in the headline or text that nothing typed accounts for.

    Clarifications and refusals hold no figures; of them only a small cell is examined, which must not
    give away the count it hides.

    Args:
        question: as asked; people may be answered in their own numbers.
        definitions: text of the workspace's definitions, settings and policies.
        facts: rows, missing values and days of the data, found without the product.
    """
    hidden = answer.reason == "small_cell"
    if answer.kind != "answer" and not hidden:
        return []
    prose = drop_code(f"{answer.headline}\n{answer.text}")
    values = list(_figure_values(answer))
    prose = _DURATION.sub(lambda found: " " if _is_duration(found[0], answer.figures) else found[0], prose)
    known = _known_numbers(answer, question, definitions, Facts() if hidden else facts)
    plain_facts = [] if hidden else sorted(facts.numbers)
    unknown = []
    for token, plain in find_numbers(prose):
        if plain in known or plain.lstrip("0") in known:
            continue
        if renders(plain, values) or renders(plain, plain_facts, scales=(1.0, 100.0)):
            continue
        limits = [(f.low, f.high) for f in answer.figures] + [(t.low, t.high) for t in answer.tests]
        points = [(100 * t.low, 100 * t.high) for t in answer.tests if t.low is not None and t.high is not None]
        if not any(renders_limit(plain, low=low, high=high) for low, high in limits + points):
            unknown.append(token)
    return [f"numbers in the text come from nowhere: {', '.join(dict.fromkeys(unknown))}"] if unknown else []


def _is_duration(text: str, figures: tuple[Figure, ...]) -> bool:
    """Is "45 h 52 min" one of the figures, rounded to the last unit it names?"""
    parts = re.findall(r"(\d+) (d|h|min|s)", text)
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in parts)
    half = _SECONDS[parts[-1][1]] / 2 * (1 + 1e-9)
    for figure in figures:
        in_seconds = {"hours": 3600.0, "seconds": 1.0}.get(figure.unit)
        for value in (figure.value, figure.low, figure.high) if in_seconds else ():
            if value is not None and abs(abs(value) * (in_seconds or 0) - seconds) <= half:
                return True
    return False


def _figure_values(answer: Answer) -> Iterator[float]:
    for figure in answer.figures:
        for value in (figure.value, figure.low, figure.high, figure.level, figure.n, figure.n_eff, figure.positives):
            if value is not None:
                yield float(value)
    for test in answer.tests:
        found = (test.low, test.high, test.level, test.clusters, test.deff)
        yield from (float(value) for value in found if value is not None)
    for row in answer.table.rows if answer.table else ():
        for cell in row:
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                yield float(cell)
    entries = re.findall(r"^- ", answer.text.partition("How this was found")[0], flags=re.MULTILINE)
    yield from (float(len(things)) for things in (answer.figures, entries) if things)
    shown = len(re.findall(r"^\|", answer.text, flags=re.MULTILINE)) - 2  # less the head of the table
    if 0 < shown < len(answer.figures):
        yield float(len(answer.figures) - shown)  # "and 765 more rows"
    yield from _missing_shares(answer.figures)


def _missing_shares(figures: tuple[Figure, ...]) -> Iterator[float]:
    """The share of a breakdown that has no value."""
    total = sum(f.value or 0 for f in figures)
    missing = sum(f.value or 0 for f in figures if MISSING in {label_of(v) for v in f.slice.values()})
    if total and missing:
        yield missing / total
    rows = sum(f.n or 0 for f in figures)
    without = sum(f.n or 0 for f in figures if MISSING in {label_of(v) for v in f.slice.values()})
    if rows and without:
        yield without / rows


def _known_numbers(answer: Answer, question: str, definitions: str, facts: Facts) -> set[str]:
    texts = [question, definitions, *answer.sql, *answer.provenance.receipts, answer.provenance.workspace_hash]
    texts += [str(d.version) for d in answer.provenance.definitions] + [d.name for d in answer.provenance.definitions]
    texts += [_spelled(day) for day in facts.days]
    for figure in answer.figures:
        texts += [figure.metric, *(str(v) for v in figure.slice.values()), *map(_spelled, _dates(figure))]
    for row in answer.table.rows if answer.table else ():
        texts += [str(cell) for cell in row]
    numbers = {n for text in texts for n in _ANY_NUMBER.findall(text)}
    numbers |= {plain for _, plain in find_numbers(question)}  # "over 30,000 messages"
    return numbers | {n.lstrip("0") for n in numbers} | {str(int(float(n))) for n in numbers}


def _dates(figure: Figure) -> Iterator[date]:
    if figure.period is not None:
        yield from (figure.period.start, figure.period.end, figure.period.end - timedelta(days=1))
    if figure.as_of is not None:
        yield figure.as_of


def _spelled(day: date) -> str:
    stamp = f" {day:%H %M %S}" if isinstance(day, datetime) else ""
    return f"{day.year} {day.month} {day.day}{stamp}"
