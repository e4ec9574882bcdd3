"""Replicates of a sample: which of its clusters count, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tools.estimation.tables import Floats, Ints

_CELLS = 4_000_000  # factors held at a time

Progress = Callable[[str, float], None]


def silent(step: str, share: float) -> None:
    """No progress to show."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Replicates:
    """How replicates are made.

    Attributes:
        kind: delete-one-cluster jackknife (JK1, JKn), or the bootstrap of Rao and Wu with m - 1 draws a stratum.
        replications: of the bootstrap. seed: of the bootstrap. progress: told the share done, 0..1.
    """

    kind: Literal["jackknife", "bootstrap"]
    replications: int = 1000
    seed: int = 0
    progress: Progress = field(default=silent)


def count_replicates(replicates: Replicates, drawn: Ints) -> int:
    """How many there are; a stratum with one cluster has none of the jackknife."""
    return replicates.replications if replicates.kind == "bootstrap" else int(drawn[drawn > 1].sum())


def bootstrap_factors(stratum: Ints, *, replications: int, seed: int) -> Iterator[Floats]:
    """Blocks of (b, M) factors on the weights of clusters: m/(m-1) times how often m - 1 draws hit the cluster.

    Rao and Wu 1988; Rao, Wu and Yue 1992. A stratum with one cluster keeps it with factor 1.
    """
    rng = np.random.default_rng(seed)
    places = _places(stratum)
    size = max(1, _CELLS // max(len(stratum), 1))
    for start in range(0, replications, size):
        block = np.ones((min(size, replications - start), len(stratum)))
        for place in places:
            m = len(place)
            if m > 1:
                block[:, place] = _draw(rng, len(block), m) * (m / (m - 1))
        yield block


def jackknife_factors(stratum: Ints, drawn: Ints) -> Iterator[tuple[int, Floats]]:
    """The cluster left out, and (M,) factors: 0 for it, m/(m-1) for the others of its stratum, else 1."""
    for left_out in range(len(stratum)):
        m = int(drawn[stratum[left_out]])
        if m > 1:
            factors = np.where(stratum == stratum[left_out], m / (m - 1), 1.0)
            factors[left_out] = 0.0
            yield left_out, factors


def _draw(rng: np.random.Generator, times: int, m: int) -> Floats:
    """(times, m) counts of m - 1 draws out of m."""
    hit = rng.integers(0, m, (times, m - 1)) + np.arange(times)[:, None] * m
    return np.bincount(hit.ravel(), minlength=times * m).reshape(times, m).astype(np.float64)


def _places(stratum: Ints) -> list[Ints]:
    order = np.argsort(stratum, kind="stable")
    ends = np.flatnonzero(np.diff(stratum[order])) + 1
    return [np.asarray(part, dtype=np.int64) for part in np.split(order, ends)]
