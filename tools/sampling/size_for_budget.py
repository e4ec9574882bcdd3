"""What a budget buys."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.sampling.check_number import check_count, check_number
from tools.sampling.sample_size import SampleSize, interval_for_size


@dataclass(frozen=True)
class BudgetSize:
    """A size that a budget pays for.

    Attributes:
        n: units that can be labelled.
        cost_usd: what they cost, `fixed_usd` included.
        left_usd: what remains.
        sample: what a sample of n reports if the assumptions hold.
    """

    n: int
    cost_usd: float
    left_usd: float
    sample: SampleSize


def size_for_budget(
    budget_usd: float,
    usd_per_label: float,
    *,
    prevalence: float,
    labels_per_unit: int = 1,
    fixed_usd: float = 0.0,
    level: float = 0.95,
    population: int | None = None,
    design_effect: float = 1.0,
    sensitivity: float = 1.0,
    specificity: float = 1.0,
) -> BudgetSize:
    """The largest n that a budget pays for, at most the whole population, and the interval that it gives.

    Args:
        budget_usd: in all.
        usd_per_label: of one label.
        prevalence: the share that is assumed, for the interval.
        labels_per_unit: labels that each unit gets.
        fixed_usd: spent whatever n is.
        level, population, design_effect, sensitivity, specificity: as in `size_for_interval`.

    Raises:
        InvalidInput: a budget that pays for no unit, or a number out of its range.
    """
    check_number("The budget", budget_usd, above=0)
    check_number("The price of a label", usd_per_label, above=0)
    check_number("The fixed cost", fixed_usd, above=-1e-300)
    each = usd_per_label * check_count("labels_per_unit", labels_per_unit)
    n = math.floor((budget_usd - fixed_usd) / each + 1e-9)
    if n < 1:
        raise InvalidInput(
            f"${budget_usd:,.2f} pays for no unit: one costs ${each:,.2f}"
            + (f" after ${fixed_usd:,.2f} fixed." if fixed_usd else "."),
            code="budget_too_small",
            value=budget_usd,
            allowed=[f"{fixed_usd + each:.2f} and more"],
        )
    n = n if population is None else min(n, population)
    cost = fixed_usd + n * each
    sample = interval_for_size(
        n,
        prevalence=prevalence,
        level=level,
        population=population,
        design_effect=design_effect,
        sensitivity=sensitivity,
        specificity=specificity,
    )
    return BudgetSize(n, cost, budget_usd - cost, sample)
