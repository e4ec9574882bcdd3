"""Dates and times written as text or as seconds since 1970.

Every date and time becomes a DATE, or a TIMESTAMP in UTC; the raw value is not kept.
Dates whose day and month cannot be told apart stay text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from tools.ingest.column_words import ID_WORDS, TIME_WORDS, words_of
from tools.ingest.number_types import DECIMAL, INTEGER
from tools.ingest.type_rule import Rule, full_match

_ISO_DATE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_CLOCK = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?"
_ZONE = r" ?(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?)"
_TIMES = ("", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p")
_NAMED = ("%d-%b-%{}", "%d %b %{}", "%d %B %{}", "%b %d, %{}", "%B %d, %{}", "%b %d %{}", "%d.%b.%{}", "%d/%b/%{}")
_WEEKDAY = ("%a, %d %b %{}", "%A, %B %d, %{}", "%a %b %d %{}", "%b-%d-%{}", "%d%b%{}")
_ZONED = ("%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z", "%d %b %Y %H:%M:%S %z")
_MONTH_NAME = (
    r"(?i)(?=.*\d)(\d{1,2}[ ./-]?)?(mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
)
_EPOCHS = (("seconds", 1), ("milliseconds", 1000), ("microseconds", 1000000))
_YEAR_1990, _YEAR_2100 = 631152000, 4102444800  # in seconds


def date_rules(name: str) -> Iterator[Rule]:
    """Rules for dates as text, the plainest first."""
    year = r"\d{4}[-/]\d"
    iso = "replace(replace({v}, '/', '-'), ',', '.')"
    date = f"{full_match(_ISO_DATE)} and try_cast({iso} as date) is not null"
    yield Rule("DATE", year, date, f"cast({iso} as date)")
    local = full_match(f"{_ISO_DATE}([ T]{_CLOCK})?")
    yield Rule("TIMESTAMP", year, f"{local} and try_cast({iso} as timestamp) is not null", f"cast({iso} as timestamp)")
    zoned = full_match(f"{_ISO_DATE}([ T]{_CLOCK}({_ZONE})?)?")
    text = f"regexp_replace(regexp_replace({iso}, ' ?(z|UTC|GMT)$', 'Z'), '([+-]\\d{{2}})(\\d{{2}})$', '\\1:\\2')"
    yield Rule(
        "TIMESTAMP",
        year,
        f"{zoned} and try_cast({text} as timestamptz) is not null",
        f"make_timestamp(epoch_us(cast({text} as timestamptz)))",
        note="times stored in UTC",
    )
    half = full_match(rf"{_ISO_DATE} {_CLOCK} ?[AaPp][Mm]( (GMT|UTC)([+-]\d{{1,2}})?)?")
    clock = _parsed(("%Y-%m-%d",)).replace("{v}", f"regexp_replace({iso}, ' (GMT|UTC).*$', '')")
    hours = "coalesce(try_cast(regexp_extract({v}, '(GMT|UTC)([+-]\\d+)', 2) as int), 0)"
    shifted = f"({clock} - to_hours({hours}))"
    yield Rule("TIMESTAMP", year, f"{half} and {clock} is not null", shifted, note="times stored in UTC")
    yield from _numeric_dates()
    yield from _named_dates()
    if words_of(name) & TIME_WORDS:
        yield from _compact_dates()


def _numeric_dates() -> Iterator[Rule]:
    """Day or month first: told apart by a part above 12, or by one that is 1 throughout (months)."""
    for sep, (digits, year) in product("/.-", ((r"\d{4}", "%Y"), (r"\d{2}", "%y"))):
        shape = full_match(rf"\d{{1,2}}[{sep}]\d{{1,2}}[{sep}]{digits}([, ]+{_CLOCK}( ?[AaPp][Mm])?)?")
        part = f"regexp_extract({{v}}, '^(\\d+)[{sep}](\\d+)', {{n}})::int"
        one, two = part.replace("{n}", "1"), part.replace("{n}", "2")
        for day, month, order, written in ((one, two, "%d{s}%m", "day first"), (two, one, "%m{s}%d", "month first")):
            parsed = _parsed((order.replace("{s}", sep) + sep + year,))
            yield Rule(
                "TIMESTAMP",
                rf"\d{{1,2}}[{sep}]\d",
                shape,
                parsed,
                note=f"dates read with the {written}",
                also=f"(max({day}) > 12 or (max({day}) = 1 and count(distinct {month}) > 1)) "
                f"and bool_and(coalesce({parsed} is not null, false))",
                choice="days and months",
            )


def _named_dates() -> Iterator[Rule]:
    for digits, year in ((r"\d{4}", "Y"), (r"\d{2}", "y")):
        parsed = _parsed(tuple(day.format(year) for day in _NAMED + _WEEKDAY))
        shape = full_match(rf"(.*[A-Za-z])?.*\D{digits}([, ]+{_CLOCK}( ?[AaPp][Mm])?)?")
        yield Rule("TIMESTAMP", _MONTH_NAME, f"{shape} and {parsed} is not null", parsed)
    zoned = f"try_strptime({{v}}, {_list(_ZONED)})"
    utc = f"make_timestamp(epoch_us({zoned}))"
    yield Rule("TIMESTAMP", _MONTH_NAME, f"{zoned} is not null", utc, note="times stored in UTC")


def _compact_dates() -> Iterator[Rule]:
    digits = full_match(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
    day = "try_strptime({v}, '%Y%m%d')"
    note = "eight digits read as year, month, day"
    yield Rule("DATE", r"(19|20)\d{6}$", f"{digits} and {day} is not null", f"cast({day} as date)", note=note)
    month = full_match(r"(19|20)\d{2}-(0[1-9]|1[0-2])")
    first = "cast({v} || '-01' as date)"
    yield Rule("DATE", r"(19|20)\d{2}-\d{2}$", month, first, note="months stored as their first day")


def epoch_rules(name: str) -> Iterator[Rule]:
    """Seconds, milliseconds or microseconds since 1970, between 1990 and 2100.

    Seconds need a name that says time; longer counts need only a name that is not an id's.
    """
    number = f"({full_match(INTEGER)} or {full_match(DECIMAL)})"
    for unit, factor in _EPOCHS:
        if _may_count_from_1970(name, factor):
            low, high = _YEAR_1990 * factor, _YEAR_2100 * factor
            yield Rule(
                "TIMESTAMP",
                r"\d{9,}",
                f"{number} and try_cast({{v}} as double) between {low} and {high}",
                f"make_timestamp(cast(round(cast({{v}} as decimal(38, 9)) * {1000000 // factor}) as bigint))",
                note=f"{unit} since 1970 stored as a time in UTC",
            )


def epoch_unit(name: str, low: float, high: float) -> int:
    """Units in a second when numbers from `low` to `high` in a column `name` count from 1970, else 0."""
    for _, factor in _EPOCHS:
        if _may_count_from_1970(name, factor) and _YEAR_1990 * factor <= low and high <= _YEAR_2100 * factor:
            return factor
    return 0


def _may_count_from_1970(name: str, factor: int) -> bool:
    words = words_of(name)
    return (factor > 1 or bool(words & TIME_WORDS)) and not words & ID_WORDS


def _parsed(days: tuple[str, ...]) -> str:
    formats = tuple(day + blank + time for day in days for time in _TIMES for blank in ((" ", ", ") if time else ("",)))
    return f"try_strptime({{v}}, {_list(formats)})"


def _list(formats: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{f}'" for f in formats) + "]"
