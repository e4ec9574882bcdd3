"""Every hierarchical log-linear model with interactions of two lists, and a search where there are too many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tools.estimation.hidden.histories import Histories
from tools.estimation.hidden.loglinear import LoglinearFit, fit_loglinear
from tools.estimation.tables import Floats

MOST_LISTED = 5  # lists up to which every model is fitted: 1,024 models; six lists would have 32,768
_FEW = 8

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class ModelFits:
    """Fits in the order of their number of interactions; `every` is False where a search chose among them."""

    fits: tuple[LoglinearFit, ...]
    every: bool


def fit_hierarchical(histories: Histories, *, level: float = 0.95, limits: bool = True) -> ModelFits:
    """Main effects of every list, with any set of interactions of two.

    Three to five lists: all of them. More: the main effects, each single interaction, and what a search by Akaike's
    criterion visits, one interaction added or taken away at a time. Two lists have no interaction to fit.
    """
    pairs = histories.pairs if len(histories.lists) > 2 else ()
    if len(histories.lists) <= MOST_LISTED:
        sets = [chosen for size in range(len(pairs) + 1) for chosen in combinations(pairs, size)]
        return ModelFits(tuple(_fit(histories, sets, level=level, limits=limits)), every=True)
    sets = _search(histories, pairs)
    return ModelFits(tuple(_fit(histories, sets, level=level, limits=limits)), every=False)


def model_name(lists: Sequence[str], pairs: Iterable[tuple[int, int]]) -> str:
    """`loglinear A+B+C+A:B`."""
    return "loglinear " + "+".join([*lists, *(f"{lists[a]}:{lists[b]}" for a, b in pairs)])


def _fit(histories: Histories, sets: Sequence[Pairs], *, level: float, limits: bool) -> list[LoglinearFit]:
    """Models of as many interactions together, for their matrices stack; a handful of models all together."""
    by_size: dict[int, list[int]] = {}
    few = len(sets) <= _FEW
    for place, chosen in enumerate(sets):
        by_size.setdefault(0 if few else len(chosen), []).append(place)
    found: dict[int, LoglinearFit] = {}
    for places in by_size.values():
        group = [sets[place] for place in places]
        design, mask = _designs(histories, group)
        names = [model_name(histories.lists, chosen) for chosen in group]
        number = np.array([1 + len(histories.lists) + len(chosen) for chosen in group])
        fits = fit_loglinear(names, design, histories.counts, mask=mask, parameters=number, level=level, limits=limits)
        found.update(zip(places, fits, strict=True))
    return [found[place] for place in range(len(sets))]


def _designs(histories: Histories, group: Sequence[Pairs]) -> tuple[Floats, Floats | None]:
    """(M, C, P) designs. An interaction of two lists without a common unit fits their cells as 0: they are left out."""
    cells = histories.cells.astype(np.float64)
    plain = np.concatenate([np.ones((len(cells), 1)), cells], axis=1)
    both = {pair: cells[:, pair[0]] * cells[:, pair[1]] for pair in histories.pairs}
    empty = {pair for pair in histories.pairs if histories.overlap(*pair) == 0}
    size = max(len(chosen) for chosen in group)
    design = np.zeros((len(group), len(cells), plain.shape[1] + size))
    design[:, :, : plain.shape[1]] = plain
    mask = np.ones((len(group), len(cells)))
    for model, chosen in enumerate(group):
        for place, pair in enumerate(chosen):
            if pair in empty:
                mask[model] *= 1 - both[pair]
            else:
                design[model, :, plain.shape[1] + place] = both[pair]
    return design, mask if any(pair in empty for chosen in group for pair in chosen) else None


def _search(histories: Histories, pairs: Pairs) -> list[Pairs]:
    tried: dict[Pairs, float] = {}

    def criterion(sets: list[Pairs]) -> None:
        new = [chosen for chosen in sets if chosen not in tried]
        for chosen, fit in zip(new, _fit(histories, new, level=0.95, limits=False), strict=True):
            tried[chosen] = fit.aic if fit.estimate.undefined is None else np.inf

    current: Pairs = ()
    criterion([current])
    while True:
        near = [tuple(sorted({*current} ^ {pair})) for pair in pairs]
        criterion(near)
        best = min(near, key=lambda chosen: tried[chosen])
        if tried[best] >= tried[current]:
            return sorted(tried, key=lambda chosen: (len(chosen), chosen))
        current = best
