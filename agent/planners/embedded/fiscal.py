"""Fiscal years and quarters: `FY26 Q1`, `this fiscal year`, by the month that the financial year begins in."""

from __future__ import annotations

import re
from datetime import date, timedelta

from tools.figure import Period

_WORD = r"(?:fiscal|financial)"
_YEAR = r"(?:(?:19|20)\d\d|\d\d)"
_ORDER = r"(?:first|second|third|fourth|1st|2nd|3rd|4th)"
_NOW = r"(?:this|current|the current|last|previous|the last|the previous|prior)"

FISCAL = "|".join(
    (
        rf"{_WORD} q[1-4](?: (?:of )?(?:fy ?)?{_YEAR})?",
        rf"q[1-4] (?:of )?(?:{_WORD} year|fy|{_WORD}) ?{_YEAR}",
        rf"fy ?{_YEAR} ?q[1-4]",
        rf"q[1-4] fy ?{_YEAR}",
        rf"(?:the )?{_ORDER} {_WORD} quarter(?: (?:of )?(?:fy ?)?{_YEAR})?",
        rf"{_NOW} {_WORD} (?:quarter|year)(?: so far| to date)?",
        rf"(?:{_WORD} year|{_WORD}|fy) ?{_YEAR}",
        rf"(?:{_WORD} year to date|fytd)",
    )
)
_ORDERS = ("first", "second", "third", "fourth")
_CENTURY = 2000


def read_fiscal(text: str, *, today: date, start_month: int) -> tuple[Period, bool, str]:
    """The days of a fiscal phrase, whether it is relative to today, and how it was read.

    A fiscal year is named after the calendar year it ends in; one that begins in January is the calendar year.
    """
    text = text.removeprefix("the ")
    current = _year_of(today, start_month)
    relative = re.search(r"\b(this|current|last|previous|prior|to date|fytd)\b", text)
    if relative is not None:
        back = relative[1] in ("last", "previous", "prior")
        if "quarter" in text:
            return _told(_quarter_of(today, start_month, back=back), True)
        if back:
            return _told(_year(current - 1, start_month), True)
        start = _year(current, start_month).start
        return _told(Period(start=start, end=max(today, start + timedelta(days=1))), True)
    number = _number_of(text)
    year = _named_year(text) or _latest(number, today, start_month)
    return _told(_quarter(year, number, start_month) if number else _year(year, start_month), False)


def _told(period: Period, relative: bool) -> tuple[Period, bool, str]:
    last = period.end - timedelta(days=1)
    return period, relative, f"The fiscal period is read as {period.start} to {last}; fiscal years end in their year."


def _year_of(day: date, start_month: int) -> int:
    return day.year + (start_month > 1 and day.month >= start_month)


def _year(year: int, start_month: int) -> Period:
    first = year if start_month == 1 else year - 1
    return Period(start=date(first, start_month, 1), end=date(first + 1, start_month, 1))


def _quarter(year: int, number: int, start_month: int) -> Period:
    first = _year(year, start_month).start
    return Period(start=_months_on(first, 3 * (number - 1)), end=_months_on(first, 3 * number))


def _quarter_of(today: date, start_month: int, *, back: bool) -> Period:
    passed = (today.month - start_month) % 12 % 3
    start = _months_on(today.replace(day=1), -passed - (3 if back else 0))
    end = _months_on(start, 3) if back else max(today, start + timedelta(days=1))
    return Period(start=start, end=end)


def _latest(number: int, today: date, start_month: int) -> int:
    """The newest year in which that quarter has begun."""
    year = _year_of(today, start_month)
    return year if not number or _quarter(year, number, start_month).start <= today else year - 1


def _number_of(text: str) -> int:
    digit = re.search(r"q([1-4])|\b([1-4])(?:st|nd|rd|th)\b", text)
    if digit is not None:
        return int(digit[1] or digit[2])
    return next((i for i, word in enumerate(_ORDERS, 1) if word in text), 0)


def _named_year(text: str) -> int | None:
    found = re.search(r"((?:19|20)\d\d)|(?:fy ?|year |fiscal |financial |of )(\d\d)\b", text)
    if found is None:
        return None
    return int(found[1]) if found[1] else _CENTURY + int(found[2])


def _months_on(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
