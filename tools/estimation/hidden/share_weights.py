"""Generalised weight share: weights of units that are reached through links from a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import InvalidInput
from tools.estimation.factorise import factorise
from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats, Ints


@dataclass(frozen=True, eq=False)
class SharedWeights:
    """One line for each unit reached through each sampled unit.

    Attributes:
        weight: (L,) the line's part of its target's weight: w_i · L_ij / L_j. target, source: (L,) codes.
        targets: (K,) labels of the targets. target_weight: (K,) their weights, Σ over their lines.
    """

    weight: Floats
    target: Ints
    source: Ints
    targets: np.ndarray
    target_weight: Floats


def share_weights(
    source: ArrayLike, target: ArrayLike, weights: ArrayLike, links: ArrayLike, *, strength: ArrayLike | None = None
) -> SharedWeights:
    """w_j = Σ_i w_i L_ij / L_j over the sampled units i that are linked to j. Lavallée 2007, eq. 2.1 and 2.8.

    Unbiased for totals of the targets, whatever the links are, as long as every target has one and L_j counts all of
    its links, to units outside the sample as well. Use the lines with the source as cluster (and the source's design):
    `describe_survey(weights=found.weight, clusters=found.source, ...)`, each line with its target's outcome; the
    variance is then that of the sample.

    Args:
        source: (L,) sampled unit of each link. target: (L,) unit it leads to.
        weights: (L,) weight of the sampled unit. links: (L,) all links of the target in the population, L_j.
        strength: (L,) of the link, in the units of `links`; None: 1 each.

    Raises:
        InvalidInput: a weight or strength that is not above 0; `links` that differ within a target or are fewer than
            the links seen; a link given twice.
    """
    sources, targets = factorise(source), factorise(target)
    weight, total = (np.asarray(column, dtype=np.float64) for column in (weights, links))
    each = np.ones(len(weight)) if strength is None else np.asarray(strength, dtype=np.float64)
    if not len(sources.code) == len(targets.code) == len(weight) == len(total) == len(each):
        raise InvalidInput("a line has a source, a target, a weight and its target's links")
    if not (np.all(weight > 0) and np.all(each > 0) and np.all(np.isfinite(weight)) and np.all(np.isfinite(total))):
        raise InvalidInput("weights and links are above 0", code="usage")
    pairs = sources.code * max(len(targets.labels), 1) + targets.code
    if len(np.unique(pairs)) < len(pairs):
        raise InvalidInput("a link is given twice", code="usage")
    size = len(targets.labels)
    per_target = np.zeros(size)
    per_target[targets.code] = total
    if np.any(per_target[targets.code] != total):
        raise InvalidInput("the number of links differs between lines of one target", code="usage")
    seen = sum_by(targets.code, each, size)
    if np.any(seen > per_target * (1 + 1e-9)):
        place = int(np.argmax(seen > per_target * (1 + 1e-9)))
        raise InvalidInput(
            "a target has more links in the sample than in the population",
            code="usage",
            value=str(targets.labels[place]),
        )
    part = weight * each / total
    return SharedWeights(part, targets.code, sources.code, targets.labels, sum_by(targets.code, part, size))
