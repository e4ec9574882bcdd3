"""Time in questions: yesterday, last 7 days, March, Q1 2026, since 2026-02-01, weekly, week over week.

Weeks are ISO weeks (Monday first); "last N days" are the N complete days before today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from agent.planners.embedded.time_points import DAY, MONTH, POINT, YEAR, last_units, read_point, span_of
from agent.planners.embedded.words import Token
from tools.figure import Period
from tools.metrics.buckets import period_before
from tools.metrics.query import Grain


@dataclass(frozen=True)
class TimePhrase:
    """Tokens [start, end) that speak of time, and what they say."""

    start: int
    end: int
    kind: Literal["period", "grain", "compare", "unsupported", "ambiguous"]
    period: Period | None = None
    open_start: bool = False  # "until March": from the first data on
    against: Period | None = None  # an explicit period to compare with
    grain: Grain | Literal["auto"] | None = None
    relative: bool = False
    note: str = ""
    options: tuple[Period, ...] = ()
    apart: bool = False  # two periods with a gap, which nobody asked to compare


def find_time(tokens: Sequence[Token], *, today: date) -> list[TimePhrase]:
    """Every time phrase in the question, left to right, none overlapping."""
    folded = _fold_points(tokens)
    text = " ".join(f.word for f in folded)
    starts, ends = _offsets(folded)
    taken: list[TimePhrase] = []
    used: set[int] = set()
    for pattern, make in _PATTERNS:
        for match in pattern.finditer(text):
            first, last = starts.get(match.start()), ends.get(match.end())
            if first is None or last is None or used & set(range(first, last)):
                continue
            groups = [_unfold(g, folded) for g in (match[0], *match.groups(""))]
            phrase = make(groups, first, last, today)
            if phrase is not None and _plausible(phrase, tokens):
                taken.append(phrase)
                used |= set(range(first, last))
    return sorted(taken, key=lambda p: p.start)


@dataclass(frozen=True)
class _Folded:
    """A word, or a point in time folded to one: tokens [start, end)."""

    word: str
    start: int
    end: int
    text: str


def _fold_points(tokens: Sequence[Token]) -> list[_Folded]:
    """The words, with every "5 March 2026" or "last 7 days" made one: phrases around them stay short patterns."""
    words = [t.text for t in tokens]
    plain = [_Folded(w, i, i + 1, w) for i, w in enumerate(words)]
    starts, ends = _offsets(plain)
    found: list[_Folded] = []
    at = 0
    for match in _FOLD.finditer(" ".join(words)):
        first, last = starts.get(match.start()), ends.get(match.end())
        if first is None or last is None:
            continue
        found += [*plain[at:first], _Folded(f"@{first}", first, last, match[0])]
        at = last
    return [*found, *plain[at:]]


def _unfold(text: str, folded: Sequence[_Folded]) -> str:
    return next((f.text for f in folded if f.word == text and text.startswith("@")), text)


def _offsets(folded: Sequence[_Folded]) -> tuple[dict[int, int], dict[int, int]]:
    """Where words begin and end in the joined text, as token positions."""
    starts, ends, at = {}, {}, 0
    for item in folded:
        starts[at] = item.start
        ends[at + len(item.word)] = item.end
        at += len(item.word) + 1
    return starts, ends


def _plausible(phrase: TimePhrase, tokens: Sequence[Token]) -> bool:
    """`may`, `mar`, `sat` and bare years are words and numbers first: they need a sign that time is meant."""
    if phrase.end - phrase.start > 1:
        return True
    token = tokens[phrase.start]
    before = tokens[phrase.start - 1].text if phrase.start else ""
    if token.text in {"may", "mar", "dec", "sep", "march"}:
        announced = before in {
            "in",
            "for",
            "during",
            "since",
            "until",
            "of",
            "by",
            "vs",
            "versus",
            "and",
            "from",
            "to",
            "before",
            "after",
            "through",
            "this",
            "last",
        }
        return announced or (token.raw[:1].isupper() and phrase.start > 0) or token.text == "march"
    if re.fullmatch(YEAR, token.text):
        return before in {
            "in",
            "for",
            "during",
            "since",
            "until",
            "of",
            "from",
            "to",
            "before",
            "after",
            "year",
            "through",
            "vs",
            "and",
            "versus",
        }
    return True


PhraseMaker = Callable[[Sequence[str], int, int, date], TimePhrase | None]


def _whole(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    found = read_point(match[1], today)
    if found is None:
        return None
    if len(found) == 2:
        return TimePhrase(first, last, "ambiguous", options=found)
    return TimePhrase(first, last, "period", found[0], relative=found[1], note=found[2])


def _between(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    left, right = match[1], match[2]
    year = re.search(YEAR, right)
    if year and re.fullmatch(rf"{MONTH}(?: {DAY})?|{DAY} {MONTH}", left):
        left = f"{left} {year[0]}"
    a, b = read_point(left, today), read_point(right, today)
    if a is None or b is None or len(a) == 2 or len(b) == 2 or b[0].end <= a[0].start:
        return None
    return TimePhrase(
        first,
        last,
        "period",
        span_of(a[0].start, b[0].end),
        relative=b[1],
        note=" ".join(n for n in (a[2], b[2]) if n),
        options=(a[0], b[0]),
    )


def _two(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    """`January and February 2025`: one period where they touch; else two, which are not added up."""
    whole = _between(match, first, last, today)
    if whole is None or not whole.options:
        return None
    older, newer = whole.options
    if older.end == newer.start:
        return whole
    return TimePhrase(
        first, last, "compare", newer, against=older, relative=whole.relative, note=whole.note, apart=True
    )


def _since(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    found = read_point(match[2], today)
    if found is None or len(found) == 2:
        return None
    if match[1] == "from" and found[0].days > 1 and not match[3]:
        return TimePhrase(first, last, "period", found[0], relative=found[1], note=found[2])  # "orders from March"
    start = found[0].start if match[1] in {"since", "from", "starting"} else found[0].end
    if start >= today:
        return TimePhrase(first, last, "period", span_of(start, start + timedelta(days=1)), note=found[2])
    return TimePhrase(first, last, "period", span_of(start, today), relative=True, note=found[2])


def _until(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    found = read_point(match[2], today)
    if found is None or len(found) == 2:
        return None
    end = found[0].start if match[1] in {"before", "prior to"} else found[0].end
    return TimePhrase(first, last, "period", span_of(date(1, 1, 1), end), open_start=True, note=found[2])


def _against(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    a, b = read_point(match[1], today), read_point(match[2], today)
    if a is None or b is None or len(a) == 2 or len(b) == 2:
        return None
    if a[0] == b[0]:
        b = (period_before(a[0]), *b[1:])  # "last week vs previous week"
    new, old = a, b
    if re.search(r"\b(?:vs|versus|against)\b", match[0]) and b[0].start > a[0].start:
        new, old = b, a  # side by side, the later one is the new one; "July compared to August" is as typed
    return TimePhrase(
        first, last, "compare", new[0], against=old[0], relative=new[1], note=" ".join(n for n in (a[2], b[2]) if n)
    )


def _over(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    unit = {"wow": "week", "mom": "month", "qoq": "quarter", "yoy": "year", "dod": "day"}.get(match[0]) or match[1]
    newest, relative, _ = last_units(1, unit, today)
    return TimePhrase(first, last, "compare", newest, against=period_before(newest), relative=relative)


def _previous(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    return TimePhrase(first, last, "compare")


def _grain(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    word = next(w for w in ("day", "dail", "week", "month", "quarter", "year", "annual", "hour") if w in match[0])
    grain: dict[str, Grain] = {"day": "day", "dail": "day", "week": "week", "month": "month"}
    if word not in grain:
        return TimePhrase(first, last, "unsupported", note="Series come by day, week or month.")
    return TimePhrase(first, last, "grain", grain=grain[word])


_P = r"(@\d+)"
_FOLD = re.compile(rf"(?<!\S)(?:{POINT})(?!\S)")


_VERSUS = r"(?:,? ?(?:vs|versus|compared to|compared with|relative to|against|over))"


_UNITS = "day|week|month|quarter|year"
_NO_HOURS = (
    r"(?:hourly|by hour|per hour|(?:last|past) (?:\d+ )?hours?|hour of (?:the )?day|day of (?:the )?week"
    r"|(?:by |per )?weekdays?|on weekends?|time of day|(?:every|each) (?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days)"
)
_FUTURE = r"(?:next|coming|following) (?:\w+ )?(?:days?|weeks?|months?|quarters?|years?)"
_BEFORE = (
    rf"{_VERSUS} (?:the )?(?:one |week |month |day |period |quarter |year )?(?:previous|prior|preceding|before|earlier)"
    rf"(?: (?:one|period|{_UNITS}))?(?: before)?"
)
_GRAINS = (
    r"(?:daily|weekly|monthly|quarterly|yearly|annual|annually|day by day|week by week|month by month"
    rf"|(?:by|per|each|every|a) (?:{_UNITS})|over the (?:days|weeks|months)"
    r"|(?:the )?(?:days?|weeks?|months?)(?= with the (?:most|highest|fewest|lowest|least))"
    r"|(?:which|what|on which|on what|in which|in what) (?:day|week|month)|by date"
    r"|by (?:calendar )?(?:day|week|month)s?|(?:and|,) (?:by )?(?:day|week|month))"
)
_TREND = r"(?:trend|trends|trending|over time|time series|timeline|evolution|evolve|evolved|develop|developed|history)"


def _hours(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    return TimePhrase(first, last, "unsupported", note="Periods are whole days; series come by day, week or month.")


def _future(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    return TimePhrase(first, last, "unsupported", note="forecast")


def _trend(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    return TimePhrase(first, last, "grain", grain="auto")


_PATTERNS: tuple[tuple[re.Pattern[str], PhraseMaker], ...] = tuple(
    (re.compile(rf"(?<!\S){pattern}(?!\S)"), make)
    for pattern, make in (
        (_NO_HOURS, _hours),
        (rf"(?:every|each) {_P}", _hours),
        (_FUTURE, _future),
        (rf"({_UNITS}) (?:over|on) \1", _over),
        (r"(?:wow|mom|qoq|yoy|dod)", _over),
        (rf"(?:in |for |on )?{_P} {_VERSUS} (?:in |for |on )?(?:the )?(?:same \w+ of )?{_P}", _against),
        (_BEFORE, _previous),
        (r"(?:than|to) the (?:week|month|day|period) before", _previous),
        (rf"(?:from|between) {_P} (?:and|to|until|till|through|thru) {_P}", _between),
        (rf"{_P} (?:to|until|till|through|thru) {_P}", _between),
        (rf"(?:in |for |on |during )?(?:both )?{_P} and (?:in |for )?{_P}", _two),
        (rf"(since|after|starting|from) {_P}( on| onwards?)?", _since),
        (rf"(until|till|through|up to|before|prior to) {_P}", _until),
        (_GRAINS, _grain),
        (_TREND, _trend),
        (r"(?:(?:in|on|for|during|of|over|as of|this|within|across)? ?(?:the )?)" + _P, _whole),
    )
)
