"""Time in questions: yesterday, last 7 days, March, Q1 2026, since 2026-02-01, weekly, week over week.

Weeks are ISO weeks (Monday first); "last N days" are the N complete days before today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from agent.planners.embedded.fiscal import FISCAL, read_fiscal
from agent.planners.embedded.time_points import (
    COUNT_WORDS,
    DAY,
    MONTH,
    POINT,
    WEEKDAY,
    YEAR,
    last_units,
    read_count,
    read_point,
    span_of,
)
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
    year_ago: bool = False  # compared with the same days a year before
    days_before: int = 0  # compared with as many days before the period
    since: bool = False  # from a day on, so that a change in it is a development
    onwards: Period | None = None  # "from March": March, or from then on
    last_day: bool = False  # the end of a period: a day for a stock, nothing for a flow


def find_time(tokens: Sequence[Token], *, today: date, fiscal_start: int | None = None) -> list[TimePhrase]:
    """Every time phrase in the question, left to right, none overlapping.

    Args:
        fiscal_start: the month that the financial year begins in; None where nobody has said.
    """
    folded = _fold_points(tokens, today, fiscal_start)
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


def _fold_points(tokens: Sequence[Token], today: date, fiscal_start: int | None) -> list[_Folded]:
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
        said = match[0]
        if fiscal_start is not None and _FISCAL.fullmatch(said):
            period, relative, note = read_fiscal(said, today=today, start_month=fiscal_start)
            said = f"span {period.start} {period.end} {int(relative)} {note}"
        found += [*plain[at:first], _Folded(f"@{first}", first, last, said)]
        at = last
    return [*found, *plain[at:]]


def _unfold(text: str, folded: Sequence[_Folded]) -> str:
    """The words again for every folded point."""
    points = {f.word: f.text for f in folded if f.word.startswith("@")}
    return " ".join(points.get(word, word) for word in text.split(" "))


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
        return _impossible(match[1], first, last)
    if len(found) == 2:
        return TimePhrase(first, last, "ambiguous", options=found)
    return TimePhrase(first, last, "period", found[0], relative=found[1], note=found[2])


def _impossible(said: str, first: int, last: int) -> TimePhrase | None:
    """A day that no calendar has; of `65 may` nothing at all."""
    if _FISCAL.fullmatch(said):
        note = "The workspace does not say when its fiscal year begins: `fiscal_year_start` in transect.toml."
        return TimePhrase(first, last, "unsupported", note=note)
    dated = re.search(YEAR, said) or not re.search(r"\b(?:may|mar)\b", said)
    return (
        TimePhrase(first, last, "unsupported", note=f"\u201c{said}\u201d is no day of the calendar.") if dated else None
    )


def _between(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    left, right = match[1], match[2]
    year = re.search(YEAR, right)
    if year and re.fullmatch(rf"{MONTH}(?: {DAY})?|{DAY} {MONTH}", left):
        left = f"{left} {year[0]}"
    a, b = read_point(left, today), read_point(right, today)
    for said, found in ((left, a), (right, b)):
        if found is None:
            return _impossible(said, first, last)
    if a is None or b is None or len(a) == 2 or len(b) == 2:
        return None
    if b[0].end <= a[0].start and re.fullmatch(WEEKDAY, right) and re.fullmatch(WEEKDAY, left):
        a = (span_of(a[0].start - timedelta(days=7), a[0].end - timedelta(days=7)), a[1], a[2])
    if b[0].end <= a[0].start and re.match(r"(?:from|between) ", match[0]) is None:
        return None  # "compare orders in May to April"
    if b[0].end <= a[0].start:
        note = f"The period from \u201c{left}\u201d to \u201c{right}\u201d ends before it begins."
        return TimePhrase(first, last, "unsupported", note=note)
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
    if found is None:
        return _impossible(match[2], first, last)
    if len(found) == 2:
        return None
    if match[1] == "from" and found[0].days > 1 and not match[3]:
        onwards = span_of(found[0].start, today) if found[0].start < today else None
        # "orders from March"; "orders by month from March" goes on
        return TimePhrase(first, last, "period", found[0], relative=found[1], note=found[2], onwards=onwards)
    start = found[0].start if match[1] in {"since", "from", "starting"} else found[0].end
    if start >= today:
        return TimePhrase(first, last, "period", span_of(start, start + timedelta(days=1)), note=found[2])
    return TimePhrase(first, last, "period", span_of(start, today), relative=True, note=found[2], since=True)


def _until(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    found = read_point(match[2], today)
    if found is None:
        return _impossible(match[2], first, last)
    if len(found) == 2:
        return None
    end = found[0].start if match[1] in {"before", "prior to"} else found[0].end
    return TimePhrase(first, last, "period", span_of(date(1, 1, 1), end), open_start=True, note=found[2])


def _against(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    a, b = read_point(match[1], today), read_point(match[2], today)
    for said, found in ((match[1], a), (match[2], b)):
        if found is None:
            return _impossible(said, first, last)
    if a is None or b is None or len(a) == 2 or len(b) == 2:
        return None
    if a[0] == b[0] and (match[1] == match[2] or not (a[1] and b[1])):
        return TimePhrase(first, last, "unsupported", note="A period is not compared with itself.")
    notes = [a[2], b[2]]
    if a[0] == b[0]:
        b = (period_before(a[0]), *b[1:])  # "last week vs previous week"
    elif (so_far := _so_far(match[1], match[2], a[0], b[0])) is not None:
        b = (so_far, *b[1:])
        notes.append(f"The period so far is compared with as many days of the one before: from {so_far.start} on.")
    # the later one is the new one, whichever was said first: a rate that rises is not said to fall
    new, old = (b, a) if b[0].start > a[0].start else (a, b)
    return TimePhrase(
        first, last, "compare", new[0], against=old[0], relative=new[1], note=" ".join(n for n in notes if n)
    )


_LAST_YEAR = r"(?:the )?(?:last|previous|prior) year"


def _again(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    """`Q2 vs Q2 last year`."""
    if match[1] != match[2].removesuffix(" of") or re.fullmatch(_LAST_YEAR, match[3]) is None:
        return None
    whole = _whole(match, first, last, today)
    return None if whole is None or whole.kind != "period" else replace(whole, year_ago=True)


def _same_of(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    """`March vs the same month last year`."""
    if re.fullmatch(_LAST_YEAR, match[2]) is None:
        return _against(match, first, last, today)
    whole = _whole(match, first, last, today)
    return None if whole is None or whole.kind != "period" else replace(whole, year_ago=True)


def _so_far(left: str, right: str, now: Period, before: Period) -> Period | None:
    """`this month vs last month`: of the month before, as many days as this one has had."""
    this = re.fullmatch(r"(?:this|current) (week|month|quarter|year).*", left)
    last = re.fullmatch(r"(?:the )?(?:last|previous|prior|past) (week|month|quarter|year)", right)
    if this is None or last is None or this[1] != last[1] or now.days >= before.days:
        return None
    return span_of(before.start, before.start + timedelta(days=now.days))


def _over(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    unit = {"wow": "week", "mom": "month", "qoq": "quarter", "yoy": "year", "dod": "day"}.get(match[0]) or match[1]
    if unit == "year":
        return TimePhrase(first, last, "compare", year_ago=True)
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


def _year_ago(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    return TimePhrase(first, last, "compare", year_ago=True)


def _days_before(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    days = read_count(match[1]) * (7 if match[2].startswith("week") else 1)
    return TimePhrase(first, last, "compare", days_before=days)


def _each_of(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    """`for each of the last 3 months`: a period and how finely it is cut."""
    whole = _whole(match, first, last, today)
    unit = next((g for g in ("day", "week", "month") if g in match[1]), None)
    grains: dict[str | None, Grain] = {"day": "day", "week": "week", "month": "month"}
    return None if whole is None or unit not in grains else replace(whole, grain=grains[unit])


def _end_of(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase | None:
    """`at the end of February`: the last day, which a stock has and a flow has not."""
    whole = _whole(match, first, last, today)
    if whole is None or whole.period is None:
        return whole
    return replace(whole, period=span_of(whole.period.end - timedelta(days=1), whole.period.end), last_day=True)


def _end_of_each(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    return replace(_grain(match, first, last, today), last_day=True)


def _last_week_in(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    note = f"\u201c{match[0]}\u201d may be the week before this one, or the last week of that month: say which."
    return TimePhrase(first, last, "unsupported", note=note)


def _vague(match: Sequence[str], first: int, last: int, today: date) -> TimePhrase:
    note = f"\u201c{match[0]}\u201d has no first and last day: say from when to when."
    return TimePhrase(first, last, "unsupported", note=note)


_P = r"(@\d+)"
_FISCAL = re.compile(FISCAL)
_FOLD = re.compile(rf"(?<!\S)(?:{FISCAL}|{POINT})(?!\S)")
_VAGUE = (
    rf"(?:(?:in|around|about) )?(?:the )?(?:early|mid|late|middle of|mid to late|around|about) {_P}"
    r"|recently|lately|these days"
    r"|(?:in |over )?(?:the )?(?:recent|(?:past|last) (?:few|several)) (?:days|weeks|months|years)"
)


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
        (_VAGUE, _vague),
        (rf"(?<!the )last week in {_P}", _last_week_in),
        (rf"(?:at |by |on )?(?:the )?end of (?:each|every) ({_UNITS})", _end_of_each),
        (rf"(?:at |by |on )(?:the )?(?:very )?end of {_P}", _end_of),
        (rf"(?:for |in |on |over )?(?:each|every)(?: one)? of {_P}", _each_of),
        (
            rf"{_VERSUS} (?:in |for )?(?:the )?same (?:period|time|days|day|week|month|quarter)"
            r"(?: (?:of|in))? (?:the )?(?:last|previous|prior) year|"
            rf"{_VERSUS} (?:a year|one year) (?:ago|before|earlier)|from a year ago|on a yearly basis",
            _year_ago,
        ),
        (rf"{_VERSUS} (?:the )?(\d{{1,3}}|{COUNT_WORDS}) (days?|weeks?) (?:just |right )?before", _days_before),
        (rf"(?:every|each) {_P}", _hours),
        (_FUTURE, _future),
        (rf"({_UNITS}) (?:over|on) \1", _over),
        (r"(?:wow|mom|qoq|yoy|dod)", _over),
        (rf"(?:in |for |on )?{_P} {_VERSUS} (?:in |for |on )?(?:the )?{_P} (?:of |in )?(?:the )?{_P}", _again),
        (rf"(?:in |for |on )?{_P} {_VERSUS} (?:in |for |on )?(?:the )?{_P}", _against),
        (rf"(?:in |for |on )?{_P} {_VERSUS} (?:in |for )?(?:the )?same \w+ (?:of |in )?(?:the )?{_P}", _same_of),
        (_BEFORE, _previous),
        (r"(?:than|to|with) the (?:week|month|day|quarter|year|period) before(?: that)?", _previous),
        (rf"(?:from|between) {_P} (?:and|to|until|till|through|thru) {_P}", _between),
        (rf"{_P} (?:to|until|till|through|thru) {_P}", _between),
        (rf"(?:in |for |on |during )?(?:both )?{_P} and (?:in |for )?{_P}", _two),
        (rf"(since|after|starting|from) {_P}( on| onwards?)?", _since),
        (rf"(until|till|through|up to and including|up to|before|prior to)(?: (?:the )?end of)? {_P}", _until),
        (_GRAINS, _grain),
        (_TREND, _trend),
        (r"(?:(?:in|on|for|during|of|over|as of|this|within|across)? ?(?:the )?)" + _P, _whole),
    )
)
