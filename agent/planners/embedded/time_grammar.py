"""Time in questions: yesterday, last 7 days, March, Q1 2026, since 2026-02-01, weekly, week over week.

Weeks are ISO weeks (Monday first); "last N days" are the N complete days before today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from agent.planners.embedded.words import Token
from tools.figure import Period
from tools.metrics.query import Grain

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    w: i
    for i, w in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
} | {
    "couple": 2,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4}

_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_YEAR = r"(?:19|20)\d\d"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_COUNT = r"(?:\d{1,4}|" + "|".join(_NUMBERS) + r"|couple of)"
_UNIT = r"(?:days?|weeks?|months?|quarters?|years?)"
_POINT = "|".join(
    (
        r"\d{4}-\d{2}-\d{2}",
        r"\d{4}-\d{2}",
        r"\d{1,2}/\d{1,2}/\d{2,4}",
        rf"{_DAY}(?: of)? {_MONTH}(?: ,)?(?: {_YEAR})?",
        rf"{_MONTH} {_DAY}(?: ,)?(?: {_YEAR})?(?! \d)",
        rf"(?:first|second|last|1st|2nd) half of {_MONTH}(?: {_YEAR})?",
        rf"(?:first|last|second|third|1st|2nd|3rd) week (?:of|in) {_MONTH}(?: {_YEAR})?",
        rf"(?:the )?week (?:of|starting|beginning|from) (?:\d{{4}}-\d{{2}}-\d{{2}}|{_DAY} {_MONTH}(?: {_YEAR})?|{_MONTH} {_DAY}(?: {_YEAR})?)",
        rf"(?:the )?month of {_MONTH}(?: {_YEAR})?",
        rf"{_MONTH}(?: of)?(?: {_YEAR})?",
        rf"q[1-4](?: of)?(?: {_YEAR})?",
        rf"{_YEAR} q[1-4]",
        rf"(?:first|second|third|fourth|1st|2nd|3rd|4th|last) quarter(?: of)? {_YEAR}",
        rf"h[12](?: of)? {_YEAR}",
        r"(?:the )?day before yesterday",
        r"today",
        r"yesterday",
        rf"(?:the )?(?:last|past|previous|latest|most recent|trailing|prior) {_COUNT} {_UNIT}",
        r"(?:the )?(?:last|past|previous|prior) (?:day|week|month|quarter|year|fortnight)",
        r"(?:this|current) (?:week|month|quarter|year)(?: so far| to date)?",
        r"(?:wtd|mtd|qtd|ytd)",
        r"(?:week|month|quarter|year) to date",
        rf"(?:last |this |past )?(?:{'|'.join(_WEEKDAYS)})",
        rf"(?:the )?year {_YEAR}",
        rf"{_YEAR}",
    )
)


@dataclass(frozen=True)
class TimePhrase:
    """Tokens [start, end) that speak of time, and what they say."""

    start: int
    end: int
    kind: Literal["period", "grain", "compare", "change", "per_average", "unsupported", "ambiguous"]
    period: Period | None = None
    open_start: bool = False  # "until March": from the first data on
    against: Period | None = None  # an explicit period to compare with
    grain: Grain | Literal["auto"] | None = None
    relative: bool = False
    note: str = ""
    options: tuple[Period, ...] = ()


def find_time(tokens: Sequence[Token], *, today: date) -> list[TimePhrase]:
    """Every time phrase in the question, left to right, none overlapping."""
    words = [t.text for t in tokens]
    text = " ".join(words)
    starts = _offsets(words)
    taken: list[TimePhrase] = []
    used: set[int] = set()
    for pattern, make in _PATTERNS:
        for match in pattern.finditer(text):
            first, last = starts.get(match.start()), _token_at_end(words, match.end())
            if first is None or last is None or used & set(range(first, last)):
                continue
            phrase = make(match, first, last, today)
            if phrase is not None and _plausible(phrase, tokens):
                taken.append(phrase)
                used |= set(range(first, last))
    return sorted(taken, key=lambda p: p.start)


def previous_period(period: Period) -> Period:
    """The calendar month, quarter or year before; for anything else the period of equal length just before."""
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    if period.start.day == 1 and period.end.day == 1 and months in (1, 3, 6, 12):
        return _period(_add_months(period.start, -months), period.start)
    return _period(period.start - timedelta(days=period.days), period.start)


def _offsets(words: Sequence[str]) -> dict[int, int]:
    offsets, at = {}, 0
    for index, word in enumerate(words):
        offsets[at] = index
        at += len(word) + 1
    return offsets


def _token_at_end(words: Sequence[str], end: int) -> int | None:
    at = 0
    for index, word in enumerate(words):
        at += len(word)
        if at == end:
            return index + 1
        at += 1
    return None


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
    if re.fullmatch(_YEAR, token.text):
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


def _period(start: date, end: date) -> Period:
    return Period(start=start, end=end)  # type: ignore[call-arg]


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _month_number(word: str) -> int:
    return next(i + 1 for i, name in enumerate(_MONTHS) if name.startswith(word[:3]))


def _number(text: str) -> int:
    word = text.removesuffix(" of")
    return int(word) if word.isdigit() else _NUMBERS[word]


def _year_for(month: int, day: int, today: date) -> int:
    """The latest year in which this day is not after today."""
    return today.year if (month, day) <= (today.month, today.day) else today.year - 1


def read_point(text: str, today: date) -> tuple[Period, bool, str] | tuple[Period, Period] | None:
    """A phrase such as `march 2026` as (period, relative, note); two periods when day and month may be swapped."""
    text = text.replace(" ,", "").removeprefix("the ").strip()
    for pattern, make in _POINTS:
        match = pattern.fullmatch(text)
        if match is not None:
            try:
                return make(match, today)
            except ValueError:
                return None
    return None


def _plain(period: Period, note: str = "") -> tuple[Period, bool, str]:
    return period, False, note


def _relative(period: Period) -> tuple[Period, bool, str]:
    return period, True, ""


def _single(day: date) -> Period:
    return _period(day, day + timedelta(days=1))


def _month(month: int, year: str | None, today: date) -> tuple[Period, bool, str]:
    chosen = int(year) if year else _year_for(month, 1, today)
    start = date(chosen, month, 1)
    note = "" if year else f"{_MONTHS[month - 1].capitalize()} is read as {_MONTHS[month - 1].capitalize()} {chosen}."
    return _plain(_period(start, _add_months(start, 1)), note)


def _quarter(number: int, year: str | None, today: date) -> tuple[Period, bool, str]:
    month = 3 * number - 2
    chosen = int(year) if year else _year_for(month, 1, today)
    start = date(chosen, month, 1)
    return _plain(_period(start, _add_months(start, 3)), "" if year else f"Q{number} is read as Q{number} {chosen}.")


def _calendar_day(month: int, day: str, year: str | None, today: date) -> tuple[Period, bool, str]:
    number = int(re.sub(r"\D", "", day))
    chosen = int(year) if year else _year_for(month, number, today)
    return _plain(_single(date(chosen, month, number)), "" if year else f"The year is read as {chosen}.")


def _slashed(text: str) -> tuple[Period, bool, str] | tuple[Period, Period]:
    a, b, y = (int(part) for part in text.split("/"))
    year = y + 2000 if y < 100 else y
    if a > 12 or a == b:
        return _plain(_single(date(year, b, a)))
    if b > 12:
        return _plain(_single(date(year, a, b)))
    return _single(date(year, a, b)), _single(date(year, b, a))


def _last_n(count: int, unit: str, today: date) -> tuple[Period, bool, str]:
    unit = unit.rstrip("s")
    if unit == "day":
        return _relative(_period(today - timedelta(days=count), today))
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        return _relative(_period(monday - timedelta(weeks=count), monday))
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = today.replace(day=1)
    anchor = first if unit == "month" else _add_months(first, -((first.month - 1) % months))
    return _relative(_period(_add_months(anchor, -months * count), anchor))


def _this(unit: str, today: date) -> tuple[Period, bool, str]:
    first = today.replace(day=1)
    start = {
        "week": today - timedelta(days=today.weekday()),
        "month": first,
        "quarter": _add_months(first, -((first.month - 1) % 3)),
        "year": date(today.year, 1, 1),
    }[unit]
    return _relative(_period(start, max(today, start + timedelta(days=1))))


def _weekday(name: str, today: date) -> tuple[Period, bool, str]:
    back = (today.weekday() - _WEEKDAYS.index(name)) % 7 or 7
    return _relative(_single(today - timedelta(days=back)))


def _part_of_month(part: str, span: str, month: int, year: str | None, today: date) -> tuple[Period, bool, str]:
    whole, _, note = _month(month, year, today)
    order = _ORDINALS[part]
    if span == "half":
        middle = whole.start + timedelta(days=15)
        return _plain(_period(whole.start, middle) if order == 1 else _period(middle, whole.end), note)
    if part == "last":
        return _plain(_period(whole.end - timedelta(days=7), whole.end), note)
    start = whole.start + timedelta(days=7 * (order - 1))
    return _plain(_period(start, start + timedelta(days=7)), note)


Maker = Callable[[re.Match[str], date], "tuple[Period, bool, str] | tuple[Period, Period]"]
_POINTS: tuple[tuple[re.Pattern[str], Maker], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"(\d{4}-\d{2}-\d{2})", lambda m, t: _plain(_single(date.fromisoformat(m[1])))),
        (r"(\d{4})-(\d{2})", lambda m, t: _month(int(m[2]), m[1], t)),
        (r"(\d{1,2}/\d{1,2}/\d{2,4})", lambda m, t: _slashed(m[1])),
        (
            rf"({_DAY})(?: of)? ({_MONTH})(?: ({_YEAR}))?",
            lambda m, t: _calendar_day(_month_number(m[2]), m[1], m[3], t),
        ),
        (rf"({_MONTH}) ({_DAY})(?: ({_YEAR}))?", lambda m, t: _calendar_day(_month_number(m[1]), m[2], m[3], t)),
        (
            rf"(\w+) (half|week) (?:of|in) ({_MONTH})(?: ({_YEAR}))?",
            lambda m, t: _part_of_month(m[1], m[2], _month_number(m[3]), m[4], t),
        ),
        (r"week (?:of|starting|beginning|from) (.+)", lambda m, t: _week_of(m[1], t)),
        (rf"(?:month of )?({_MONTH})(?: of)?(?: ({_YEAR}))?", lambda m, t: _month(_month_number(m[1]), m[2], t)),
        (rf"q([1-4])(?: of)?(?: ({_YEAR}))?", lambda m, t: _quarter(int(m[1]), m[2], t)),
        (rf"({_YEAR}) q([1-4])", lambda m, t: _quarter(int(m[2]), m[1], t)),
        (rf"(\w+) quarter(?: of)? ({_YEAR})", lambda m, t: _quarter(_ORDINALS[m[1]], m[2], t)),
        (
            rf"h([12])(?: of)? ({_YEAR})",
            lambda m, t: _plain(
                _period(date(int(m[2]), 6 * int(m[1]) - 5, 1), _add_months(date(int(m[2]), 6 * int(m[1]) - 5, 1), 6))
            ),
        ),
        (r"day before yesterday", lambda m, t: _relative(_single(t - timedelta(days=2)))),
        (r"today", lambda m, t: _relative(_single(t))),
        (r"yesterday", lambda m, t: _relative(_single(t - timedelta(days=1)))),
        (
            rf"(?:last|past|previous|latest|most recent|trailing|prior) ({_COUNT}) ({_UNIT})",
            lambda m, t: _last_n(_number(m[1]), m[2], t),
        ),
        (r"(?:last|past|previous|prior) fortnight", lambda m, t: _last_n(14, "day", t)),
        (r"(?:last|past|previous|prior) (day|week|month|quarter|year)", lambda m, t: _last_n(1, m[1], t)),
        (r"(?:this|current) (week|month|quarter|year).*", lambda m, t: _this(m[1], t)),
        (r"(w|m|q|y)td", lambda m, t: _this({"w": "week", "m": "month", "q": "quarter", "y": "year"}[m[1]], t)),
        (r"(week|month|quarter|year) to date", lambda m, t: _this(m[1], t)),
        (rf"(?:last |this |past )?({'|'.join(_WEEKDAYS)})", lambda m, t: _weekday(m[1], t)),
        (rf"(?:year )?({_YEAR})", lambda m, t: _plain(_period(date(int(m[1]), 1, 1), date(int(m[1]) + 1, 1, 1)))),
    )
)


def _week_of(text: str, today: date) -> tuple[Period, bool, str]:
    found = read_point(text, today)
    if found is None or len(found) == 2:
        raise ValueError(text)
    monday = found[0].start - timedelta(days=found[0].start.weekday())
    return _plain(_period(monday, monday + timedelta(days=7)))


# --- phrases around points --------------------------------------------------------------------

PhraseMaker = Callable[[re.Match[str], int, int, date], TimePhrase | None]


def _whole(match: re.Match[str], first: int, last: int, today: date) -> TimePhrase | None:
    found = read_point(match[1], today)
    if found is None:
        return None
    if len(found) == 2:
        return TimePhrase(first, last, "ambiguous", options=found)
    return TimePhrase(first, last, "period", found[0], relative=found[1], note=found[2])


def _between(match: re.Match[str], first: int, last: int, today: date) -> TimePhrase | None:
    left, right = match[1], match[2]
    year = re.search(_YEAR, right)
    if year and re.fullmatch(rf"{_MONTH}(?: {_DAY})?|{_DAY} {_MONTH}", left):
        left = f"{left} {year[0]}"
    a, b = read_point(left, today), read_point(right, today)
    if a is None or b is None or len(a) == 2 or len(b) == 2 or b[0].end <= a[0].start:
        return None
    return TimePhrase(
        first,
        last,
        "period",
        _period(a[0].start, b[0].end),
        relative=b[1],
        note=" ".join(n for n in (a[2], b[2]) if n),
        options=(a[0], b[0]),
    )


def _since(match: re.Match[str], first: int, last: int, today: date) -> TimePhrase | None:
    found = read_point(match[2], today)
    if found is None or len(found) == 2:
        return None
    start = found[0].start if match[1] in {"since", "from", "starting"} else found[0].end
    if start >= today:
        return TimePhrase(first, last, "period", _period(start, start + timedelta(days=1)), note=found[2])
    return TimePhrase(first, last, "period", _period(start, today), relative=True, note=found[2])


def _until(match: re.Match[str], first: int, last: int, today: date) -> TimePhrase | None:
    found = read_point(match[2], today)
    if found is None or len(found) == 2:
        return None
    end = found[0].start if match[1] in {"before", "prior to"} else found[0].end
    return TimePhrase(first, last, "period", _period(date(1, 1, 1), end), open_start=True, note=found[2])


def _against(match: re.Match[str], first: int, last: int, today: date) -> TimePhrase | None:
    a, b = read_point(match[1], today), read_point(match[2], today)
    if a is None or b is None or len(a) == 2 or len(b) == 2:
        return None
    return TimePhrase(
        first, last, "compare", a[0], against=b[0], relative=a[1], note=" ".join(n for n in (a[2], b[2]) if n)
    )


def _over(match: re.Match[str], first: int, last: int, today: date) -> TimePhrase | None:
    unit = {"wow": "week", "mom": "month", "qoq": "quarter", "yoy": "year", "dod": "day"}.get(match[0]) or match[1]
    newest, relative, _ = _last_n(1, unit, today)
    return TimePhrase(first, last, "compare", newest, against=previous_period(newest), relative=relative)


def _previous(match: re.Match[str], first: int, last: int, today: date) -> TimePhrase:
    return TimePhrase(first, last, "compare")


def _grain(match: re.Match[str], first: int, last: int, today: date) -> TimePhrase:
    word = next(w for w in ("day", "dail", "week", "month", "quarter", "year", "annual", "hour") if w in match[0])
    grain: dict[str, Grain] = {"day": "day", "dail": "day", "week": "week", "month": "month"}
    if word not in grain:
        return TimePhrase(first, last, "unsupported", note="Series come by day, week or month.")
    return TimePhrase(first, last, "grain", grain=grain[word])


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S){pattern}(?!\S)")


_P = rf"({_POINT})"
_VERSUS = r"(?:,? ?(?:vs|versus|compared to|compared with|relative to|against|over))"
_PATTERNS: tuple[tuple[re.Pattern[str], PhraseMaker], ...] = (
    (_compile(r"(?:hourly|by hour|per hour|(?:last|past) (?:\d+ )?hours?|hour of (?:the )?day|day of (?:the )?week|(?:by |per )?weekdays?|on weekends?|time of day)"),
     lambda m, f, l, t: TimePhrase(f, l, "unsupported", note="Periods are whole days; series come by day, week or month.")),
    (_compile(r"(?:next|coming|following) (?:\w+ )?(?:days?|weeks?|months?|quarters?|years?)"),
     lambda m, f, l, t: TimePhrase(f, l, "unsupported", note="forecast")),
    (_compile(r"(day|week|month|quarter|year) (?:over|on) \1"), _over),
    (_compile(r"(?:wow|mom|qoq|yoy|dod)"), _over),
    (_compile(rf"(?:in |for |on )?{_P} {_VERSUS} (?:in |for |on )?(?:the )?(?:same \w+ of )?{_P}"), _against),
    (_compile(rf"{_VERSUS} (?:the )?(?:one |week |month |day |period |quarter |year )?(?:previous|prior|preceding|before|earlier)(?: (?:one|period|week|month|day|quarter|year))?(?: before)?"), _previous),
    (_compile(r"(?:than|to) the (?:week|month|day|period) before"), _previous),
    (_compile(rf"(?:from|between) {_P} (?:and|to|until|till|through|thru) {_P}"), _between),
    (_compile(rf"{_P} (?:to|until|till|through|thru) {_P}"), _between),
    (_compile(rf"(since|after|starting|from) {_P}(?: on| onwards?)?"), _since),
    (_compile(rf"(until|till|through|up to|before|prior to) {_P}"), _until),
    (_compile(r"(?:daily|weekly|monthly|quarterly|yearly|annual|annually|day by day|week by week|month by month|(?:by|per|each|every|a) (?:day|week|month|quarter|year)|over the (?:days|weeks|months)|(?:the )?(?:days?|weeks?|months?)(?= with the (?:most|highest|fewest|lowest|least))|(?:which|what|on which|on what|in which|in what) (?:day|week|month)|by date|by (?:calendar )?(?:day|week|month)s?)"), _grain),
    (_compile(r"(?:trend|trends|trending|over time|time series|timeline|evolution|evolve|evolved|develop|developed|history)"),
     lambda m, f, l, t: TimePhrase(f, l, "grain", grain="auto")),
    (_compile(r"(?:(?:in|on|for|during|of|over|as of|this|within|across)? ?(?:the )?)" + _P), _whole),
)  # fmt: skip
