"""A model's labels held against people's, on the drawn units that have both."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from tools.errors import Declined
from tools.estimation import Estimate, estimate_proportion, sum_rows
from tools.study.drawn import DrawnItem
from tools.study.estimate import CheckCounts
from tools.study.settle_labels import Verdict

ASSUMED_SPECIFICITY = 0.95
FEWEST = 50
_SETTLED = ("positive", "negative")


def check_model(
    drawn: Sequence[DrawnItem], *, model: Mapping[str, Verdict], people: Mapping[str, Verdict]
) -> CheckCounts:
    """How often both say the same.

    Raises:
        Declined: no drawn unit has both; the message says how many to label.
    """
    pairs = Counter(
        (model[item.id], people[item.id])
        for item in drawn
        if model.get(item.id) in _SETTLED and people.get(item.id) in _SETTLED
    )
    counts = CheckCounts(
        both_positive=pairs["positive", "positive"],
        both_negative=pairs["negative", "negative"],
        model_positive_only=pairs["positive", "negative"],
        people_positive_only=pairs["negative", "positive"],
    )
    if counts.n == 0:
        raise _unchecked(drawn, model)
    return counts


def agreement_with_people(counts: CheckCounts, *, level: float) -> Estimate:
    """The share of checked units on which both say the same, the units taken as a simple random sample."""
    agreed = counts.both_positive + counts.both_negative
    same = np.repeat([1.0, 0.0], [agreed, counts.n - agreed])
    return estimate_proportion(sum_rows(same).totals, level=level)


def checks_needed(share: float, *, drawn: int) -> int:
    """Units for people to label before a model's share can be judged at all.

    So many that the standard error of the specificity, taken as 0.95, is at most a quarter of the share among the
    negatives: 0.95 · 0.05 · (4 / share)² negatives. At least 50, at most all that were drawn.
    """
    if share <= 0:
        return drawn
    negatives = ASSUMED_SPECIFICITY * (1 - ASSUMED_SPECIFICITY) * (4 / share) ** 2
    return min(drawn, max(FEWEST, math.ceil(negatives / max(1 - share, 1e-9))))


def _unchecked(drawn: Sequence[DrawnItem], model: Mapping[str, Verdict]) -> Declined:
    said = Counter(model.get(item.id) for item in drawn)
    settled = said["positive"] + said["negative"]
    needed = checks_needed(said["positive"] / settled if settled else 0.0, drawn=len(drawn))
    return Declined(
        "No drawn unit has both a model's label and a person's, so nothing is known of the model's errors.",
        reason="uncorrectable",
        rule="no_human_checks",
        value=0,
        hint=f"Let people label {needed:,} of the {len(drawn):,} drawn units, the first ones of sample.csv, which are "
        f"in random order: transect study label --queue. At an assumed specificity of {ASSUMED_SPECIFICITY} that many "
        "tell the model's false alarms from the share itself.",
    )
