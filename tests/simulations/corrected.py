"""Coverage of shares corrected for a labeller's errors: `python -m tests.simulations.corrected [--full]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from tests.simulations.page_forms import ByCell
from tests.simulations.run_study import each_cell, run_study
from tests.simulations.tally import Tally
from tools.errors import Declined
from tools.estimation import StratumMoments, estimate_proportion
from tools.estimation.corrected import correct_design, correct_simple
from tools.estimation.intervals import clopper_pearson
from tools.estimation.validation import Rate

SENSITIVITY, GOLD_POSITIVES = 0.85, 300
# specificity and gold negatives: from what a small validation can bear to what a rare share needs
VALIDATIONS = ((0.99, 2_000), (0.999, 20_000), (0.9999, 1_000_000))
SIZES, PREVALENCES = (500, 2_000, 10_000), (0.1, 0.01, 0.001, 0.0001)
SHARES, RATES = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.5, 0.8, 1.2, 3.2])


def run_cell(design: str, prevalence: float, n: int, validation: tuple[float, int], replicates: int) -> Tally:
    """Labels, and both validations, drawn anew in each replicate; what the product's own rule declines is counted."""
    specificity, negatives = validation
    name = f"{design}, Sp {specificity:g} of {negatives:,}"
    apparent = prevalence * SENSITIVITY + (1 - prevalence) * (1 - specificity)
    tally = Tally(name, prevalence=prevalence, n=n, expected=n * apparent)
    for seed in range(replicates):
        rng = np.random.default_rng((seed, 21, n, round(1e6 * prevalence), negatives, len(design)))
        se = Rate(float(rng.binomial(GOLD_POSITIVES, SENSITIVITY)), GOLD_POSITIVES)
        sp = Rate(float(rng.binomial(negatives, specificity)), negatives)
        try:
            if design == "simple":
                flagged = int(rng.binomial(n, apparent))
                found = correct_simple(flagged, n, sensitivity=se, specificity=sp)
                share = flagged / n
            else:
                estimate = estimate_proportion(_stratified(rng, prevalence, n, specificity))
                assert estimate.value is not None
                assert estimate.n_eff is not None
                found = correct_design(estimate.value, estimate.n_eff, sensitivity=se, specificity=sp)
                share = estimate.value
        except Declined as reason:
            tally.decline()
            tally.count(reason.rule.replace("_", " "))
            continue
        rival = clopper_pearson(share * n, n, level=0.95)
        tally.add(found.low, found.high, prevalence, rival=rival.high - rival.low)
    return tally


def _stratified(rng: np.random.Generator, prevalence: float, n: int, specificity: float) -> StratumMoments:
    drawn = np.full(4, n // 4, dtype=np.int64)
    rate = prevalence * RATES
    positives = rng.binomial(drawn, rate * SENSITIVITY + (1 - rate) * (1 - specificity)).astype(np.int64)
    w = SHARES * n / drawn
    return StratumMoments(
        stratum=np.arange(4),
        n=drawn,
        sum_w=w * drawn,
        sum_wy=w * positives,
        sum_ww=w * w * drawn,
        sum_wwy=w * w * positives,
        sum_wwyy=w * w * positives,
        positives=positives,
    )


def cells() -> Sequence[Callable[[int], Tally]]:
    simple = [partial(run_cell, "simple", p, n, v) for p in PREVALENCES for v in VALIDATIONS for n in SIZES]
    melded = [partial(run_cell, "stratified, melded", p, 2_000, v) for p in PREVALENCES for v in VALIDATIONS]
    return simple + melded


def main() -> int:
    reading = (
        "Sensitivity .85 is estimated from 300 gold positives, specificity as each cell says; both"
        " validations are drawn"
        " anew in every replicate. *simple*: Lang and Reiczigel; *stratified, melded*: four strata sampled equally."
        " *Declined*: `uncorrectable` by the product's own rule (specificity known worse than a quarter of"
        " the corrected"
        " share, or both limits outside 0 to 1). Coverage is that of the replicates answered. Where most"
        " are declined, those"
        " answered are the ones with a high count, and their coverage may be poor: such cells (*mostly"
        " declined*) are judged"
        " by the share of all replicates whose interval is wrong, the *below / above* column. *Positives"
        " expected*: flagged items."
        " *Width*: over Clopper-Pearson of the flagged share, which holds the flagged share and not the true one."
    )
    title = "Coverage of shares corrected for sensitivity and specificity"
    found = cells()
    return run_study(
        "corrected", title, reading, each_cell(found), form=ByCell("Clopper-Pearson", len(found)), share=0.02
    )


if __name__ == "__main__":
    sys.exit(main())
