"""Whether a frame can be drawn from: every unit once, with an id, and what its design needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.errors import InvalidInput
from tools.metrics.sql import quote
from tools.sampling.canonical_key import refuse_key, text_fault
from tools.sampling.check_unique import check_unique
from tools.sampling.columns import Columns, Key, Size
from tools.sampling.designs import Design, Stratified
from tools.sampling.source import Source
from tools.sampling.sql_literal import double


@dataclass(frozen=True)
class FrameFacts:
    """What one pass over a frame tells.

    Attributes:
        rows: its rows.
        missing: rows without a size. raised: rows whose size is below the floor.
        smallest, largest: of the sizes that are known, floor applied.
    """

    rows: int
    missing: int = 0
    raised: int = 0
    smallest: float | None = None
    largest: float | None = None


@dataclass(frozen=True)
class _Rule:
    """Rows that match `condition` are refused."""

    column: str
    condition: str
    fault: str
    code: str
    hint: str = ""


def check_frame(source: Source, columns: Columns, design: Design) -> FrameFacts:
    """What is known of a frame that passes.

    Raises:
        InvalidInput: the first faulty row and its column, and how many more there are.
    """
    rules = _rules(columns, design)
    keys = [key for key in (columns.id, columns.cluster) if key is not None]
    wanted = ["count(*)", *(_count(rule.condition) for rule in rules), *(_count(_distant(key)) for key in keys)]
    wanted += [
        f"min({columns.id.number})",
        f"max({columns.id.number})",
        *(_facts(columns.size) if columns.size else []),
    ]
    found: list[Any] = list(source.query(f"select {', '.join(wanted)} from {source.relation}")[0])
    rows = int(found.pop(0))
    for rule in rules:
        if faulty := found.pop(0):
            raise _refuse(source, rule, int(faulty))
    for key in keys:
        if found.pop(0):
            _check_text(source, key)
    check_unique(source, columns, rows=rows, least=found.pop(0), most=found.pop(0))
    return FrameFacts(rows, *found)


def _count(condition: str) -> str:
    return f"count(*) filter (where {condition})"


def _facts(size: Size) -> list[str]:
    below = "false" if size.floor is None else f"{size.number} < {double(size.floor)}"
    return [_count(size.is_missing), _count(below), f"min({size.sql})", f"max({size.sql})"]


def _distant(key: Key) -> str:
    """Text with characters of more than one byte, which may not be NFC."""
    return f"strlen({key.sql}) <> length({key.sql})" if key.kind == "text" else "false"


def _rules(columns: Columns, design: Design) -> list[_Rule]:
    rules = _key_rules(columns.id, "id")
    if columns.prior:
        number = f"try_cast({quote(columns.prior)} as double)"
        outside = f"{number} is null or not ({number} > 0 and {number} <= 1)"
        fault = "is no probability above 0 and at most 1"
        rules.append(_Rule(columns.prior, outside, fault, "invalid_probability", "It is what the first phase wrote."))
    for column, what in ((columns.strata, "stratum"), (columns.day, "day")):
        if column:
            hint = f"Give the rows a {what} of their own, such as 'unknown'."
            rules.append(_Rule(column, f"{quote(column)} is null", "is missing", f"invalid_{what}", hint))
    if columns.cluster:
        rules += _key_rules(columns.cluster, "cluster")
    if columns.size:
        rules += _size_rules(columns.size, steers=not isinstance(design, Stratified))
    return rules + (_cost_rules(columns.cost) if columns.cost else [])


def _key_rules(key: Key, what: str) -> list[_Rule]:
    missing = _Rule(key.column, f"{key.value} is null", "is missing", f"invalid_{what}", "Every row needs one.")
    if key.kind == "text":
        return [missing]
    sign = "An integer id is 0 or more, written without a sign."
    return [missing, _Rule(key.column, key.has_sign, "has a sign", f"invalid_{what}", sign)]


def _size_rules(size: Size, *, steers: bool) -> list[_Rule]:
    """Missing sizes pass: they are imputed, and counted."""
    wrong = f"isinf({size.number})"
    if size.is_text:
        wrong += f" or ({size.number} is null and not {size.is_missing})"
    rules = [_Rule(size.column, wrong, "is not a number", "invalid_size", "An empty field or NA is a missing size.")]
    if not steers or size.steps is not None:
        return rules
    if size.floor is None:
        hint = "A unit that can never be drawn is not in the frame: leave it out, or raise small sizes: --size-floor."
        rules.append(_Rule(size.column, f"{size.number} <= 0", "is not above 0", "invalid_size", hint))
    else:
        rules.append(_Rule(size.column, f"{size.number} < 0", "is negative", "invalid_size", "No floor mends that."))
    return rules


def _cost_rules(column: str) -> list[_Rule]:
    number = f"try_cast({quote(column)} as double)"
    wrong = f"{number} is null or not isfinite({number})"
    return [
        _Rule(column, wrong, "is not a number", "invalid_cost", "Impute it before the draw, and say so."),
        _Rule(column, f"{number} <= 0", "is not above 0", "invalid_cost"),
    ]


def _refuse(source: Source, rule: _Rule, rows: int) -> InvalidInput:
    row, value = source.query(
        f"select r, v from (select row_number() over () as r, {quote(rule.column)} as v, {rule.condition} as faulty "
        f"from {source.relation}) where faulty order by r limit 1"
    )[0]
    more = f" ({rows:,} such rows)" if rows > 1 else ""
    where = f"{source.name}: row {row}, column {rule.column}"
    shown = "" if value is None else f": {value}"
    return InvalidInput(
        f"Row {row:,} of {source.name}: column {rule.column!r} {rule.fault}{shown}{more}.",
        code=rule.code,
        value=value if value is None or isinstance(value, int | str) else str(value),
        hint=rule.hint,
        where=where,
    )


def _check_text(source: Source, key: Key) -> None:
    """Text below U+0300 is always NFC; the rest is looked at here, where the Unicode version is known."""
    distant = r"[^\x{0}-\x{2FF}]"
    for row, text in source.query(
        f"select min(r), v from (select row_number() over () as r, {key.sql} as v from {source.relation}) "
        f"where regexp_matches(v, '{distant}') group by v order by 1"
    ):
        fault = text_fault(text)
        if fault:
            raise refuse_key(fault, value=text, where=f"{source.name}: row {row}, column {key.column}")
