"""Who gave which label to which item, in the order given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.estimation.tables import Floats, Ints


@dataclass(frozen=True, eq=False)
class LabelTable:
    """One row per label given.

    Attributes:
        items, raters, labels: names, sorted; the codes below point into them.
        item, rater, label: (N,) codes, in the order given.
    """

    items: tuple[str, ...]
    raters: tuple[str, ...]
    labels: tuple[str, ...]
    item: Ints
    rater: Ints
    label: Ints

    def last(self) -> LabelTable:
        """The last label that each rater gave to each item."""
        key = self.item * len(self.raters) + self.rater
        _, from_end = np.unique(key[::-1], return_index=True)
        keep = np.sort(len(key) - 1 - from_end)
        return LabelTable(self.items, self.raters, self.labels, self.item[keep], self.rater[keep], self.label[keep])

    def votes(self) -> Floats:
        """(items, labels) how often each item got each label."""
        size = len(self.items) * len(self.labels)
        counts = np.bincount(self.item * len(self.labels) + self.label, minlength=size)
        return counts.reshape(len(self.items), len(self.labels)).astype(np.float64)


def tabulate_labels(rows: Sequence[tuple[str, str, str]]) -> LabelTable:
    """Rows of (item, rater, label) as codes; labels that are all whole numbers sort by value, others as text."""
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    names = [sorted(set(columns[0])), sorted(set(columns[1])), sort_labels(set(columns[2]))]
    codes = []
    for column, known in zip(columns, names, strict=True):
        place = {name: code for code, name in enumerate(known)}
        codes.append(np.fromiter((place[value] for value in column), np.int64, len(column)))
    return LabelTable(tuple(names[0]), tuple(names[1]), tuple(names[2]), codes[0], codes[1], codes[2])


def sort_labels(labels: set[str]) -> list[str]:
    """2 before 10 where every label is a whole number."""
    if all(label.lstrip("-").isdecimal() and label.isascii() for label in labels):
        return sorted(labels, key=lambda label: (int(label), label))
    return sorted(labels)
