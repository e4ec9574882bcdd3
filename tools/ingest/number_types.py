"""Numbers written as text: whole, decimal, with separators, currency signs or percent signs."""

from __future__ import annotations

from collections.abc import Iterator

from tools.ingest.column_words import DURATION_WORDS, ID_WORDS, words_of
from tools.ingest.type_rule import Rule, full_match

# No leading zeros (they are ids), no plus sign (phone numbers), no more digits than the type holds.
INTEGER = r"-?(0|[1-9]\d{0,17})"
DECIMAL = r"[+-]?(0|[1-9]\d{0,14})?\.\d+([eE][+-]?\d{1,3})?|-?(0|[1-9]\d{0,14})\.?([eE][+-]?\d{1,3})?"
_GROUPED = r"(\d{1,3}(,\d{3})+|\d{1,15})(\.\d+)?"
_THOUSANDS = r"[+-]?\d{1,3}(,\d{3})*(\.\d+)?"
_COMMA = r"(\d{1,3}(\.\d{3})+|\d{1,15})(,\d+)?"
_COMMA_PART = r",\d{1,2}$|,\d{4,}$"
_SPACE = r"[ \x{a0}\x{202f}]"
_GAPS = r"[ '\x{a0}\x{2009}\x{202f}\x{2019}]"  # blanks and apostrophes between thousands
_SPACED = rf"[+-]?([1-9]\d{{0,2}}({_GAPS}\d{{3}})+|0|[1-9]\d{{0,2}})"
_HMS = r"\d{1,4}:[0-5]\d:[0-5]\d(\.\d+)?"
_DIGIT = r"[+-]?[\d.]"
_CURRENCIES = (("$", "usd"), ("USD", "usd"), ("€", ""), ("EUR", ""), ("£", ""), ("GBP", ""), ("CHF", ""))
_COMMAS_READ = "decimal commas read as decimal points"


def plain_number_rules() -> Iterator[Rule]:
    """Whole numbers, then decimals."""
    yield Rule("BIGINT", _DIGIT, full_match(INTEGER), "cast({v} as bigint)")
    finite = "bool_and(isfinite(try_cast({v} as double)))"
    yield Rule("DOUBLE", _DIGIT, full_match(DECIMAL), "cast({v} as double)", also=finite)


def written_number_rules(name: str, delimiter: str) -> Iterator[Rule]:
    """Numbers as people and spreadsheets write them, where that is safe to undo."""
    commas = delimiter != ","
    for sign, unit in _CURRENCIES:
        yield from _money(sign, unit, commas=commas)
    yield from _percents(commas=commas)
    if commas:
        yield Rule(
            "DOUBLE",
            _DIGIT,
            full_match(rf"[+-]?{_COMMA}"),
            _double("{v}", comma=True),
            note=_COMMAS_READ,
            also=_some("{v}", _COMMA_PART),
        )
    if delimiter != ";":
        yield _thousands("BIGINT", r"[+-]?\d{1,3}(,\d{3})*")
        yield _thousands("DOUBLE", _THOUSANDS)
    if not words_of(name) & ID_WORDS:
        yield from _spaced(commas=commas)
    if words_of(name) & DURATION_WORDS:
        yield Rule(
            "DOUBLE",
            r"\d+:",
            full_match(_HMS),
            "split_part({v}, ':', 1)::double * 3600 + split_part({v}, ':', 2)::double * 60 "
            "+ split_part({v}, ':', 3)::double",
            note="hours:minutes:seconds stored as seconds",
            unit="seconds",
        )


def _money(sign: str, unit: str, *, commas: bool) -> Iterator[Rule]:
    """One currency throughout, its sign or code before or after the number; parentheses are a minus."""
    code = len(sign) > 1
    written = sign if code else f"[{sign}]"
    bare = f"regexp_replace(replace({{v}}, '{sign}', ''), '[()]|{_SPACE}', '', 'g')"
    removed = f"{sign} {'codes' if code else 'signs'} and thousands separators removed"
    for comma in (True, False) if commas else (False,):
        number = _COMMA if comma else _GROUPED
        yield Rule(
            "DOUBLE",
            rf"\(?[-+]?\s?({written}|\d)",
            full_match(rf"\(?-?{written}{_SPACE}?-?{number}\)?|\(?-?{number}{_SPACE}?{written}\)?"),
            f"{_double(bare, comma=comma)} * case when {{v}} like '(%' then -1 else 1 end",
            note=f"{removed}, {_COMMAS_READ}" if comma else removed,
            unit=unit,
            also=_some(bare, _COMMA_PART) if comma else "",
        )


def _percents(*, commas: bool) -> Iterator[Rule]:
    note = "percent signs removed, so that 12.5 means 12.5 %"
    bare = f"regexp_replace({{v}}, '{_SPACE}?%$', '')"
    for comma in (False, True) if commas else (False,):
        part = "," if comma else r"\."
        accepts = full_match(rf"[+-]?\d{{1,15}}({part}\d+)?{_SPACE}?%")
        becomes = _double(bare, comma=comma)
        yield Rule("DOUBLE", _DIGIT, accepts, becomes, note=f"{note}, {_COMMAS_READ}" if comma else note, unit="points")


def _thousands(kind: str, pattern: str) -> Rule:
    return Rule(
        kind,
        _DIGIT,
        full_match(pattern),
        f"cast(replace({{v}}, ',', '') as {kind.lower()})",
        note="thousands separators removed",
        also="bool_or(contains({v}, ','))",
    )


def _spaced(*, commas: bool) -> Iterator[Rule]:
    """Thousands parted by blanks or apostrophes: 1 234 567, 1'234.50."""
    bare = f"regexp_replace({{v}}, '{_quoted(_GAPS)}', '', 'g')"
    note, some = "thousands separators removed", _some("{v}", rf"\d{_GAPS}\d")
    yield Rule("BIGINT", _DIGIT, full_match(_SPACED), f"cast({bare} as bigint)", note=note, also=some)
    yield Rule("DOUBLE", _DIGIT, full_match(rf"{_SPACED}(\.\d+)?"), _double(bare), note=note, also=some)
    if commas:
        note = f"{note}, {_COMMAS_READ}"
        becomes = _double(bare, comma=True)
        yield Rule("DOUBLE", _DIGIT, full_match(rf"{_SPACED}(,\d+)?"), becomes, note=note, also=some)


def _double(value: str, *, comma: bool = False) -> str:
    bare = f"replace(replace({value}, '.', ''), ',', '.')" if comma else f"replace({value}, ',', '')"
    return f"cast({bare} as double)"


def _some(value: str, pattern: str) -> str:
    """The aggregate condition that some value holds `pattern`."""
    return f"bool_or(regexp_matches({value}, '{_quoted(pattern)}'))"


def _quoted(pattern: str) -> str:
    return pattern.replace("'", "''")
