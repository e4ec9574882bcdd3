"""Whether a frame can be drawn from: every unit once, with an id, and what its design needs."""

from __future__ import annotations

from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.metrics.sql import quote
from tools.sampling.canonical_key import refuse_key, text_fault
from tools.sampling.columns import Columns, Key
from tools.sampling.designs import Design, Stratified
from tools.sampling.source import Source


@dataclass(frozen=True)
class _Rule:
    """Rows that match `condition` are refused."""

    column: str
    condition: str
    fault: str
    code: str
    hint: str = ""


def check_frame(source: Source, columns: Columns, design: Design) -> int:
    """The number of units.

    Raises:
        InvalidInput: the first faulty row and its column, and how many more there are.
    """
    rules = [*_key_rules(columns.id, "id"), *_design_rules(columns, design)]
    counts = ", ".join(f"count(*) filter (where {rule.condition})" for rule in rules)
    units, *faulty = source.query(f"select count(*), {counts} from {source.relation}")[0]
    for rule, rows in zip(rules, faulty, strict=True):
        if rows:
            raise _refuse(source, rule, int(rows))
    for key in (columns.id, columns.cluster):
        if key is not None and key.kind == "text":
            _check_text(source, key)
    _check_unique(source, columns.id)
    return int(units)


def _key_rules(key: Key, what: str) -> list[_Rule]:
    missing = _Rule(key.column, f"{key.value} is null", "is missing", f"invalid_{what}", "Every row needs one.")
    if key.kind == "text":
        return [missing]
    sign = "An integer id is 0 or more, written without a sign."
    return [missing, _Rule(key.column, key.has_sign, "has a sign", f"invalid_{what}", sign)]


def _design_rules(columns: Columns, design: Design) -> list[_Rule]:
    rules = []
    if columns.strata:
        hint = "Give the rows a stratum of their own, such as 'unknown'."
        rules.append(_Rule(columns.strata, f"{quote(columns.strata)} is null", "is missing", "invalid_stratum", hint))
    if columns.cluster:
        rules += _key_rules(columns.cluster, "cluster")
    for column, code in ((columns.size, "invalid_size"), (columns.cost, "invalid_cost")):
        if column:
            number = f"try_cast({quote(column)} as double)"
            finite = f"{number} is null or not isfinite({number})"
            rules.append(_Rule(column, finite, "is not a number", code, "Impute it before the draw, and say so."))
            if code == "invalid_cost" or not isinstance(design, Stratified):
                hint = "A unit that can never be drawn is not in the frame: leave it out, or give it a small size."
                rules.append(_Rule(column, f"{number} <= 0", "is not above 0", code, hint))
    return rules


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
        value=value if value is None or isinstance(value, int | float | str) else str(value),
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


def _check_unique(source: Source, key: Key) -> None:
    twice = source.query(
        f"select {key.value} as k, count(*) from {source.relation} group by 1 having count(*) > 1 order by 1 limit 2"
    )
    if not twice:
        return
    value = twice[0][0]
    literal = str(value).replace("'", "''")
    rows = source.query(
        f"select r from (select row_number() over () as r, {key.sql} as k from {source.relation}) "
        f"where k = '{literal}' order by r limit 2"
    )
    raise InvalidInput(
        f"The id {value!r} stands in rows {rows[0][0]:,} and {rows[1][0]:,} of {source.name}"
        + (", and others repeat too." if len(twice) > 1 else "."),
        code="duplicate_id",
        value=value,
        hint="One row is one unit: name the column that tells units apart, or remove the repeats.",
        where=f"{source.name}: row {rows[1][0]}, column {key.column}",
    )
