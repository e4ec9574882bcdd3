"""A metric query as a sentence that reads back as exactly that query.

Choices of a clarification carry such sentences, so that a choice asked again is answered and never asked back.

    messages_sent by country where surface = "dm", plan != "free" | "pro" from 2026-02-01 to 2026-02-28 per week
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta

from tools.figure import Period
from tools.metrics.definitions import Scalar
from tools.metrics.query import Having, MetricQuery, Where

_NAME = r"[\w.\-]+"
_SPAN = r"\d{4}-\d{2}-\d{2}\ to\ \d{4}-\d{2}-\d{2}"
_BOUND = r"(?:>=|<=|>|<)\ -?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_QUERY = re.compile(
    rf"""
    (?P<metrics>{_NAME}(?:,\ {_NAME})*)
    (?:\ divided\ by\ (?P<per>{_NAME}))?
    (?:\ as\ share\ over\ (?P<share>{_NAME}(?:,\ {_NAME})*))?
    (?:\ by\ (?P<by>{_NAME}(?:,\ {_NAME})*))?
    (?:\ where\ (?P<where>.+?))?
    (?:\ from\ (?P<period>{_SPAN}))?
    (?:\ per\ (?P<grain>day|week|month))?
    (?:\ against\ (?P<compare>previous|{_SPAN}))?
    (?:\ contrasted\ over\ (?P<contrast>{_NAME}))?
    (?:\ having\ (?P<having>{_BOUND}(?:,\ {_BOUND})*))?
    (?:\ (?P<order>top|bottom)(?:\ (?P<limit>\d+))?)?
    """,
    re.VERBOSE,
)
_WORDS = (("not_in", "!="), ("in_", "="), ("at_least", ">="), ("at_most", "<="), ("above", ">"), ("below", "<"))
_VALUE = r'(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false)'
_CONDITION = re.compile(rf"({_NAME}) (?:is (missing|present)|(!=|>=|<=|=|>|<) ({_VALUE}(?: \| {_VALUE})*))(?:, |$)")


def write_query(query: MetricQuery) -> str:
    """The sentence of a query."""
    parts = [", ".join(query.metrics)]
    if query.per is not None:
        parts.append(f"divided by {query.per}")
    if query.share_over:
        parts.append("as share over " + ", ".join(query.share_over))
    if query.by:
        parts.append("by " + ", ".join(query.by))
    if query.where:
        parts.append("where " + ", ".join(_condition(w) for w in query.where))
    if query.period is not None:
        parts.append("from " + _span(query.period))
    if query.grain is not None:
        parts.append(f"per {query.grain}")
    if query.compare is not None:
        parts.append("against " + (query.compare if isinstance(query.compare, str) else _span(query.compare)))
    if query.contrast is not None:
        parts.append(f"contrasted over {query.contrast}")
    if query.having is not None:
        parts.append("having " + _bounds(query.having))
    if query.order is not None:
        parts.append({"desc": "top", "asc": "bottom"}[query.order] + (f" {query.limit}" if query.limit else ""))
    return " ".join(parts)


def read_query(text: str, *, metrics: Sequence[str]) -> MetricQuery | None:
    """The query of such a sentence; None for any other text."""
    match = _QUERY.fullmatch(text.strip())
    if match is None or not set(names := match["metrics"].split(", ")) <= set(metrics):
        return None
    where = _read_conditions(match["where"]) if match["where"] else ()
    if where is None:
        return None
    compare = match["compare"]
    if match["per"] and match["per"] not in metrics:
        return None
    return MetricQuery(
        metrics=tuple(names),
        per=match["per"],
        contrast=match["contrast"],
        having=_read_bounds(match["having"]) if match["having"] else None,
        share_over=_names(match["share"]),
        by=_names(match["by"]),
        where=where,
        period=_read_span(match["period"]) if match["period"] else None,
        grain=match["grain"],
        compare=None if compare is None else "previous" if compare == "previous" else _read_span(compare),
        order={"top": "desc", "bottom": "asc"}.get(match["order"] or ""),
        limit=int(match["limit"]) if match["limit"] else None,
    )


def _bounds(having: Having) -> str:
    signs = {name: sign for name, sign in _WORDS if name in Having.model_fields}
    given = ((sign, getattr(having, name)) for name, sign in signs.items())
    return ", ".join(f"{sign} {json.dumps(bound)}" for sign, bound in given if bound is not None)


def _read_bounds(text: str) -> Having:
    names = {sign: name for name, sign in _WORDS if name in Having.model_fields}
    pairs = (part.split(" ") for part in text.split(", "))
    return Having(**{names[sign]: float(number) for sign, number in pairs})


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def _span(period: Period) -> str:
    return f"{period.start.isoformat()} to {(period.end - timedelta(days=1)).isoformat()}"


def _read_span(text: str) -> Period:
    first, last = (date.fromisoformat(part) for part in text.split(" to "))
    return Period(start=first, end=last + timedelta(days=1))


def _condition(where: Where) -> str:
    if where.is_null is not None:
        return f"{where.dimension} is {'missing' if where.is_null else 'present'}"
    for attribute, sign in _WORDS:
        given = getattr(where, attribute)
        if given is not None:
            values = given if isinstance(given, tuple) else (given,)
            return f"{where.dimension} {sign} " + " | ".join(json.dumps(v, ensure_ascii=False) for v in values)
    raise AssertionError(where)


def _read_conditions(text: str) -> tuple[Where, ...] | None:
    found, at = [], 0
    for match in _CONDITION.finditer(text):
        if match.start() != at:
            return None
        at = match.end()
        name, state, sign, values = match.groups()
        if state:
            found.append(Where(dimension=name, is_null=state == "missing"))
            continue
        attribute = next(a for a, s in _WORDS if s == sign)
        read = tuple(_scalar(v) for v in re.findall(_VALUE, values))
        found.append(Where(**{"dimension": name, attribute: read if attribute in ("in_", "not_in") else read[0]}))
    return tuple(found) if at == len(text) else None


def _scalar(text: str) -> Scalar:
    value: Scalar = json.loads(text)
    return value
