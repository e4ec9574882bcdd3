"""Numbers written as text: whole, decimal, with separators, currency signs or percent signs."""

from __future__ import annotations

from collections.abc import Iterator

from tools.ingest.column_words import DURATION_WORDS, words_of
from tools.ingest.type_rule import Rule, full_match

# No leading zeros (they are ids), no plus sign (phone numbers), no more digits than the type holds.
INTEGER = r"-?(0|[1-9]\d{0,17})"
DECIMAL = r"[+-]?(0|[1-9]\d{0,14})?\.\d+([eE][+-]?\d{1,3})?|-?(0|[1-9]\d{0,14})\.?([eE][+-]?\d{1,3})?"
_GROUPED = r"(\d{1,3}(,\d{3})+|\d{1,15})(\.\d+)?"
_THOUSANDS = r"[+-]?\d{1,3}(,\d{3})*(\.\d+)?"
_PERCENT = r"[+-]?\d{1,15}(\.\d+)? ?%"
_DECIMAL_COMMA = r"[+-]?(\d{1,3}(\.\d{3})+|\d{1,15})(,\d+)?"
_HMS = r"\d{1,4}:[0-5]\d:[0-5]\d(\.\d+)?"
_DIGIT = r"[+-]?[\d.]"


def plain_number_rules() -> Iterator[Rule]:
    """Whole numbers, then decimals."""
    yield Rule("BIGINT", _DIGIT, full_match(INTEGER), "cast({v} as bigint)")
    finite = "bool_and(isfinite(try_cast({v} as double)))"
    yield Rule("DOUBLE", _DIGIT, full_match(DECIMAL), "cast({v} as double)", also=finite)


def written_number_rules(name: str, delimiter: str) -> Iterator[Rule]:
    """Numbers as people and spreadsheets write them, where that is safe to undo."""
    for sign, unit in (("$", "usd"), ("€", ""), ("£", "")):
        stripped = f"replace(translate({{v}}, '{sign}() ', ''), ',', '')"
        yield Rule(
            "DOUBLE",
            rf"\(?[-+]?\s?[{sign}\d]",
            full_match(rf"\(?-?[{sign}] ?-?{_GROUPED}\)?|\(?-?{_GROUPED} ?[{sign}]\)?"),
            f"cast({stripped} as double) * case when {{v}} like '(%' then -1 else 1 end",
            note=f"{sign} signs and thousands separators removed",
            unit=unit,
        )
    yield Rule(
        "DOUBLE",
        _DIGIT,
        full_match(_PERCENT),
        "cast(trim(replace({v}, '%', '')) as double)",
        note="percent signs removed, so that 12.5 means 12.5 %",
        unit="points",
    )
    if delimiter != ",":
        yield Rule(
            "DOUBLE",
            _DIGIT,
            full_match(_DECIMAL_COMMA),
            "cast(replace(replace({v}, '.', ''), ',', '.') as double)",
            note="decimal commas read as decimal points",
            also=r"bool_or(regexp_matches({v}, ',\d{1,2}$|,\d{4,}$'))",
        )
    if delimiter != ";":
        yield Rule(
            "BIGINT",
            _DIGIT,
            full_match(r"[+-]?\d{1,3}(,\d{3})*"),
            "cast(replace({v}, ',', '') as bigint)",
            note="thousands separators removed",
            also="bool_or(contains({v}, ','))",
        )
        yield Rule(
            "DOUBLE",
            _DIGIT,
            full_match(_THOUSANDS),
            "cast(replace({v}, ',', '') as double)",
            note="thousands separators removed",
            also="bool_or(contains({v}, ','))",
        )
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
