"""How far labelling has come, per policy and version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.labeling.ledger import Recorded, current_entries
from tools.labeling.policy import Policy

KINDS = ("person", "import", "embedded", "model")


@dataclass(frozen=True)
class LabelStatus:
    """One version of one policy.

    Attributes:
        state: current is the version in policies/*.md; edited has its number but another text; older or unknown.
        items, labellers: with a label that stands. labels: how often each was given.
        abstained, skipped, refused, failed: answers that stand and are no label. undone: taken back.
        kinds: labels by where they come from: people here, an import, the embedded labeller, a model.
        twice: items with labels of two labellers or more.
    """

    policy: str
    version: int
    hash: str
    state: Literal["current", "edited", "older", "unknown"]
    items: int
    twice: int
    labellers: int
    labels: Mapping[str, int]
    kinds: Mapping[str, int]
    abstained: int
    skipped: int
    undone: int
    refused: int
    failed: int
    labels_by_kind: Mapping[str, Mapping[str, int]]


def summarise_labels(entries: Sequence[Recorded], policies: Mapping[str, Policy]) -> list[LabelStatus]:
    """Every version that the ledger knows, and every policy without a label, by policy and version."""
    groups: dict[tuple[str, int, str], list[Recorded]] = {
        (policy.id, policy.version, policy.hash): [] for policy in policies.values()
    }
    for entry in entries:
        groups.setdefault((entry.policy, entry.version, entry.hash), []).append(entry)
    return [_summarise(place, group, policies.get(place[0])) for place, group in sorted(groups.items())]


def _summarise(place: tuple[str, int, str], entries: Sequence[Recorded], policy: Policy | None) -> LabelStatus:
    current = current_entries(entries)
    labelled = [entry for entry in current if entry.outcome == "label"]
    outcomes = Counter(entry.outcome for entry in current)
    per_item = Counter(entry.item for entry in labelled)
    given = Counter(entry.label or "" for entry in labelled)
    names = policy.header.labels if policy is not None and policy.hash == place[2] else sorted(given)
    return LabelStatus(
        *place,
        _state(place, policy),
        len(per_item),
        sum(n > 1 for n in per_item.values()),
        len({entry.labeller for entry in labelled}),
        {name: given[name] for name in names},
        dict(Counter(entry.kind for entry in labelled)),
        outcomes["abstain"],
        outcomes["skip"],
        sum(entry.outcome == "undo" for entry in entries),
        outcomes["refusal"],
        outcomes["failed"],
        {kind: _by_label(labelled, kind, names) for kind in KINDS if any(e.kind == kind for e in labelled)},
    )


def _by_label(entries: Sequence[Recorded], kind: str, names: Sequence[str]) -> dict[str, int]:
    given = Counter(entry.label for entry in entries if entry.kind == kind)
    return {name: given[name] for name in names}


def _state(place: tuple[str, int, str], policy: Policy | None) -> Literal["current", "edited", "older", "unknown"]:
    if policy is None:
        return "unknown"
    if policy.version != place[1]:
        return "older" if place[1] < policy.version else "unknown"
    return "current" if policy.hash == place[2] else "edited"
