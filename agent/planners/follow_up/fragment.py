"""A fragment without the words that tie it to the question before: "and only for voice then?" is "voice"."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

_TEXT = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8"))
_EDGES = " \t\n,;:.!?\u2026-\u2013\u2014"


def _phrases(name: str) -> re.Pattern[str]:
    """The phrases of one kind, longest first."""
    longest = sorted(_TEXT[name], key=len, reverse=True)
    return re.compile("|".join(re.escape(p).replace(r"\ ", r"\s+") for p in longest), re.IGNORECASE)


_KINDS = {n: _phrases(n) for n in ("going_on", "same", "linking", "narrowing", "adding", "closing", "comparing")}
_WHOLE = _phrases("whole")
_OWN, _POINTING = frozenset(_TEXT["own"].split()), frozenset(_TEXT["pointing"].split())
_BEFORE = re.compile(
    r"(?:in |for |on )?(?:(?:the )?(?P<before>day|week|month|quarter|year) before(?: that)?"
    r"|the (?P<period>period) before(?: that)?|(?:the )?previous (?P<previous>day|week|month|quarter|year|period))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Fragment:
    """What a fragment changes.

    Attributes:
        rest: the words that say it; empty for none.
        going_on: it opens like the continuation of a question.
        same: it asks for the same again, with a change.
        adding: it may be meant as an addition.
        comparing: `rest` is what to compare with.
        whole: it asks for the total without the breakdown.
        before: the unit of "the week before", counted from the period asked about; "period" for any.
        previous: the same of "previous week", which may be counted from today as well.
    """

    rest: str
    going_on: bool = False
    same: bool = False
    adding: bool = False
    comparing: bool = False
    whole: bool = False
    before: str = ""
    previous: str = ""


def cut_fragment(text: str) -> Fragment:
    """The fragment of a text; its `rest` is the whole text where nothing ties it to the question before."""
    rest, seen = text.strip(_EDGES), set[str]()
    while (found := _opening(rest)) is not None:
        kind, rest = found
        seen.add(kind)
        if kind == "comparing":
            break
    while (found := _ending(rest)) is not None:
        kind, rest = found
        seen.add(kind)
    at = _BEFORE.fullmatch(rest)
    return Fragment(
        rest=rest,
        going_on="going_on" in seen,
        same="same" in seen,
        adding="adding" in seen,
        comparing="comparing" in seen,
        whole=_WHOLE.fullmatch(rest) is not None,
        before=(at["before"] or at["period"] or "").lower() if at else "",
        previous=(at["previous"] or "").lower() if at else "",
    )


def asks_its_own(rest: str) -> bool:
    """Whether the words ask for a measurement of their own, point at something ("those", "there"), or are a number."""
    return rest.isdigit() or any(word in _OWN for word in re.findall(r"[^\W\d_]+", rest.casefold()))


def points_back(rest: str) -> bool:
    """Whether the words point at what was asked before: "how many of those were urgent"."""
    return any(word in _POINTING for word in re.findall(r"[^\W\d_]+", rest.casefold()))


def _opening(rest: str) -> tuple[str, str] | None:
    """The longest phrase that the text begins with, and the text after it."""
    found = [
        (match.end(), kind)
        for kind in ("going_on", "same", "linking", "narrowing", "adding", "comparing")
        if (match := _KINDS[kind].match(rest)) and not rest[match.end() : match.end() + 1].isalnum()
    ]
    if not found:
        return None
    end, kind = max(found)
    return kind, rest[end:].lstrip(_EDGES)


def _ending(rest: str) -> tuple[str, str] | None:
    """A phrase that the text ends with, and the text before it."""
    for kind in ("closing", "adding"):
        for match in _KINDS[kind].finditer(rest):
            if match.end() == len(rest) and match.start() > 0 and not rest[match.start() - 1].isalnum():
                return kind, rest[: match.start()].rstrip(_EDGES)
    return None
