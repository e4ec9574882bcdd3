"""Dates and times written as text or as seconds since 1970.

Every date and time becomes a TIMESTAMP (or DATE) in UTC; the raw value is not kept.
Days and months that cannot be told apart stay text.
"""

from __future__ import annotations

from collections.abc import Iterator

from tools.ingest.column_words import ID_WORDS, TIME_WORDS, words_of
from tools.ingest.type_rule import Rule, full_match

_ISO_DATE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_CLOCK = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?"
_ZONE = r" ?(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?)"
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %I:%M:%S %p")
_NAMED = (
    "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d-%b-%y", "%d.%b.%Y",
    "%a, %d %b %Y", "%A, %B %d, %Y", "%b-%d-%Y",
)  # fmt: skip
_ZONED = ("%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z", "%d %b %Y %H:%M:%S %z")
_EPOCHS = (("seconds", 1), ("milliseconds", 1000), ("microseconds", 1000000))
_YEAR_1990, _YEAR_2100 = 631152000, 4102444800  # in seconds


def date_rules(name: str) -> Iterator[Rule]:
    """Rules for dates as text, the plainest first."""
    iso = "replace(replace({v}, '/', '-'), ',', '.')"
    yield Rule("DATE", full_match(_ISO_DATE) + f" and try_cast({iso} as date) is not null", f"cast({iso} as date)")
    local = full_match(f"{_ISO_DATE}([ T]{_CLOCK})?")
    yield Rule("TIMESTAMP", f"{local} and try_cast({iso} as timestamp) is not null", f"cast({iso} as timestamp)")
    zoned = full_match(f"{_ISO_DATE}([ T]{_CLOCK}({_ZONE})?)?")
    text = f"regexp_replace(regexp_replace({iso}, ' ?(z|UTC|GMT)$', 'Z'), '([+-]\\d{{2}})(\\d{{2}})$', '\\1:\\2')"
    yield Rule(
        "TIMESTAMP",
        f"{zoned} and try_cast({text} as timestamptz) is not null",
        f"make_timestamp(epoch_us(cast({text} as timestamptz)))",
        note="times stored in UTC",
    )
    yield from _numeric_dates(name)
    yield _formats(tuple(day + time for day in _NAMED for time in _TIMES if "%f" not in time))
    zones = _list(_ZONED)
    yield Rule(
        "TIMESTAMP",
        f"try_strptime({{v}}, {zones}) is not null",
        f"make_timestamp(epoch_us(try_strptime({{v}}, {zones})))",
        note="times stored in UTC",
    )


def _numeric_dates(name: str) -> Iterator[Rule]:
    for sep in ("/", ".", "-"):
        shape = full_match(rf"\d{{1,2}}[{sep}]\d{{1,2}}[{sep}](\d{{4}}|\d{{2}})(,? {_CLOCK}( ?[AaPp][Mm])?)?")
        part = f"regexp_extract({{v}}, '^(\\d+)[{sep}](\\d+)', {{n}})::int"
        one, two = part.replace("{n}", "1"), part.replace("{n}", "2")
        for first, second, order, written in ((one, two, "%d{s}%m", "day first"), (two, one, "%m{s}%d", "month first")):
            formats = tuple(order.replace("{s}", sep) + sep + y + t for y in ("%Y", "%y") for t in _TIMES)
            # told apart by a day above 12, or by one part being 1 throughout (months)
            also = f"(max({first}) > 12 or (max({first}) = 1 and count(distinct {second}) > 1))"
            yield _formats(formats, shape=shape, also=also, note=f"dates read with the {written}")
    if words_of(name) & TIME_WORDS:
        compact = "strptime({v}, '%Y%m%d')::date"
        yield Rule(
            "DATE",
            full_match(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
            + " and try_strptime({v}, '%Y%m%d') is not null",
            compact,
            note="eight digits read as year, month, day",
        )
        yield Rule(
            "DATE", full_match(r"(19|20)\d{2}-(0[1-9]|1[0-2])"), "strptime({v} || '-01', '%Y-%m-%d')::date",
            note="months stored as their first day",
        )  # fmt: skip


def _formats(formats: tuple[str, ...], *, shape: str = "true", also: str = "", note: str = "") -> Rule:
    parsed = f"try_strptime({{v}}, {_list(formats)})"
    return Rule("TIMESTAMP", f"{shape} and {parsed} is not null", parsed, note=note, also=also)


def epoch_rule(name: str, integer: str, decimal: str) -> Iterator[Rule]:
    """Seconds, milliseconds or microseconds since 1970, between 1990 and 2100.

    Seconds need a name that says time; longer counts need only a name that is not an id's.
    """
    words = words_of(name)
    number = f"({full_match(integer)} or {full_match(decimal)})"
    for unit, factor in _EPOCHS:
        if (not words & TIME_WORDS and factor == 1) or words & ID_WORDS:
            continue
        low, high = _YEAR_1990 * factor, _YEAR_2100 * factor
        yield Rule(
            "TIMESTAMP",
            f"{number} and try_cast({{v}} as double) between {low} and {high}",
            f"make_timestamp(cast(round(cast({{v}} as decimal(38, 9)) * {1000000 // factor}) as bigint))",
            note=f"{unit} since 1970 stored as a time in UTC",
        )


def _list(formats: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{f}'" for f in formats) + "]"


def epoch_unit(name: str, low: float, high: float) -> int:
    """Units in a second when numbers from `low` to `high` in a column `name` count from 1970, else 0."""
    words = words_of(name)
    for _, factor in _EPOCHS:
        if (words & TIME_WORDS or factor > 1) and not words & ID_WORDS:  # noqa: SIM102
            if _YEAR_1990 * factor <= low and high <= _YEAR_2100 * factor:
                return factor
    return 0
