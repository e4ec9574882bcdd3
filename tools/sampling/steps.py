"""Sizes as a step function of a score: the same on every engine, and written out in the manifest."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.sampling.sql_literal import double

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Steps(BaseModel):
    """Which size, and which predicted share of positives, a score stands for.

    Attributes:
        edges: rising; a score of at least edges[i] and below edges[i + 1] is in step i + 1, one below all in step 0.
        sizes: of the steps, one more than edges.
        predictions: expected share of positives in each step, for estimates that use it; empty without.
        learned_from: where they come from, in words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    edges: tuple[Finite, ...]
    sizes: tuple[Positive, ...]
    predictions: tuple[Share, ...] = ()
    learned_from: str = ""

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if any(later <= earlier for earlier, later in pairwise(self.edges)):
            raise ValueError("`edges` rise")
        if len(self.sizes) != len(self.edges) + 1 or len(self.predictions) not in (0, len(self.sizes)):
            raise ValueError("there is one size, and one prediction or none, for each step: one more than edges")
        return self

    def place(self, score: float) -> int:
        """The step of a score that is not missing."""
        return bisect_right(self.edges, score)

    def size(self, score: float) -> float:
        """The size of a unit; NaN where its score is missing."""
        return math.nan if math.isnan(score) else self.sizes[self.place(score)]

    def sql(self, score: str, values: tuple[float, ...]) -> str:
        """`values` by step as a DuckDB expression: a tree of comparisons, NULL where the score is."""
        return f"case when {score} is null then null::double else {self._tree(score, values, 0, len(values))} end"

    def _tree(self, score: str, values: tuple[float, ...], first: int, last: int) -> str:
        if last - first == 1:
            return double(values[first])
        middle = (first + last) // 2
        low, high = self._tree(score, values, first, middle), self._tree(score, values, middle, last)
        return f"case when {score} < {double(self.edges[middle - 1])} then {low} else {high} end"
