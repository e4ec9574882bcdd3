"""The type of a column of text, decided by every value it holds.

A rule offers a condition that every value must meet and the SQL expression that turns a
value into its type. A sample may reject a rule; only the whole column accepts one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from tools.ingest.column_words import DURATION_WORDS, words_of
from tools.ingest.date_types import date_rules, epoch_rule
from tools.ingest.type_rule import Rule, full_match

MISSING = ("", "na", "n/a", "#n/a", "<na>", "null", "nan", "none", "nil", "\\n", "-", "--", "?", ".")
_SAMPLE_ROWS = 1000
_NEARLY = 0.9

INTEGER = r"[+-]?(0|[1-9]\d{0,17})"
_FLOAT = r"[+-]?(0|[1-9]\d*)?\.\d*([eE][+-]?\d{1,3})?|[+-]?(0|[1-9]\d*)([eE][+-]?\d{1,3})?"
_THOUSANDS = r"[+-]?\d{1,3}(,\d{3})*(\.\d+)?"
_MONEY = r"\(?-?[$€£] ?-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?\)?"
_PERCENT = r"[+-]?\d+(\.\d+)? ?%"
_DECIMAL_COMMA = r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?"
_HMS = r"\d{1,4}:[0-5]\d:[0-5]\d(\.\d+)?"


@dataclass(frozen=True)
class ColumnType:
    """The expression that makes the column, and what to say about it."""

    type: str
    expression: str
    note: str = ""
    unit: str = ""


def infer_column(
    connection: duckdb.DuckDBPyConnection, *, table: str, column: str, name: str, delimiter: str = ","
) -> ColumnType:
    """The type of `table.column` (VARCHAR, staged), named `name` in the end."""
    value = f'trim("{column}")'
    present = f'"{column}" is not null and not list_contains({list(MISSING)!r}, lower({value}))'
    sample = f'(select * from "{table}" where {present} limit {_SAMPLE_ROWS})'
    if not _one(connection, f"select count(*) from {sample}"):
        return ColumnType("VARCHAR", "cast(null as varchar)", "has no values")
    nearly = ""
    for rule in _rules(name, delimiter):
        accepts = rule.accepts.replace("{v}", value)
        share = _one(connection, f"select avg(coalesce(({accepts})::int, 0)) from {sample}")
        if share < 1:
            if share >= _NEARLY and not nearly and rule.type in {"BIGINT", "DOUBLE", "DATE", "TIMESTAMP"}:
                nearly = _nearly(connection, table, column, present, accepts, rule)
            continue
        also = " and " + rule.also.replace("{v}", value) if rule.also else ""
        whole = f'select bool_and(coalesce({accepts}, false)){also} from "{table}" where {present}'
        if _one(connection, whole):
            becomes = rule.becomes.replace("{v}", value)
            return _accepted(connection, rule, f"case when {present} then {becomes} end", table)
        if not nearly and not rule.also and rule.type in {"BIGINT", "DOUBLE", "DATE", "TIMESTAMP"}:
            nearly = _nearly(connection, table, column, present, accepts, rule)
    return _text(connection, table, column, nearly)


def _rules(name: str, delimiter: str) -> Iterator[Rule]:
    yield Rule("BOOLEAN", "lower({v}) in ('true', 'false')", "lower({v}) = 'true'")
    for yes, no in (("yes", "no"), ("y", "n"), ("t", "f")):
        yield Rule(
            "BOOLEAN",
            f"lower({{v}}) in ('{yes}', '{no}')",
            f"lower({{v}}) = '{yes}'",
            note=f"{yes}/{no} stored as true/false",
            also="count(distinct lower({v})) = 2",
        )
    yield from epoch_rule(name, INTEGER, _FLOAT)
    yield from date_rules(name)
    yield Rule("BIGINT", full_match(INTEGER), "cast({v} as bigint)")
    yield Rule("DOUBLE", full_match(_FLOAT), "cast({v} as double)", also="bool_and(isfinite(try_cast({v} as double)))")
    stripped = r"replace(regexp_replace({v}, '[$€£() ]', '', 'g'), ',', '')"
    yield Rule(
        "DOUBLE",
        full_match(_MONEY),
        f"cast({stripped} as double) * case when {{v}} like '(%' then -1 else 1 end",
        note="currency signs and thousands separators removed",
        unit="usd",
        also="count(distinct regexp_extract({v}, '[$€£]')) = 1",
    )
    yield Rule(
        "DOUBLE",
        full_match(_PERCENT),
        "cast(trim(replace({v}, '%', '')) as double)",
        note="percent signs removed; 12.5 means 12.5 %",
        unit="points",
    )
    if delimiter in {";", "\t", "|"}:
        yield Rule(
            "DOUBLE",
            full_match(_DECIMAL_COMMA),
            "cast(replace(replace({v}, '.', ''), ',', '.') as double)",
            note="decimal commas read as decimal points",
            also="bool_or(regexp_matches({v}, ',\\d{1,2}$|,\\d{4,}$'))",
        )
    if delimiter != ";":
        yield Rule(
            "DOUBLE",
            full_match(_THOUSANDS),
            "cast(replace({v}, ',', '') as double)",
            note="thousands separators removed",
            also="bool_or({v} like '%,%')",
        )
    if words_of(name) & DURATION_WORDS:
        yield Rule(
            "DOUBLE",
            full_match(_HMS),
            "split_part({v}, ':', 1)::double * 3600 + split_part({v}, ':', 2)::double * 60 "
            "+ split_part({v}, ':', 3)::double",
            note="hours:minutes:seconds stored as seconds",
            unit="seconds",
        )


def _accepted(connection: duckdb.DuckDBPyConnection, rule: Rule, expression: str, table: str) -> ColumnType:
    """The rule's type; times that are all midnight are dates."""
    if rule.type == "TIMESTAMP" and not rule.note.endswith("UTC"):
        midnight = f"select bool_and({expression} = date_trunc('day', {expression})) from \"{table}\""
        if _one(connection, midnight):
            return ColumnType("DATE", f"cast({expression} as date)", rule.note, rule.unit)
    return ColumnType(rule.type, expression, rule.note, rule.unit)


