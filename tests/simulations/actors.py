"""Coverage from items to actors: `python -m tests.simulations.actors [--full] [--out FILE]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from tests.simulations.page_forms import ByCell
from tests.simulations.run_study import each_cell, run_study
from tests.simulations.tally import Tally
from tools.errors import Declined
from tools.estimation.actors import estimate_actor_share
from tools.estimation.intervals import clopper_pearson
from tools.estimation.validation import Rate

ACTORS = 2_000
SENSITIVITY, GOLD_POSITIVES = 0.9, 500
SPECIFICITY, GOLD_NEGATIVES = 0.999, 200_000
MORE = 0.5  # chance of each further violating item of a violating actor


def run_cell(items: int, sampled: int, k: int, violating: float, replicates: int) -> Tally:
    """Violating actors have 1 + a geometric number of violating items; the truth is the share with at least k."""
    truth = violating * MORE ** (k - 1) if k <= items else 0.0
    labelled = "" if sampled == items else f", {sampled} labelled"
    tally = Tally(f"{items:,} items{labelled}, k = {k}", prevalence=truth, n=ACTORS, expected=ACTORS * truth)
    size, drawn = np.full(ACTORS, items), np.full(ACTORS, sampled)
    for seed in range(replicates):
        rng = np.random.default_rng((seed, 31, items, sampled, k, round(1e4 * violating)))
        has = np.where(rng.random(ACTORS) < violating, np.minimum(rng.geometric(1 - MORE, ACTORS), items), 0)
        seen = rng.hypergeometric(has, items - has, sampled)
        flagged = rng.binomial(seen, SENSITIVITY) + rng.binomial(sampled - seen, 1 - SPECIFICITY)
        se = Rate(float(rng.binomial(GOLD_POSITIVES, SENSITIVITY)), GOLD_POSITIVES)
        sp = Rate(float(rng.binomial(GOLD_NEGATIVES, SPECIFICITY)), GOLD_NEGATIVES)
        naive = clopper_pearson(float((flagged >= k).sum()), ACTORS, level=0.95)
        if not naive.low <= truth <= naive.high:
            tally.count("counting flags is wrong")
        try:
            found = estimate_actor_share(flagged, drawn, size, k=k, sensitivity=se, specificity=sp)
        except Declined:
            tally.decline()
            continue
        tally.add(found.low, found.high, truth, rival=naive.high - naive.low)
    return tally


def cells() -> Sequence[Callable[[int], Tally]]:
    whole = [partial(run_cell, items, items, 1, 0.05) for items in (1, 10, 200, 2_000)]
    more = [
        partial(run_cell, 200, 200, 1, 0.2),
        partial(run_cell, 200, 200, 3, 0.05),
        partial(run_cell, 10, 10, 2, 0.05),
    ]
    part = [partial(run_cell, 200, 20, 1, 0.05), partial(run_cell, 2_000, 200, 1, 0.05)]
    return whole + more + part


def main() -> int:
    reading = (
        "2,000 actors; sensitivity .9 from 500 gold positives and specificity .999 from 200,000 gold"
        " negatives, drawn anew in"
        " every replicate. *Prevalence*: the share of actors with at least k violating items. *counting"
        " flags is wrong*: how"
        " often Clopper-Pearson of the share of actors with k flags does not hold it. *Width*: over that"
        " interval, which is"
        " no valid competitor. Where k > 1 or items are sampled the limits are those of a range, so"
        " coverage may be near 100 %."
    )
    title = "From items to actors: coverage of the share with at least k violating items"
    found = cells()
    return run_study("actors", title, reading, each_cell(found), form=ByCell("counting flags", len(found)), share=0.02)


if __name__ == "__main__":
    sys.exit(main())
