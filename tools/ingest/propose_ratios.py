"""Rates that need two columns, and counts on a second time column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.figure import Unit
from tools.ingest.candidate import Candidate
from tools.ingest.column_words import expanded, split_words
from tools.ingest.english import plural
from tools.ingest.name_columns import usable
from tools.ingest.table_shape import ColumnShape, TableShape
from tools.ingest.word_set import word_set
from tools.metrics.definitions import Count, Operand, Predicate, Ratio

_MONEY_SPENT = word_set("cost spend costs spent")
_MONEY_EARNED = word_set("revenue sales")
_CLICKS, _VIEWS, _CONVERSIONS = word_set("clicks"), word_set("impressions"), word_set("conversions purchases signups")
_NOT_MONEY_NAMES = word_set("per avg average mean unit price rate max min median")
_DONE = word_set(
    "resolved closed shipped delivered completed cancelled canceled approved paid refunded solved finished returned "
    "terminated churned activated signed reviewed answered"
)

# name, numerator, denominator, unit, words
_RATES: tuple[tuple[str, frozenset[str], frozenset[str], Unit, tuple[str, ...]], ...] = (
    (
        "click_through_rate",
        _CLICKS,
        _VIEWS,
        "share",
        ("click-through rate", "clickthrough rate", "clicks per impression"),
    ),
    ("cost_per_click", _MONEY_SPENT, _CLICKS, "usd", ("cpc", "average cost per click", "spend per click")),
    ("conversion_rate", _CONVERSIONS, _CLICKS, "share", ("cvr", "conversions per click", "click to conversion rate")),
    ("cost_per_conversion", _MONEY_SPENT, _CONVERSIONS, "usd", ("cpa", "cost per acquisition", "spend per conversion")),
    ("return_on_ad_spend", _MONEY_EARNED, _MONEY_SPENT, "ratio", ("roas", "revenue per spend")),
)


def propose_ratios(table: TableShape) -> Iterator[Candidate]:
    """Sums over sums for known pairs, money per person, and `tickets resolved` by when they were."""
    for name, above, below, unit, words in _RATES:
        numerator, denominator = _named(table, above), _named(table, below)
        if numerator is not None and denominator is not None:
            ratio = _ratio(table, name, numerator, Operand(agg="sum", of=table.name, column=denominator.name), unit)
            yield Candidate(ratio, table.name, dict.fromkeys(words, 2))
    if table.actor and table.column(table.actor).kind == "entity":
        yield from _money_per_actor(table, table.column(table.actor))
    for column in table.of_kind("time"):
        if column.name != table.time and set(split_words(column.header)) & _DONE:
            yield _done(table, column)


def _money_per_actor(table: TableShape, actor: ColumnShape) -> Iterator[Candidate]:
    from tools.ingest.propose_metrics import entity_noun  # cycle

    who = entity_noun(actor)
    for column in table.of_kind("number"):
        words = set(split_words(column.header))
        money = words & (_MONEY_EARNED | _MONEY_SPENT | {"amount", "amt", "gmv"}) or column.unit == "usd"
        if not money or words & _NOT_MONEY_NAMES:
            continue
        what = expanded(column.header)
        below = Operand(agg="distinct", of=table.name, column=actor.name)
        name = usable(f"{what}_per_{who}").lower()
        ratio = _ratio(table, name, column, below, "usd" if column.unit == "usd" or "usd" in words else "ratio")
        phrases = (f"{what} per {who}", f"average {what} per {who}", f"total {what} per {who}")
        yield Candidate(ratio, table.name, dict.fromkeys(phrases, 2))


def _done(table: TableShape, column: ColumnShape) -> Candidate:
    """Rows whose second time is known, counted by that time."""
    done = next(w for w in split_words(column.header) if w in _DONE)
    rows = plural(table.unit)
    values = {w for c in table.of_kind("category") for v, _ in c.values for w in split_words(str(v))}
    metric = Count(
        kind="count",
        name=usable(f"{rows}_{done}").lower(),
        of=table.name,
        time=column.name,
        where=(Predicate(column=column.name, is_null=False),),
        description=f"{rows[:1].upper()}{rows[1:]} with a {column.name}, counted by that time.",
    )
    words: dict[str, int] = {f"{rows} {done}": 2, f"number of {rows} {done}": 2}
    if done not in values:  # else "closed tickets" may mean those whose status is closed
        words |= {f"{done} {rows}": 2, f"number of {done} {rows}": 2}
    return Candidate(metric, table.name, words)


def _named(table: TableShape, words: frozenset[str]) -> ColumnShape | None:
    found = [c for c in table.of_kind("number") if split_words(c.header) and split_words(c.header)[-1] in words]
    found = [c for c in found if not set(split_words(c.header)) & _NOT_MONEY_NAMES]
    return found[0] if len(found) == 1 else None


def _ratio(table: TableShape, name: str, above: ColumnShape, below: Operand, unit: Unit) -> Ratio:
    facts: dict[str, Any] = {"numerator": Operand(agg="sum", of=table.name, column=above.name), "denominator": below}
    what = f"Total {above.name} over {'total' if below.agg == 'sum' else 'different'} {below.column}"
    money = "usd" if above.unit == "usd" or "usd" in split_words(above.header) else "ratio"
    if unit == "usd":
        unit = "usd" if money == "usd" else "ratio"
    return Ratio(kind="ratio", name=name, unit=unit, description=f"{what}.", **facts)
