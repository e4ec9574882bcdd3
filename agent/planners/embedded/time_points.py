"""Days, weeks, months and quarters as people write them: "March", "5 March 2026", "last 7 days", "Q1"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from tools.figure import Period

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


MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)


YEAR = r"(?:19|20)\d\d"


DAY = r"\d{1,2}(?:st|nd|rd|th)?"


COUNT_WORDS = "|".join(_NUMBERS)
WEEKDAY = rf"(?:last |this |past )?(?:{'|'.join(_WEEKDAYS)})"
_COUNT = r"(?:\d{1,4}|" + "|".join(_NUMBERS) + r"|couple of)"


_UNIT = r"(?:days?|weeks?|months?|quarters?|years?)"


POINT = "|".join(
    (
        r"\d{4}-\d{2}-\d{2}",
        r"\d{4}-\d{2}",
        r"\d{4}/\d{2}/\d{2}",
        r"\d{1,2}/\d{1,2}/\d{2,4}",
        r"\d{1,2}/\d{4}",
        r"\d{1,2}\.\d{1,2}\.\d{4}",
        rf"{DAY} (?:to|until|till|through|thru) {DAY}(?: of)? {MONTH}(?: ,)?(?: {YEAR})?",
        rf"{MONTH} {DAY} (?:to|until|till|through|thru) {DAY}(?: ,)?(?: {YEAR})?(?! \d)",
        rf"{DAY}(?: of)? {MONTH}(?: ,)?(?: {YEAR})?",
        rf"{MONTH} {DAY}(?: ,)?(?: {YEAR})?(?! \d)",
        rf"(?:the )?(?:first|second|last|1st|2nd) half of (?:{MONTH}(?: {YEAR})?|{YEAR})",
        rf"(?:the )?(?:first|second|third|1st|2nd|3rd) week (?:of|in) {MONTH}(?: {YEAR})?",
        rf"(?:the )?last week of {MONTH}(?: {YEAR})?|the last week in {MONTH}(?: {YEAR})?",
        rf"(?:the )?(?:first|last) {_COUNT} (?:days|weeks) (?:of|in) {MONTH}(?: {YEAR})?",
        rf"(?:the )?(?:start|beginning) of (?:(?:the|this) (?:week|month|quarter|year)|{MONTH}(?: {YEAR})?|{YEAR})",
        rf"(?:the )?{_COUNT} (?:days|weeks) (?:before|prior to) "
        rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|{DAY} {MONTH}(?: {YEAR})?|{MONTH} {DAY}(?: {YEAR})?)",
        rf"{_COUNT} days ago",
        r"(?:the )?(?:last |past |this )?weekend",
        rf"{YEAR} w\d{{1,2}}|(?:week|calendar week|w) ?\d{{1,2}}(?: of| in| ,)? {YEAR}",
        rf"{YEAR} ?q[1-4]",
        r"so far (?:this|in the current) (?:week|month|quarter|year)",
        r"(?<!per )(?<!by )(?<!each )(?<!every )(?:the )?week (?:of|starting|beginning|from) "
        rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|{DAY} {MONTH}(?: {YEAR})?|{MONTH} {DAY}(?: {YEAR})?)",
        rf"(?:the )?month of {MONTH}(?: {YEAR})?",
        rf"{MONTH}(?: of)?(?: {YEAR})?",
        rf"q[1-4](?: of)?(?: {YEAR})?",
        rf"{YEAR} q[1-4]",
        rf"(?:the )?(?:first|second|third|fourth|1st|2nd|3rd|4th|last) quarter(?: of| in)? {YEAR}",
        r"(?:the )?(?:first|second|third|fourth|1st|2nd|3rd|4th) quarter",
        rf"h[12](?: of)? {YEAR}",
        r"(?:the )?day before yesterday",
        r"today",
        r"yesterday",
        r"(?:the )?(?:last|past|previous|latest|most recent|trailing|prior) "
        rf"{_COUNT}(?: full| whole| complete)? {_UNIT}",
        r"(?:the )?(?:last|past|previous|prior) (?:day|week|month|quarter|year|fortnight)",
        r"(?:this|current) (?:week|month|quarter|year)(?: so far| to date)?",
        r"(?:wtd|mtd|qtd|ytd)",
        r"(?:week|month|quarter|year) to date",
        rf"(?:last |this |past )?(?:{'|'.join(_WEEKDAYS)})",
        rf"(?:the )?year {YEAR}",
        rf"{YEAR}",
    )
)


def read_point(text: str, today: date) -> tuple[Period, bool, str] | tuple[Period, Period] | None:
    """A phrase such as `march 2026` as (period, relative, note); two periods when day and month may be swapped."""
    text = text.replace(" ,", "").removeprefix("the ").strip()
    for pattern, make in _POINTS:
        match = re.fullmatch(pattern, text)  # compiled when a question needs it (start-up)
        if match is not None:
            try:
                return make(match, today)
            except (ValueError, OverflowError):
                return None
    return None


def span_of(start: date, end: date) -> Period:
    return Period(start=start, end=end)


def add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _month_number(word: str) -> int:
    return next(i + 1 for i, name in enumerate(_MONTHS) if name.startswith(word[:3]))


def read_count(text: str) -> int:
    """A small number, in digits or as a word."""
    return _number(text)


def _number(text: str) -> int:
    word = text.removesuffix(" of")
    return int(word) if word.isdigit() else _NUMBERS[word]


def _year_for(month: int, day: int, today: date) -> int:
    """The latest year in which this day is not after today."""
    return today.year if (month, day) <= (today.month, today.day) else today.year - 1


def _plain(period: Period, note: str = "") -> tuple[Period, bool, str]:
    return period, False, note


def _relative(period: Period) -> tuple[Period, bool, str]:
    return period, True, ""


def _single(day: date) -> Period:
    return span_of(day, day + timedelta(days=1))


def _month(month: int, year: str | None, today: date) -> tuple[Period, bool, str]:
    chosen = int(year) if year else _year_for(month, 1, today)
    start = date(chosen, month, 1)
    note = "" if year else f"{_MONTHS[month - 1].capitalize()} is read as {_MONTHS[month - 1].capitalize()} {chosen}."
    return _plain(span_of(start, add_months(start, 1)), note)


def _quarter(number: int, year: str | None, today: date) -> tuple[Period, bool, str]:
    month = 3 * number - 2
    chosen = int(year) if year else _year_for(month, 1, today)
    start = date(chosen, month, 1)
    return _plain(span_of(start, add_months(start, 3)), "" if year else f"Q{number} is read as Q{number} {chosen}.")


def _calendar_day(month: int, day: str, year: str | None, today: date) -> tuple[Period, bool, str]:
    number = int(re.sub(r"\D", "", day))
    chosen = int(year) if year else _year_for(month, number, today)
    return _plain(_single(date(chosen, month, number)), "" if year else f"The year is read as {chosen}.")


def _days(first: str, last: str, month: str, year: str | None, today: date) -> tuple[Period, bool, str]:
    """`3 to 5 March 2026`: both days and those between."""
    start, _, note = _calendar_day(_month_number(month), first, year, today)
    end = _calendar_day(_month_number(month), last, year or str(start.start.year), today)[0]
    return _plain(span_of(start.start, end.end), note)


def _slashed(text: str) -> tuple[Period, bool, str] | tuple[Period, Period]:
    a, b, y = (int(part) for part in text.split("/"))
    year = y + 2000 if y < 100 else y
    if a > 12 or a == b:
        return _plain(_single(date(year, b, a)))
    if b > 12:
        return _plain(_single(date(year, a, b)))
    return _single(date(year, a, b)), _single(date(year, b, a))


def last_units(count: int, unit: str, today: date) -> tuple[Period, bool, str]:
    unit = unit.rstrip("s")
    if unit == "day":
        return _relative(span_of(today - timedelta(days=count), today))
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        note = "Weeks are read as whole ones, from Monday to Sunday." if count > 1 else ""
        return span_of(monday - timedelta(weeks=count), monday), True, note
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = today.replace(day=1)
    anchor = first if unit == "month" else add_months(first, -((first.month - 1) % months))
    return _relative(span_of(add_months(anchor, -months * count), anchor))


def _this(unit: str, today: date) -> tuple[Period, bool, str]:
    first = today.replace(day=1)
    start = {
        "week": today - timedelta(days=today.weekday()),
        "month": first,
        "quarter": add_months(first, -((first.month - 1) % 3)),
        "year": date(today.year, 1, 1),
    }[unit]
    return _relative(span_of(start, max(today, start + timedelta(days=1))))


def _weekday(name: str, today: date) -> tuple[Period, bool, str]:
    back = (today.weekday() - _WEEKDAYS.index(name)) % 7 or 7
    return _relative(_single(today - timedelta(days=back)))


def _part_of_month(part: str, span: str, month: int, year: str | None, today: date) -> tuple[Period, bool, str]:
    whole, _, note = _month(month, year, today)
    order = _ORDINALS[part]
    if span == "half":
        middle = whole.start + timedelta(days=15)
        return _plain(span_of(whole.start, middle) if order == 1 else span_of(middle, whole.end), note)
    if part == "last":
        return _plain(span_of(whole.end - timedelta(days=7), whole.end), note)
    start = whole.start + timedelta(days=7 * (order - 1))
    return _plain(span_of(start, start + timedelta(days=7)), note)


def _read_span(first: str, end: str) -> Period:
    return span_of(date.fromisoformat(first), date.fromisoformat(end))


def _half_of_year(order: int, year: int) -> tuple[Period, bool, str]:
    start = date(year, 1 if order == 1 else 7, 1)
    return _plain(span_of(start, add_months(start, 6)))


def _edge_of_month(edge: str, days: int, month: tuple[Period, bool, str]) -> tuple[Period, bool, str]:
    whole, _, note = month
    if days > whole.days:
        raise ValueError(days)
    if edge == "first":
        return _plain(span_of(whole.start, whole.start + timedelta(days=days)), note)
    return _plain(span_of(whole.end - timedelta(days=days), whole.end), note)


def _first_day(found: tuple[Period, bool, str]) -> tuple[Period, bool, str]:
    return _single(found[0].start), found[1], found[2]


def _days_before(days: int, text: str, today: date) -> tuple[Period, bool, str]:
    found = read_point(text, today)
    if found is None or len(found) == 2:
        raise ValueError(text)
    return _plain(span_of(found[0].start - timedelta(days=days), found[0].start), found[2])


def _weekend(today: date) -> tuple[Period, bool, str]:
    """The last whole one."""
    monday = today - timedelta(days=today.weekday())
    return _relative(span_of(monday - timedelta(days=2), monday))


def _numbered_week(year: int, week: int) -> tuple[Period, bool, str]:
    monday = date.fromisocalendar(year, week, 1)
    return _plain(span_of(monday, monday + timedelta(days=7)), f"Week {week} is the ISO week from {monday}.")


Maker = Callable[[re.Match[str], date], "tuple[Period, bool, str] | tuple[Period, Period]"]


_POINTS: tuple[tuple[str, Maker], ...] = (
    (r"(\d{4}-\d{2}-\d{2})", lambda m, t: _plain(_single(date.fromisoformat(m[1])))),
    (r"(\d{4})/(\d{2})/(\d{2})", lambda m, t: _plain(_single(date(int(m[1]), int(m[2]), int(m[3]))))),
    (r"(\d{1,2})/(\d{4})", lambda m, t: _month(int(m[1]), m[2], t)),
    (r"(\d{1,2})\.(\d{1,2})\.(\d{4})", lambda m, t: _plain(_single(date(int(m[3]), int(m[2]), int(m[1]))))),
    (
        rf"({DAY}) (?:to|until|till|through|thru) ({DAY})(?: of)? ({MONTH})(?: ({YEAR}))?",
        lambda m, t: _days(m[1], m[2], m[3], m[4], t),
    ),
    (
        rf"({MONTH}) ({DAY}) (?:to|until|till|through|thru) ({DAY})(?: ({YEAR}))?",
        lambda m, t: _days(m[2], m[3], m[1], m[4], t),
    ),
    (r"(\d{4})-(\d{2})", lambda m, t: _month(int(m[2]), m[1], t)),
    (r"span (\S+) (\S+) (\d) (.*)", lambda m, t: (_read_span(m[1], m[2]), m[3] == "1", m[4])),
    (r"(\d{1,2}/\d{1,2}/\d{2,4})", lambda m, t: _slashed(m[1])),
    (
        rf"({DAY})(?: of)? ({MONTH})(?: ({YEAR}))?",
        lambda m, t: _calendar_day(_month_number(m[2]), m[1], m[3], t),
    ),
    (rf"({MONTH}) ({DAY})(?: ({YEAR}))?", lambda m, t: _calendar_day(_month_number(m[1]), m[2], m[3], t)),
    (
        rf"(\w+) half of ({YEAR})",
        lambda m, t: _half_of_year(_ORDINALS[m[1]], int(m[2])),
    ),
    (
        rf"(first|last) ({_COUNT}) (days|weeks) (?:of|in) ({MONTH})(?: ({YEAR}))?",
        lambda m, t: _edge_of_month(
            m[1], _number(m[2]) * (7 if m[3] == "weeks" else 1), _month(_month_number(m[4]), m[5], t)
        ),
    ),
    (r"(?:start|beginning) of (?:the|this) (week|month|quarter|year)", lambda m, t: _first_day(_this(m[1], t))),
    (
        rf"(?:start|beginning) of ({MONTH})(?: ({YEAR}))?",
        lambda m, t: _first_day(_month(_month_number(m[1]), m[2], t)),
    ),
    (rf"(?:start|beginning) of ({YEAR})", lambda m, t: _plain(_single(date(int(m[1]), 1, 1)))),
    (
        rf"({_COUNT}) (days|weeks) (?:before|prior to) (.+)",
        lambda m, t: _days_before(_number(m[1]) * (7 if m[2] == "weeks" else 1), m[3], t),
    ),
    (rf"({_COUNT}) days ago", lambda m, t: _relative(_single(t - timedelta(days=_number(m[1]))))),
    (r"(?:last |past |this )?weekend", lambda m, t: _weekend(t)),
    (rf"({YEAR}) w(\d{{1,2}})", lambda m, t: _numbered_week(int(m[1]), int(m[2]))),
    (
        rf"(?:week|calendar week|w) ?(\d{{1,2}})(?: of| in| ,)? ({YEAR})",
        lambda m, t: _numbered_week(int(m[2]), int(m[1])),
    ),
    (r"so far (?:this|in the current) (week|month|quarter|year)", lambda m, t: _this(m[1], t)),
    (
        rf"(\w+) (half|week) (?:of|in) ({MONTH})(?: ({YEAR}))?",
        lambda m, t: _part_of_month(m[1], m[2], _month_number(m[3]), m[4], t),
    ),
    (r"week (?:of|starting|beginning|from) (.+)", lambda m, t: _week_of(m[1], t)),
    (rf"(?:month of )?({MONTH})(?: of)?(?: ({YEAR}))?", lambda m, t: _month(_month_number(m[1]), m[2], t)),
    (rf"q([1-4])(?: of)?(?: ({YEAR}))?", lambda m, t: _quarter(int(m[1]), m[2], t)),
    (rf"({YEAR}) ?q([1-4])", lambda m, t: _quarter(int(m[2]), m[1], t)),
    (rf"(\w+) quarter(?: of| in)? ({YEAR})", lambda m, t: _quarter(_ORDINALS[m[1]], m[2], t)),
    (r"(first|second|third|fourth|1st|2nd|3rd|4th) quarter", lambda m, t: _quarter(_ORDINALS[m[1]], None, t)),
    (
        rf"h([12])(?: of)? ({YEAR})",
        lambda m, t: _plain(
            span_of(date(int(m[2]), 6 * int(m[1]) - 5, 1), add_months(date(int(m[2]), 6 * int(m[1]) - 5, 1), 6))
        ),
    ),
    (r"day before yesterday", lambda m, t: _relative(_single(t - timedelta(days=2)))),
    (r"today", lambda m, t: _relative(_single(t))),
    (r"yesterday", lambda m, t: _relative(_single(t - timedelta(days=1)))),
    (
        rf"(?:last|past|previous|latest|most recent|trailing|prior) ({_COUNT})(?: full| whole| complete)? ({_UNIT})",
        lambda m, t: last_units(_number(m[1]), m[2], t),
    ),
    (r"(?:last|past|previous|prior) fortnight", lambda m, t: last_units(14, "day", t)),
    (r"(?:last|past|previous|prior) (day|week|month|quarter|year)", lambda m, t: last_units(1, m[1], t)),
    (r"(?:this|current) (week|month|quarter|year).*", lambda m, t: _this(m[1], t)),
    (r"(w|m|q|y)td", lambda m, t: _this({"w": "week", "m": "month", "q": "quarter", "y": "year"}[m[1]], t)),
    (r"(week|month|quarter|year) to date", lambda m, t: _this(m[1], t)),
    (rf"(?:last |this |past )?({'|'.join(_WEEKDAYS)})", lambda m, t: _weekday(m[1], t)),
    (rf"(?:year )?({YEAR})", lambda m, t: _plain(span_of(date(int(m[1]), 1, 1), date(int(m[1]) + 1, 1, 1)))),
)


def _week_of(text: str, today: date) -> tuple[Period, bool, str]:
    found = read_point(text, today)
    if found is None or len(found) == 2:
        raise ValueError(text)
    monday = found[0].start - timedelta(days=found[0].start.weekday())
    return _plain(span_of(monday, monday + timedelta(days=7)))
