"""Histories as they would be if every list were right and every link were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation.hidden.histories import Histories
from tools.estimation.tables import Floats


@dataclass(frozen=True, eq=False)
class CorrectedHistories:
    """Expected true counts, and how much more they vary than counts do: covariance minus the counts on its diagonal."""

    histories: Histories
    excess: Floats


def correct_histories(
    histories: Histories, *, precision: Mapping[str, float] | None = None, linkage_recall: float = 1.0
) -> CorrectedHistories:
    """Take out wrong entries, and put back together what linkage left apart.

    Wrong entries of a list (a share 1 - precision of it) are units of no other list. A record that belongs to a unit
    with others comes loose with probability 1 - √recall, by itself, so that two records of one unit are linked with
    probability `linkage_recall`; links are never false. The counts seen are then a linear map of the true ones, which
    is inverted. Both inputs are taken as known.

    Raises:
        InvalidInput: a list that does not exist, a share outside (0, 1].
        Declined: `uncorrectable`, when the inputs leave fewer than no units in a history.
    """
    shares = dict(precision or {})
    _check(histories, shares, linkage_recall)
    cells = len(histories.counts)
    keep = np.eye(cells)
    for place, name in enumerate(histories.lists):
        alone = int(np.argmax((histories.times == 1) & (histories.cells[:, place] == 1)))
        keep[alone] -= (1 - shares.get(name, 1.0)) * histories.cells[:, place]
    whole = np.linalg.inv(_loosened(histories, 1 - sqrt(linkage_recall))) @ keep
    counts = whole @ histories.counts
    if (counts < -1e-9).any():
        history = "".join(map(str, histories.cells[int(np.argmin(counts))]))
        raise Declined(
            f"With this precision and linkage recall fewer than no units would have the history {history}.",
            reason="uncorrectable",
            rule="precision_or_recall",
            value=history,
            hint="The lists are better than that, or their errors are not of this kind.",
        )
    counts = np.maximum(counts, 0.0)
    excess = whole @ np.diag(histories.counts) @ whole.T - np.diag(counts)
    return CorrectedHistories(Histories(histories.lists, histories.cells, counts), excess)


def _loosened(histories: Histories, loose: float) -> Floats:
    """(C, C) expected seen counts of one true unit of each history: those who stay together, the others alone."""
    codes = histories.cells @ (1 << np.arange(len(histories.lists))[::-1])
    place = {int(code): i for i, code in enumerate(codes)}
    found = np.zeros((len(codes), len(codes)))
    for column, code in enumerate(int(c) for c in codes):
        records = [1 << bit for bit in range(len(histories.lists)) if code >> bit & 1]
        subset = code
        while True:
            together = [bit for bit in records if subset & bit]
            chance = (1 - loose) ** len(together) * loose ** (len(records) - len(together))
            if subset:
                found[place[subset], column] += chance
            for bit in records:
                if not subset & bit:
                    found[place[bit], column] += chance
            if subset == 0:
                break
            subset = (subset - 1) & code
    return found


def _check(histories: Histories, precision: Mapping[str, float], recall: float) -> None:
    for name, share in precision.items():
        if name not in histories.lists:
            raise InvalidInput(
                f"There is no list {name!r} to have a precision.",
                code="no_such_list",
                value=name,
                allowed=histories.lists,
            )
        if not 0 < share <= 1:
            raise InvalidInput(f"The precision of {name} is a share above 0, at most 1.", code="usage", value=share)
    if not 0 < recall <= 1:
        raise InvalidInput("The linkage recall is a share above 0, at most 1.", code="usage", value=recall)
