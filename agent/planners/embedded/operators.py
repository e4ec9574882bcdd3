"""The closed class of words that say what to do: count, average, share, by, top, more than, not."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, get_args

from agent.planners.embedded.vocabulary import NEGATION
from agent.planners.embedded.words import Token, stem

Op = Literal[
    "count",
    "how_long",
    "how_much",
    "distinct",
    "average",
    "median",
    "percentile",
    "total",
    "max",
    "min",
    "share",
    "by",
    "per",
    "top",
    "bottom",
    "common",
    "breakdown",
    "not",
    "missing",
    "and",
    "relative",
    "announce",
    "population",
    "where",
    "above",
    "at_least",
    "below",
    "at_most",
    "or_more",
    "or_less",
    "between",
    "change",
    "versus",
    "on_average",
]

_TEXT: dict[str, str] = tomllib.loads(files(__package__).joinpath("operators.toml").read_text(encoding="utf-8"))


def _read_phrases() -> dict[tuple[str, ...], Op]:
    found: dict[tuple[str, ...], Op] = {}
    for op in get_args(Op):
        for phrase in _TEXT.get(op, "").split("|"):
            found.setdefault(tuple(phrase.split()), op)
    for word in NEGATION:
        found.setdefault((word,), "not")
    found.pop((), None)
    return found


_OPERATORS = _read_phrases()
_LONGEST = max(len(k) for k in _OPERATORS)

OPERATOR_WORDS: dict[str, str] = {
    stem(word): word for key in _OPERATORS for word in key if len(word) >= 4 and word.isalpha()
} | {word: word for word in _TEXT["times"].split()}


@dataclass(frozen=True)
class OpSpan:
    """Tokens [start, end) that are an operator; `q` for percentiles, `n` for top N."""

    start: int
    end: int
    op: Op
    q: float | None = None
    n: int | None = None

    @property
    def weight(self) -> int:
        """Tokens that say something: `prevalence of` is no longer than the metric `prevalence`."""
        return self.end - self.start - self.trailing

    trailing: int = 0


def find_operators(tokens: Sequence[Token]) -> list[OpSpan]:
    """Every operator at every position, longest first at each."""
    found: list[OpSpan] = []
    for start in range(len(tokens)):
        special = _percentile(tokens, start) or _top(tokens, start)
        if special is not None:
            found.append(special)
        for length in range(min(_LONGEST, len(tokens) - start), 0, -1):
            key = tuple(t.text for t in tokens[start : start + length])
            op = _OPERATORS.get(key)
            if op is not None and not any(t.quoted for t in tokens[start : start + length]):
                found.append(
                    OpSpan(start, start + length, op, trailing=int(length > 1 and key[-1] in {"of", "in", "the"}))
                )
    return found


def _percentile(tokens: Sequence[Token], start: int) -> OpSpan | None:
    text = tokens[start].text
    if text[:1] == "p" and text[1:].isdigit() and 0 < int(text[1:]) < 100:
        return OpSpan(start, start + 1, "percentile", q=int(text[1:]) / 100)
    if start + 1 < len(tokens) and tokens[start + 1].text in {"percentile", "percentiles"}:
        digits = text.rstrip("stndrh")
        if digits.isdigit() and 0 < int(digits) < 100:
            end = start + 3 if start + 2 < len(tokens) and tokens[start + 2].text == "of" else start + 2
            return OpSpan(start, end, "percentile", q=int(digits) / 100)
    return None


_SMALL = {
    w: i for i, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}


def _top(tokens: Sequence[Token], start: int) -> OpSpan | None:
    """`top 5`, `5 largest`, `bottom three`, `the 3 most`."""
    texts = [t.text for t in tokens[start : start + 3]]
    if len(texts) < 2:
        return None
    first, second = _count(texts[0]), _count(texts[1])
    if texts[0] in {"top", "bottom", "largest", "biggest", "highest", "lowest", "smallest", "first"} and second:
        low = texts[0] in {"bottom", "lowest", "smallest"}
        return OpSpan(start, start + 2, "bottom" if low else "top", n=second)
    if first and texts[1] in {
        "largest",
        "biggest",
        "highest",
        "top",
        "most",
        "greatest",
        "longest",
        "lowest",
        "smallest",
        "fewest",
        "least",
        "bottom",
    }:
        low = texts[1] in {"lowest", "smallest", "fewest", "least", "bottom"}
        common = len(texts) > 2 and texts[1] in {"most", "least"} and texts[2] in {"common", "frequent", "popular"}
        return OpSpan(start, start + (3 if common else 2), "bottom" if low else "top", n=first)
    return None


def _count(text: str) -> int | None:
    value = int(text) if text.isdigit() else _SMALL.get(text)
    return value if value is not None and 0 < value <= 1000 else None
