"""Agreement of raters on items, the consensus label of each item, and how near each rater is to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tools.errors import Declined
from tools.estimation.agreement.item_bootstrap import REPLICATIONS, Resampling
from tools.estimation.agreement.label_weights import Scale
from tools.estimation.agreement.vote_patterns import VotePatterns, collapse_votes
from tools.figure import Figure
from tools.labeling.coefficients import StandardError, measure_coefficients
from tools.labeling.consensus import (
    Consensus,
    FittedModel,
    RaterAccuracy,
    describe_models,
    find_consensus,
    list_consensus,
    list_raters,
)
from tools.labeling.label_table import LabelTable, tabulate_labels


@dataclass(frozen=True)
class AgreementReport:
    """What `transect agreement` prints; `notes` says what a reader should know.

    `weighted_kappa` and `ac2` are None on the nominal scale, where they are kappa and AC1.
    """

    n_items: int
    n_raters: int
    n_labels: int
    alpha: Figure
    kappa: Figure
    ac1: Figure
    weighted_kappa: Figure | None
    ac2: Figure | None
    standard_errors: tuple[StandardError, ...]
    consensus: tuple[Consensus, ...]
    raters: tuple[RaterAccuracy, ...]
    models: tuple[FittedModel, ...]
    notes: tuple[str, ...]


def measure_agreement(
    labels: LabelTable | Iterable[tuple[str, str, str]],
    *,
    scale: Scale = "nominal",
    level: float = 0.95,
    replications: int = REPLICATIONS,
    seed: int = 0,
    left_out: int = 0,
) -> AgreementReport:
    """Agreement and consensus of (item, rater, label) rows, missing labels left out, in the order given.

    The coefficients use a rater's last label of an item; Dawid-Skene and the majority use all. Kappa is Cohen's for two
    raters, Fleiss's for more; kappa and AC1 take labels as names on every scale, the weighted ones as `scale` says.
    Intervals are by bootstrap over items. `left_out` counts the rows without a label, for the notes.

    Raises:
        InvalidInput: level outside (0, 1), replications or seed out of range; labels that are not numbers on a scale
            of numbers.
        Declined: there is no label; more than 2,000 distinct labels on a scale of numbers.
    """
    how = Resampling(level, replications, seed)
    table = labels if isinstance(labels, LabelTable) else tabulate_labels(labels)
    if not len(table.item):
        raise Declined("There is no label to measure agreement on.", reason="no_data", rule="no_labels")
    last = table.last()
    patterns = collapse_votes(last.votes())
    found = measure_coefficients(last, scale=scale, how=how)
    consensus = find_consensus(table)
    notes = [f"{left_out:,} rows have no label and are left out."] if left_out else []
    notes += [*_describe(table, last, patterns, how), *describe_models(consensus, len(table.item))]
    notes.append(
        "Accuracy is against a consensus that the rater took part in, so it flatters raters of items with few labels."
    )
    return AgreementReport(
        len(table.items),
        len(table.raters),
        len(table.item),
        found.alpha,
        found.kappa,
        found.ac1,
        found.weighted_kappa,
        found.ac2,
        found.standard_errors,
        list_consensus(table, consensus),
        list_raters(table, last, consensus.best, level),
        consensus.models,
        tuple(notes),
    )


def _describe(table: LabelTable, last: LabelTable, patterns: VotePatterns, how: Resampling) -> list[str]:
    """What a reader should know of the labels."""
    notes = []
    repeats = len(table.item) - len(last.item)
    if repeats:
        notes.append(
            f"{repeats:,} labels repeat an item by the same rater: alpha, kappa and AC1 use the last one, the majority "
            "and Dawid-Skene all."
        )
    paired = round(float(patterns.times[patterns.paired].sum()))
    if paired < len(table.items):
        notes.append(
            f"{len(table.items) - paired:,} items have a label of one rater only; they say little on agreement."
        )
    alone = len(table.raters) - len(np.unique(last.rater[np.bincount(last.item)[last.item] > 1]))
    if alone and paired:
        notes.append(f"{alone:,} raters share no item with another one: nothing is known of how they agree.")
    lone = int((np.bincount(table.rater) == 1).sum())
    if lone:
        notes.append(f"{lone:,} raters gave a single label, which says next to nothing of them.")
    kinds = np.diff(patterns.votes.indptr)[patterns.paired]
    if paired and (kinds == 1).all():
        bound = 1 - (1 - how.level) ** (1 / paired)
        notes.append(
            f"Nobody disagreed: {paired:,} items leave room for up to {bound:.2%} of items with a disagreement "
            f"(one-sided, level {how.level:g})."
        )
    return notes
