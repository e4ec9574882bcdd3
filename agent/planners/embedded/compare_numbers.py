"""Conditions on numbers: "more than 5 votes", "age 65 or more", "items with 9 votes"."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planners.embedded.condition import Condition, near
from agent.planners.embedded.context import Context
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Mention, Scan
from agent.planners.embedded.spans import Item
from agent.planners.embedded.words import phrase_words


def read_comparisons(
    scan: Scan, items: Sequence[Item], everything: Sequence[Mention], qualifiers: set[int], context: Context
) -> list[Condition]:
    found: list[Condition] = []
    last: Mention | None = None
    last_before: Mention | None = None
    for condition in scan.conditions:
        named = [m for m in everything if _numbers(m, context)]
        beside = [m for m in everything if m.position == condition.number_position + 1 and m not in named]
        if beside:  # "customers with more than 5 orders": a count of other rows for each, which no column holds
            scan.dangling.append(f"{items[condition.position].text} ... {beside[0].item.text}")
            continue
        after = [
            m
            for m in named
            if m.position > condition.number_position and near(items, condition.number_position, m.position)
        ]
        before = [m for m in named if m.position < condition.position and near(items, m.position, condition.position)]
        if condition.number_position in scan.percents:
            scan.dangling.append(f"{items[condition.number_position].text} %")  # of a column of 0 to 1, or 0 to 100?
            continue
        if after or before:
            chosen = after[0] if after else before[-1]
        elif last is not None and condition.joined:
            chosen = last  # "age over 40 and under 50"
        else:
            scan.dangling.append(items[condition.position].text)
            continue
        last_before, last = last, chosen
        qualifiers.add(chosen.position)
        opposite = {"above": "at_most", "at_least": "below", "below": "at_least", "at_most": "above"}
        negated = condition.negated != (chosen.negated and chosen is not last_before)
        kind = opposite[condition.comparator] if negated else condition.comparator
        found.append(
            Condition(
                kind,
                _numbers(chosen, context),
                chosen.position,
                chosen.zone,
                chosen.item.text,
                condition.number,
                either=condition.either or (chosen.either and chosen is not last_before),
            )
        )
    return found


def _numbers(mention: Mention, context: Context) -> tuple[Entry, ...]:
    """Readings of a mention that hold numbers: measures, and dimensions of numbers that identify nothing."""
    found = list(mention.item.of_kind("measure"))
    for entry in mention.item.of_kind("dimension"):
        dataset = context.catalog.datasets[entry.dataset]
        kind = context.profile.datasets[entry.dataset].kinds.get(entry.name)
        column = context.dimension_column(entry)
        keys = {*dataset.grain, dataset.actor, *(c for r in context.catalog.relationships for c in r.from_columns)}
        if kind in ("number", "flag") and column not in keys and phrase_words(column)[-1:] not in (("id",), ("code",)):
            found.append(entry)
    return tuple(found)


def read_equalities(
    scan: Scan, items: Sequence[Item], everything: Sequence[Mention], qualifiers: set[int]
) -> list[Condition]:
    """`items with 9 votes`: a number right before a measure, while something else is counted."""
    found = []
    for position, number in list(scan.bare_numbers):
        after = [m for m in everything if m.position == position + 1 and m.item.of_kind("measure")]
        others = [m for m in scan.mentions if m not in after and m.item.of_kind("metric", "dataset")]
        if after and others and not after[0].aggregates:
            scan.bare_numbers.remove((position, number))
            qualifiers.add(after[0].position)
            options = after[0].item.of_kind("measure")
            found.append(Condition("equal", options, position, after[0].zone, after[0].item.text, number))
    return found
