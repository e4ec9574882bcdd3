"""The laws every answer keeps, whatever was asked."""

from __future__ import annotations

import re

from agent.state import Answer

_SECTIONS = ("Answer", "How this was found", "Caveats")


def score_laws(answer: Answer) -> list[str]:
    """Problems of one answer against the contract: keys of its kind, intervals, receipts, sections."""
    problems = _KEYS[answer.kind](answer) if answer.kind in _KEYS else []
    return problems + _intervals(answer)


def _answer_keys(answer: Answer) -> list[str]:
    problems = []
    if answer.reason is not None or answer.choices:
        problems.append("an answer holds a reason or choices")
    if not answer.headline.strip():
        problems.append("the headline is empty")
    if answer.figures and not answer.sql:
        problems.append("figures without the SQL that ran")
    if answer.figures and not answer.provenance.definitions:
        problems.append("figures without the definitions used")
    if answer.figures and len({f.id for f in answer.figures}) < len(answer.figures):
        problems.append("two figures share an id")
    if answer.figures:
        places = [_heading(answer.text, section) for section in _SECTIONS]
        if -1 in places or places != sorted(places):
            problems.append("the text does not hold Answer, How this was found, Caveats in this order")
    return problems


def _clarification_keys(answer: Answer) -> list[str]:
    problems = []
    if not 1 <= len(answer.choices) <= 4:
        problems.append(f"a clarification with {len(answer.choices)} choices")
    if any(not c.label.strip() or not c.query.strip() for c in answer.choices):
        problems.append("a choice without label or query")
    if answer.figures or answer.reason is not None:
        problems.append("a clarification holds figures or a reason")
    return problems


def _declined_keys(answer: Answer) -> list[str]:
    problems = []
    if answer.reason is None:
        problems.append("declined without a reason")
    if answer.figures or answer.choices:
        problems.append("declined, but holds figures or choices")
    if not answer.headline.strip():
        problems.append("declined without a word")
    return problems


_KEYS = {"answer": _answer_keys, "clarification": _clarification_keys, "declined": _declined_keys}


def _heading(text: str, section: str) -> int:
    found = re.search(rf"^\W*{re.escape(section)}\b", text, flags=re.MULTILINE | re.IGNORECASE)
    return found.start() if found else -1


def _intervals(answer: Answer) -> list[str]:
    problems = []
    for figure in answer.figures:
        if figure.value is None:
            continue
        if figure.basis == "full_count":
            if figure.low is not None or figure.high is not None:
                problems.append(f"{figure.id}: a full count with an interval")
        elif figure.low is None or figure.high is None or not figure.low <= figure.value <= figure.high:
            problems.append(f"{figure.id}: basis {figure.basis} without an interval around the value")
        elif figure.level is None or figure.n is None:
            problems.append(f"{figure.id}: an interval without its level or n")
        if figure.unit == "share" and figure.basis == "full_count" and abs(figure.value) > 1:
            problems.append(f"{figure.id}: a share of {figure.value}")
    if any(f.value == 0 and f.basis != "full_count" and not f.one_sided for f in answer.figures):
        problems.append("no positives in a sample, but the interval is not one-sided")
    if any(f.one_sided for f in answer.figures[:1]) and re.search(r"(?<![\d.,])0(?:\.0+)?\s?%", answer.headline):
        problems.append("the headline calls an upper bound 0 %")
    return problems
