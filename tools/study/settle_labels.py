"""From the labels of an item to one verdict: positive, negative, or none yet.

The rule: every labeller has one vote, the label of theirs that stands. Labels that count as unresolved,
abstentions and refusals are no votes. An item is positive or negative when more than half of its votes say so; a tie,
or answers without a vote, leave it unresolved, and no answer at all leaves it unlabelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tools.labeling.ledger import Kind
from tools.study.spec import Estimand

Verdict = Literal["positive", "negative", "unresolved", "unlabelled"]
PEOPLE: frozenset[Kind] = frozenset(("person", "import"))
MODELS: frozenset[Kind] = frozenset(("embedded", "model"))


@dataclass(frozen=True)
class StandingLabel:
    """One labeller's answer about one item that stands; `label` is None for an abstention or a model's refusal."""

    item: str
    label: str | None
    labeller: str
    kind: Kind


def settle_labels(
    labels: Iterable[StandingLabel], *, estimand: Estimand, kinds: frozenset[Kind]
) -> Mapping[str, Verdict]:
    """Item -> verdict by the labels of these kinds; an item without any is left out."""
    votes: dict[str, list[int]] = {}
    positive, unresolved = frozenset(estimand.positive), frozenset(estimand.unresolved)
    for each in labels:
        if each.kind not in kinds:
            continue
        count = votes.setdefault(each.item, [0, 0])
        if each.label is not None and each.label not in unresolved:
            count[each.label in positive] += 1
    return {item: _verdict(negative, positives) for item, (negative, positives) in votes.items()}


def _verdict(negative: int, positive: int) -> Verdict:
    if positive == negative:
        return "unresolved"
    return "positive" if positive > negative else "negative"
