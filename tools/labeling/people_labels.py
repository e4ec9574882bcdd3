"""What people said about items, as one label an item: what a machine may learn from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256

from tools.labeling.ledger import Recorded, current_entries


@dataclass(frozen=True)
class PeopleLabels:
    """One label an item, by items in sort order.

    Attributes:
        items, labels: side by side.
        tied: items left out because people disagree evenly.
        seq: the ledger's newest entry that was looked at.
    """

    items: tuple[str, ...]
    labels: tuple[str, ...]
    tied: int
    seq: int

    def counts(self) -> Counter[str]:
        """How many items have each label."""
        return Counter(self.labels)

    def hash(self) -> str:
        """sha256 over items and labels."""
        lines = "".join(f"{item}\0{label}\0" for item, label in zip(self.items, self.labels, strict=True))
        return sha256(lines.encode()).hexdigest()


def people_labels(
    entries: Iterable[Recorded], *, only: Collection[str] | None = None, until_seq: int | None = None
) -> PeopleLabels:
    """The majority of the labels that people gave and that stand; ties are left out.

    Args:
        entries: of one version of one policy.
        only: items to keep; None for all.
        until_seq: look at entries recorded until then, so that a later sitting learns the same.
    """
    known = [entry for entry in entries if until_seq is None or entry.seq <= until_seq]
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in current_entries(entry for entry in known if entry.kind in ("person", "import")):
        if entry.outcome == "label" and entry.label is not None and (only is None or entry.item in only):
            votes[entry.item][entry.label] += 1
    items, labels, tied = [], [], 0
    for item in sorted(votes):
        first, *rest = votes[item].most_common(2)
        if rest and rest[0][1] == first[1]:
            tied += 1
            continue
        items.append(item)
        labels.append(first[0])
    return PeopleLabels(tuple(items), tuple(labels), tied, max((entry.seq for entry in known), default=0))
