"""The type of a column of text, decided by every value it holds.

A sample may reject a rule; only the whole column accepts one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from tools.ingest.date_types import date_rules, epoch_rules
from tools.ingest.flag_types import flag_rules
from tools.ingest.number_types import plain_number_rules, written_number_rules
from tools.ingest.type_rule import Rule

MISSING = ("", "na", "n/a", "#n/a", "<na>", "null", "nan", "none", "nil", "\\n", "-", "--", "?", ".")
NO_VALUES = "has no values"
_SAMPLE_ROWS = 1000
_NEARLY = 0.9
_TRIMMED_VALUES = 1000


@dataclass(frozen=True)
class ColumnType:
    """The expression that makes the column of the staged one, and what to say about it.

    `ambiguous` holds both readings of dates whose day and month cannot be told apart.
    """

    type: str
    expression: str
    note: str = ""
    unit: str = ""
    ambiguous: tuple[Rule, ...] = ()


def infer_column(
    connection: duckdb.DuckDBPyConnection,
    *,
    table: str,
    column: str,
    name: str,
    delimiter: str = ",",
    date_order: str = "",
) -> ColumnType:
    """The type of `table.column` (VARCHAR, staged with its `line`), named `name` in the end.

    Arguments:
        date_order: the note of the date rule that another column of the file settled on.
    """
    staged = _Staged(connection, table, column)
    sample = staged.sample()
    if not sample:
        return ColumnType("VARCHAR", "cast(null as varchar)", NO_VALUES)
    nearly, undecided = "", []
    for rule in _rules(name, delimiter):
        if _share(rule.looks, sample) < _NEARLY:
            continue
        if not staged.all(rule.accepts):
            nearly = nearly or staged.nearly(rule)
        elif not rule.also or staged.aggregate(rule.also) or (rule.choice and rule.note == date_order):
            return _accepted(staged, rule)
        elif rule.choice:
            undecided.append(rule)
    if undecided:
        return _undecided(staged, tuple(undecided))
    return _text(staged, nearly)


def _rules(name: str, delimiter: str) -> Iterator[Rule]:
    yield from flag_rules()
    yield from epoch_rules(name)
    yield from date_rules(name)
    yield from plain_number_rules()
    yield from written_number_rules(name, delimiter)


class _Staged:
    """Questions about one staged column."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: str, column: str) -> None:
        self.column = column
        self.value = f'trim("{column}")'
        missing = ", ".join("'" + token + "'" for token in MISSING)
        self.present = f'"{column}" is not null and lower({self.value}) not in ({missing})'
        self._connection = connection
        self._table = f'"{table}"'

    def sample(self) -> list[str]:
        rows = self._connection.execute(
            f"select {self.value} from {self._table} where {self.present} limit {_SAMPLE_ROWS}"
        ).fetchall()
        return [str(row[0]) for row in rows]

    def sql(self, expression: str) -> str:
        return expression.replace("{v}", self.value)

    def all(self, condition: str) -> bool:
        return bool(self.one(f"bool_and(coalesce({self.sql(condition)}, false))"))

    def aggregate(self, condition: str) -> bool:
        return bool(self.one(self.sql(condition)))

    def one(self, selected: str) -> Any:
        return self.row(selected)[0]

    def row(self, selected: str, *, everything: bool = False) -> tuple[Any, ...]:
        where = "" if everything else f" where {self.present}"
        row = self._connection.execute(f"select {selected} from {self._table}{where}").fetchone()
        if row is None:  # an aggregate always has a row
            raise AssertionError(selected)
        return row

    def nearly(self, rule: Rule) -> str:
        """Why a column that is mostly of one type stays text, with the first value that is not."""
        if rule.type == "BOOLEAN" or rule.unit:
            return ""
        odd = f"not coalesce({self.sql(rule.accepts)}, false)"
        count, total, line, example = self.row(
            f"count(*) filter ({odd}), count(*), min(line) filter ({odd}), "
            f'arg_min("{self.column}", line) filter ({odd})'
        )
        if count > (1 - _NEARLY) * total:
            return ""
        if re.fullmatch(r"0\d+", str(example).strip()):
            return f"kept as text, since values such as {str(example).strip()!r} (line {line}) start with a zero"
        kind = {"BIGINT": "whole numbers", "DOUBLE": "numbers"}.get(rule.type, "dates or times")
        return f"kept as text: {count} of {total} values are not {kind}, first {str(example)[:40]!r} in line {line}"

    def in_order(self, rule: Rule) -> bool:
        """Whether the file is sorted by the column as this rule reads it."""
        read = self.sql(rule.becomes)
        inner = f"(select {read} as d, lag({read}) over (order by line) as p from {self._table} where {self.present})"
        row = self._connection.execute(
            f"select (bool_and(d >= p) or bool_and(d <= p)) and count(distinct d) >= 5 from {inner} where p is not null"
        ).fetchone()
        return bool(row and row[0])


def _share(looks: str, sample: list[str]) -> float:
    pattern = re.compile(looks)
    return sum(pattern.match(value) is not None for value in sample) / len(sample)


def _accepted(staged: _Staged, rule: Rule) -> ColumnType:
    """The rule's type; times that are all midnight are dates."""
    expression = f"case when {staged.present} then {staged.sql(rule.becomes)} end"
    if rule.type == "TIMESTAMP" and not rule.note.endswith("UTC"):
        read = staged.sql(rule.becomes)
        if staged.one(f"bool_and({read} = date_trunc('day', {read}))"):
            return ColumnType("DATE", f"cast({expression} as date)", rule.note, rule.unit)
    note = str(staged.one(staged.sql(rule.told))) if rule.told else rule.note
    return ColumnType(rule.type, expression, note, rule.unit)


def _undecided(staged: _Staged, rules: tuple[Rule, ...]) -> ColumnType:
    """Dates that read both ways: the way in which the file is sorted, else text."""
    sorted_by = [rule for rule in rules if staged.in_order(rule)]
    if len(sorted_by) == 1:
        found = _accepted(staged, sorted_by[0])
        return ColumnType(found.type, found.expression, f"{found.note}, as the file is sorted that way")
    text = _text(staged, "kept as text: days and months cannot be told apart")
    return ColumnType(text.type, text.expression, text.note, ambiguous=rules)


def _text(staged: _Staged, note: str) -> ColumnType:
    """Text stays as it is; values of a category lose the white space around them."""
    column, value = f'"{staged.column}"', staged.value
    distinct, padded = staged.row(f"count(distinct {column}), count(*) filter ({column} <> {value})", everything=True)
    notes = [note] if note else []
    kept = column
    if padded and distinct <= _TRIMMED_VALUES:
        kept = value
        notes.append(f"white space around {padded} value{'s' if padded > 1 else ''} removed")
    return ColumnType("VARCHAR", f"case when {value} <> '' then {kept} end", "; ".join(notes))
