"""Whether a change is shown to be smaller than a margin that matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tools.errors import InvalidInput
from tools.estimation.difference import estimate_difference
from tools.estimation.estimate import Estimate
from tools.estimation.influence import Estimand
from tools.estimation.tables import Totals
from tools.estimation.unit_design import AnyDesign

Verdict = Literal["no change", "change", "undecided"]


@dataclass(frozen=True)
class Equivalence:
    """A verdict against a margin that was declared beforehand.

    Attributes:
        verdict: `no change` when the interval lies inside the margin, `change` when it lies outside, else `undecided`.
        difference: new minus old, at level 1 - 2·error. margin, error: as given.
    """

    verdict: Verdict
    difference: Estimate
    margin: float
    error: float


def judge_no_change(
    new: Totals,
    old: Totals,
    *,
    of: Estimand,
    margin: float,
    error: float = 0.05,
    design: AnyDesign | None = None,
    old_design: AnyDesign | None = None,
    independent: bool = False,
) -> Equivalence:
    """Two one-sided tests (Schuirmann 1987): the 1 - 2·error interval of `estimate_difference` inside ±margin.

    A difference that is not significant shows nothing; this does, and is `undecided` where the sample is too small for
    the margin. A wrong "no change" has probability at most about `error`, as far as the interval holds its level.

    Args:
        margin: the smallest change that would matter, in the outcome's units, declared before the data were seen.
        new, old, of, design, old_design, independent: as in `estimate_difference`.

    Raises:
        InvalidInput: a margin that is not above 0, an error outside (0, 0.5).
    """
    if not margin > 0:
        raise InvalidInput("The margin is above 0.", code="usage", value=margin)
    if not 0 < error < 0.5:
        raise InvalidInput("The error lies between 0 and 0.5.", code="usage", value=error)
    found = estimate_difference(
        new, old, of=of, design=design, old_design=old_design, independent=independent, level=1 - 2 * error
    )
    return Equivalence(_verdict(found, margin), found, margin, error)


def _verdict(found: Estimate, margin: float) -> Verdict:
    if found.low is None or found.high is None:
        return "undecided"
    if -margin < found.low and found.high < margin:
        return "no change"
    return "change" if found.low > margin or found.high < -margin else "undecided"
