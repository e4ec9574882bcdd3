"""Conditions on what is not there: "with missing country", "without a rating", "with no replies"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planners.embedded.condition import Condition, near
from agent.planners.embedded.context import Context
from agent.planners.embedded.heads import adds_up
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Mention, Scan
from agent.planners.embedded.spans import Item
from agent.planners.embedded.words import phrase_words


def read_missing(
    scan: Scan, items: Sequence[Item], everything: Sequence[Mention], qualifiers: set[int], context: Context
) -> list[Condition]:
    found = []
    for position, negated in scan.missing:
        beside = [
            m
            for m in everything
            if m.item.of_kind("dimension", "measure")
            and m.position not in qualifiers
            and near(items, m.position, position)
            and (m.position > position or items[position].text.casefold() not in _NONE)
        ]
        if not beside:
            scan.dangling.append(items[position].text)
            continue
        chosen = min(beside, key=lambda m: (abs(m.position - position), -m.position))
        qualifiers.add(chosen.position)
        said = items[position].text.casefold()
        if written := _written(chosen, said, context):  # "unknown language", where unknown is a value
            kind = "not_in" if negated or chosen.negated else "in"
            found.append(Condition(kind, written, chosen.position, "relative", f"{said} {chosen.item.text}"))
            continue
        absent = absent_condition(chosen, context, counted=said in _NONE)
        known = replace(absent, kind="not_null") if absent.kind == "is_null" else absent
        found.append(known if negated or chosen.negated else absent)
    return found


def _written(mention: Mention, word: str, context: Context) -> tuple[Entry, ...]:
    """Values of the dimension that are the very word."""
    return tuple(
        Entry("value", e.name, e.dataset, value)
        for e in mention.item.of_kind("dimension")
        for value, _ in context.profile.datasets[e.dataset].values.get(e.name, ())
        if isinstance(value, str) and value.strip().casefold() == word
    )


def absent_condition(mention: Mention, context: Context, *, counted: bool) -> Condition:
    """`with no replies` is zero replies where replies are counted; otherwise the value is missing."""
    measures = mention.item.of_kind("measure")
    if counted and measures and _starts_at_zero(measures[0], context):
        return Condition("equal", measures, mention.position, "relative", mention.item.text, 0.0)
    options = mention.item.of_kind("dimension") or measures
    said = any(_says_none(o, context) for o in options)  # a value "none" beside missing ones: which is meant?
    return Condition("is_null", options, mention.position, "relative", f"{mention.item.text} missing", partial=said)


_NONE = {"with no", "without any"}


def _starts_at_zero(measure: Entry, context: Context) -> bool:
    """A count, or a column without missing values: none of it means zero."""
    column = context.measure_column(measure)
    return adds_up(phrase_words(column)) or not context.profile.datasets[measure.dataset].column_nulls.get(column, 0)


def _says_none(entry: Entry, context: Context) -> bool:
    values = context.profile.datasets[entry.dataset].values.get(entry.name, ())
    return any(str(v).casefold() in {"none", "n/a", "unknown", "not known", "nothing", "-"} for v, _ in values)
