"""Law one against hostile words: numbers in other scripts, in letters, in disguise; and prose that is fine."""

from __future__ import annotations

import pytest

from agent.planners.model.check_prose import check_prose
from agent.planners.model.direction import check_direction
from tools.figure import Figure

FIELDS = {"f1.value": "4,888", "f1.interval": "4,888", "f1.period": "March 2026", "f1.slice": "surface dm"}

FINE = [
    "People sent {f1.value} messages in {f1.period}.",
    "On {f1.slice}, it came to {f1.interval}. No other group is near.",
    "The highest one is {f1.slice}, at {f1.value}; no one else comes close.",
    "It was {f1.value} in the first week of it. The bound is one-sided, and CI means interval here.",
    "The DM surface had {f1.value}. May I add that second-party checks are not in it?",
    "Caf\u00e9 accounts sent {f1.value}; the na\u00efve reading (\u201call of them\u201d) would count more.",
    "In the last quarter it was {f1.value}, and in this quarter nobody third-party counted.",
    "{f1.value} on the weekend: often enough.",
]

HOSTILE = {
    "a digit": "There were 5 of {f1.value}.",
    "Arabic-Indic": "{f1.value} \u0661\u0662\u0663",
    "Eastern Arabic-Indic": "{f1.value} \u06f4",
    "Devanagari": "{f1.value} \u0967\u0968",
    "Thai": "{f1.value} \u0e53",
    "fullwidth": "{f1.value} \uff11\uff12",
    "mathematical": "{f1.value} \U0001d7dd",
    "superscript": "{f1.value} m\u00b2",
    "subscript": "{f1.value} x\u2083",
    "fraction": "{f1.value}, about \u00bd of it",
    "fraction of three": "{f1.value}, \u2154 of it",
    "circled": "{f1.value} \u2460",
    "Roman sign": "{f1.value} in phase \u2167",
    "Roman letters": "{f1.value} in phase VIII",
    "a Roman year": "{f1.value} in MMXXVI",
    "Chinese": "{f1.value} \u4e94\u767e",
    "Chinese financial": "{f1.value} \u58f9",
    "keycap": "{f1.value} 5\ufe0f\u20e3",
    "hundred points": "{f1.value} \U0001f4af",
    "braille": "{f1.value} \u2801\u2803",
    "a word": "There were twenty, or {f1.value}.",
    "an upper-case word": "There were TWENTY, or {f1.value}.",
    "an accented word": "There were tw\u00e8nty, or {f1.value}.",
    "a decomposed word": "There were twe\u0301nty, or {f1.value}.",
    "a hyphened word": "About two-thirds of {f1.value}.",
    "a broken word": "There were t\u200bwo of {f1.value}.",
    "a soft hyphen": "There were t\u00adwo of {f1.value}.",
    "Cyrillic letters in it": "There were tw\u043e of {f1.value}.",
    "fullwidth letters": "There were \uff54\uff57\uff4f of {f1.value}.",
    "small capitals": "There were \u1d1b\u1d21\u1d0f of {f1.value}.",
    "one": "Only {f1.value}, from one account.",
    "one in": "{f1.value}: one in every few.",
    "a dozen": "{f1.value}, a dozen more.",
    "half": "Half of {f1.value}.",
    "halved": "It halved to {f1.value}.",
    "a quarter": "A quarter of all, {f1.value}.",
    "a third": "{f1.value}, a third of them.",
    "percent": "{f1.value} percent.",
    "per cent": "{f1.value} per cent.",
    "points": "{f1.value} percentage points.",
    "a percent sign": "{f1.value} %.",
    "per mille": "{f1.value}\u2030.",
    "doubled": "It doubled to {f1.value}.",
    "twice": "{f1.value}, twice as many.",
    "threefold": "{f1.value}, a threefold rise.",
    "a fold": "{f1.value}, a many-fold rise.",
    "zero": "{f1.value}, down from zero.",
    "German": "{f1.value}, also f\u00fcnf mehr.",
    "French": "{f1.value}, soit trente de plus.",
    "Spanish": "{f1.value}, casi cien.",
    "Russian": "{f1.value}, \u043f\u044f\u0442\u044c.",
    "a month": "{f1.value} in April.",
    "May": "It was {f1.value} in May.",
    "an entity": "{f1.value} &frac12; more",
    "a named entity": "{f1.value} &half; more",
    "a heading": "# Result\n{f1.value}",
    "a brace": "{f1.value} and {f1.value",
    "an unknown figure": "{f2.value}",
    "an unknown field": "{f1.median} and {f1.value}",
    "a nested placeholder": "{f1.{value}}",
    "an expression": "{f1.value * 2}",
    "a format": "{f1.value:.2f}",
    "nothing stated": "All is well.",
    "only the period": "It is about {f1.period}.",
    "an essay": "{f1.value}. " + "Words and words and words. " * 80,
}


@pytest.mark.parametrize("text", FINE)
def test_plain_sentences_pass(text: str) -> None:
    assert check_prose(text, FIELDS) == []


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_quantity_outside_the_placeholders_does_not(text: str) -> None:
    problems = check_prose(text, FIELDS)
    assert problems
    assert all(problem.endswith(".") and len(problem) < 200 for problem in problems)


def test_an_estimate_is_not_stated_without_its_interval() -> None:
    assert check_prose("It is {f1.value}.", FIELDS, needs_interval=["f1"]) != []
    assert check_prose("It is {f1.interval}.", FIELDS, needs_interval=["f1"]) == []
    assert check_prose("It is {f1.value}.", FIELDS, needs_interval=["f2"]) == []


def test_words_without_figures_need_no_placeholder() -> None:
    assert check_prose("There is nothing about this here.", {}) == []
    assert check_prose("There are three readings.", {}) != []


def change(value: float, low: float | None = None, high: float | None = None) -> Figure:
    basis = "full_count" if low is None else "sample"
    return Figure.model_validate(
        {"id": "f1", "metric": "m", "value": value, "low": low, "high": high, "unit": "count", "basis": basis}
        | {"method": "difference"}
    )


@pytest.mark.parametrize(
    ("text", "changes", "wrong"),
    [
        ("It rose.", [change(5)], False),
        ("It rose.", [change(-5)], True),
        ("It fell sharply.", [change(5)], True),
        ("It fell.", [change(-5)], False),
        ("It increased.", [change(0)], True),
        ("It rose.", [change(2, -1, 5)], True),
        ("It did not change measurably.", [change(2, -1, 5)], False),
        ("Some rose, others fell.", [change(5), change(-5)], False),
        ("All of them rose.", [change(-1), change(-5)], True),
        ("It rose.", [], False),
    ],
)
def test_a_direction_must_be_that_of_the_figures(text: str, changes: list[Figure], wrong: bool) -> None:
    assert bool(check_direction(text, changes)) is wrong
