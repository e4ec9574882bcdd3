"""Who gave which label to which item, in the order given."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.estimation.tables import Ints


@dataclass(frozen=True, eq=False)
class LabelTable:
    """One row per label given.

    Attributes:
        items, raters, labels: names, sorted, each of which some row below has.
        item, rater, label: (N,) codes, places in these names, in the order given.
    """

    items: tuple[str, ...]
    raters: tuple[str, ...]
    labels: tuple[str, ...]
    item: Ints
    rater: Ints
    label: Ints

    def last(self) -> LabelTable:
        """The last label that each rater gave to each item."""
        key = self.item * np.int64(len(self.raters)) + self.rater
        _, from_end = np.unique(key[::-1], return_index=True)
        keep = np.sort(len(key) - 1 - from_end)
        return LabelTable(self.items, self.raters, self.labels, self.item[keep], self.rater[keep], self.label[keep])

    def votes(self) -> Any:
        """Sparse (items, labels) counts by rows, how often each item got each label."""
        from scipy.sparse import csr_array  # type: ignore[import-untyped]  # start-up

        shape = (len(self.items), len(self.labels))
        votes = csr_array((np.ones(len(self.item)), (self.item, self.label)), shape=shape)
        votes.sum_duplicates()
        return votes


def tabulate_labels(rows: Iterable[tuple[str, str, str]]) -> LabelTable:
    """Rows of (item, rater, label) as codes; labels that are all whole numbers sort by value, others as text.

    Rows are read one at a time, and a name is held once: 10 million labels of a million items take some 400 MB.
    """
    seen: tuple[dict[str, int], dict[str, int], dict[str, int]] = ({}, {}, {})
    codes = (array("i"), array("i"), array("i"))
    items, raters, labels = seen
    first, second, third = codes
    for item, rater, label in rows:
        first.append(items.setdefault(item, len(items)))
        second.append(raters.setdefault(rater, len(raters)))
        third.append(labels.setdefault(label, len(labels)))
    names = (sorted(items), sorted(raters), sort_labels(set(labels)))
    placed = [_place(code, known, order) for code, known, order in zip(codes, seen, names, strict=True)]
    return LabelTable(tuple(names[0]), tuple(names[1]), tuple(names[2]), placed[0], placed[1], placed[2])


def _place(codes: array[int], seen: dict[str, int], names: list[str]) -> Ints:
    """Codes in order of appearance as codes in the order of `names`."""
    place = np.empty(len(names), np.int64)
    for new, name in enumerate(names):
        place[seen[name]] = new
    return place[np.frombuffer(codes, np.int32)] if len(codes) else np.zeros(0, np.int64)


def sort_labels(labels: set[str]) -> list[str]:
    """2 before 10 where every label is a whole number."""
    if all(label.lstrip("-").isdecimal() and label.isascii() for label in labels):
        return sorted(labels, key=lambda label: (int(label), label))
    return sorted(labels)
