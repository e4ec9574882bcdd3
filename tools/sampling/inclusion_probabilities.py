"""First-order inclusion probabilities proportional to size, certainty units resolved."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.sampling.allocate import too_few_units
from tools.sampling.sql_literal import double

BITS = 80  # a size as a whole number of 2^-80 of the largest: sums are exact integers, in whatever order
SMALL = 5.0  # below this sum of pi(1-pi) Pareto's true probabilities are computed


@dataclass(frozen=True)
class Part:
    """Some units: how many, the sum of their sizes as whole numbers, the smallest of them."""

    units: int
    whole: int
    smallest: float = math.inf


@dataclass(frozen=True)
class SizeRule:
    """Sizes turned into target probabilities.

    Attributes:
        n: units to draw (Poisson: expected).
        units: N.
        total: sum of sizes.
        certain_from: units of at least this size are certain; infinity when none is.
        certain: how many those are.
        total_rest: sum of the other sizes.
    """

    n: int
    units: int
    total: float
    certain_from: float
    certain: int
    total_rest: float

    @property
    def n_rest(self) -> int:
        """Units to draw among those that are not certain."""
        return self.n - self.certain

    def probability(self, size: float) -> float:
        """The target probability of a unit of this size."""
        return 1.0 if size >= self.certain_from else float(self.n_rest) * size / self.total_rest

    def sql(self, size: str) -> str:
        """The same as a DuckDB expression, in the same order of operations."""
        rest = f"{double(float(self.n_rest))} * {size} / {double(self.total_rest)}" if self.n_rest else "0e0"
        if not self.certain:
            return f"({rest})"
        return f"case when {size} >= {double(self.certain_from)} then 1e0 else {rest} end"


def inclusion_probabilities(sizes: Sequence[float], *, n: int) -> list[float]:
    """pi_k = n x_k / sum(x), those of at least 1 set to 1 and the rest shared anew until none is above 1.

    Args:
        sizes: x, one a unit, none negative; a unit of size 0 has probability 0.
        n: the sum of the probabilities.

    Raises:
        InvalidInput: a size that is negative or not a number, or n above the number of units of positive size.

    Source: Tillé 2006, Sampling Algorithms, 2.10.
    """
    for place, size in enumerate(sizes):
        if not 0 <= size < math.inf:
            raise InvalidInput(f"The size of unit {place} is {size}.", value=str(size), allowed=["numbers >= 0"])
    rule = rule_of_sizes([float(size) for size in sizes if size > 0], n=n)
    return [rule.probability(size) if size > 0 else 0.0 for size in sizes]


def rule_of_sizes(sizes: Sequence[float], *, n: int, counts: Sequence[int] | None = None) -> SizeRule:
    """The rule for sizes in memory, all above 0; `counts` says how many units have each of them, by default 1."""
    unit = unit_of(max(sizes, default=1.0))
    kinds = [(size, 1) for size in sizes] if counts is None else list(zip(sizes, counts, strict=True))

    def part(wanted: Callable[[float], bool]) -> Part:
        found = [(size, units) for size, units in kinds if units and wanted(size)]
        whole = sum(math.floor(x * unit) * units for x, units in found)
        return Part(sum(units for _, units in found), whole, min((x for x, _ in found), default=math.inf))

    return resolve_certainty(
        n=n,
        all_units=part(lambda size: True),
        unit=unit,
        certain=lambda n_rest, total, below: part(lambda x: x < below and float(n_rest) * x / total >= 1.0),
    )


def resolve_certainty(
    *, n: int, all_units: Part, unit: float, certain: Callable[[int, float, float], Part]
) -> SizeRule:
    """Find the certainty units round by round; each round takes the largest units that are left.

    Args:
        n: units to draw.
        all_units: the frame.
        unit: whole numbers a size of 1 stands for, from `unit_of`.
        certain: (n_rest, total_rest, below) to the units smaller than `below` with n_rest * x / total_rest >= 1.
    """
    if n > all_units.units:
        raise too_few_units(n, units=all_units.units, of="units")
    total = divide(all_units.whole, unit)
    if n == all_units.units:
        return SizeRule(n, all_units.units, total, 0.0, n, 0.0)
    taken, whole, below = 0, all_units.whole, math.inf
    while taken < n:
        found = certain(n - taken, divide(whole, unit), below)
        if not found.units:
            break
        taken, whole, below = taken + found.units, whole - found.whole, found.smallest
    if taken >= n:
        raise InvalidInput(
            f"The {taken:,} largest units leave nothing for the others, whose probability would be 0.",
            code="sizes_too_unequal",
            value=n,
            hint="Raise --n, or use a size that varies less, such as its square root.",
        )
    return SizeRule(n, all_units.units, total, below, taken, divide(whole, unit))


def unit_of(largest: float) -> float:
    """The power of two that makes `largest` a whole number below 2^80, and every size exact in double arithmetic."""
    return 2.0 ** min(BITS - math.frexp(largest)[1], 1000)


def divide(whole: int, unit: float) -> float:
    """A sum of whole numbers as a size, rounded once."""
    ratio = unit.as_integer_ratio()
    return whole * ratio[1] / ratio[0]