def _text(connection: duckdb.DuckDBPyConnection, table: str, column: str, nearly: str) -> ColumnType:
    """Text stays as it is; values of a category (at most 1,000 different) lose white space around them."""
    count, plain, trimmed, tokens = _row(
        connection,
        f'select count(distinct "{column}"), count(*) filter ("{column}" <> trim("{column}")), '
        f'count(distinct trim("{column}")), '
        f"count(*) filter (lower(trim(\"{column}\")) in ('na', 'n/a', 'null', 'nan', 'none')) from \"{table}\"",
    )
    notes = [nearly] if nearly else []
    blank = f"case when trim(\"{column}\") <> '' then"
    expression = f'{blank} "{column}" end'
    if plain and count <= 1000:
        expression = f'{blank} trim("{column}") end'
        notes.append(f"white space around {plain} value{'s' if plain > 1 else ''} removed")
    if tokens and trimmed > 1:
        notes.append(
            f"{tokens} value{'s' if tokens > 1 else ''} such as NA or None kept as text, since the column is text"
        )
    return ColumnType("VARCHAR", expression, "; ".join(notes))


def _nearly(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, present: str, accepts: str, rule: Rule
) -> str:
    """Why a column that is mostly of one type stays text, with the first value that is not."""
    odd, total, line, example = _row(
        connection,
        f"select count(*) filter (not coalesce({accepts}, false)), count(*), "
        f"min(line) filter (not coalesce({accepts}, false)), "
        f'arg_min("{column}", line) filter (not coalesce({accepts}, false)) from "{table}" where {present}',
    )
    if not odd or odd > (1 - _NEARLY) * total:
        return ""
    kind = {"BIGINT": "whole numbers", "DOUBLE": "numbers"}.get(rule.type, "dates")
    return f"kept as text: {odd} of {total} values are not {kind}, first {str(example)[:40]!r} in line {line}"


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    value = _row(connection, sql)[0]
    return float(value) if value is not None else 0.0


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row = connection.execute(sql).fetchone()
    if row is None:  # an aggregate always has a row
        raise AssertionError(sql)
    return tuple(row)
