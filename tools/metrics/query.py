"""What can be asked of the semantic layer, as a value."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.figure import Figure, Period
from tools.metrics.definitions import Name, Scalar

Grain = Literal["day", "week", "month"]


class Where(BaseModel):
    """A condition on a dimension; exactly one of the conditions is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    dimension: Name
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in")
    not_in: tuple[Scalar, ...] | None = None
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    is_null: bool | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if sum(getattr(self, k) is not None for k in type(self).model_fields if k != "dimension") != 1:
            raise ValueError("a condition needs exactly one of in, not_in, above, at_least, below, at_most, is_null")
        return self


class Having(BaseModel):
    """Bounds on the value of a group, in the metric's natural unit; those that are given all hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if all(getattr(self, k) is None for k in type(self).model_fields):
            raise ValueError("a threshold needs a bound: above, at_least, below or at_most")
        return self

    def holds(self, value: float) -> bool:
        """Whether a value lies within every bound."""
        return (
            (self.above is None or value > self.above)
            and (self.at_least is None or value >= self.at_least)
            and (self.below is None or value < self.below)
            and (self.at_most is None or value <= self.at_most)
        )


class MetricQuery(BaseModel):
    """One question of the semantic layer.

    Attributes:
        metrics: names in the catalog; several are answered side by side over the same cells.
        by: dimension names to group by. NULL values keep their row.
        where: conditions, all of which hold.
        period: days to cover; None covers all the data.
        grain: one row per day, ISO week (Monday) or calendar month.
        compare: `previous` for the calendar month, quarter or year before a whole one and for the days just before
            (as many) otherwise, or an explicit period. Figures are then [difference, new, old].
        share_over: dimensions whose grouping and conditions the denominator drops: the share
            of messages that are dm is where surface in [dm], share_over [surface]; shares by
            country are by [country], share_over [country]. Additive metrics only.
        contrast: a dimension that a condition holds to two values, or to one, which then stands against all the others
            (rows without a value among them). Figures are then [difference, first, second].
        per: a metric to divide by: each of `metrics` becomes its ratio to it, both counted on their own rows.
        having: keep only groups whose value lies within the bounds.
        order, limit: sort cells by value and keep `limit`, the rest folded into "other" where additive.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    metrics: tuple[Name, ...] = Field(min_length=1)
    by: tuple[Name, ...] = ()
    where: tuple[Where, ...] = ()
    period: Period | None = None
    grain: Grain | None = None
    compare: Literal["previous"] | Period | None = None
    share_over: tuple[Name, ...] = ()
    contrast: Name | None = None
    per: Name | None = None
    having: Having | None = None
    order: Literal["desc", "asc"] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


class Table(BaseModel):
    """Rows as shown to people, in the order of the figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class ProcessTest(BaseModel):
    """A difference of two full counts, the period taken as a sample of the process behind it.

    Attributes:
        figure: id of the difference. low, high: its interval at `level`, in the figure's unit.
        clusters: independent actors (rows, where there is none). clusters_of: what an actor is; None where rows are
            taken as independent. deff: the variance against that of independent rows.
        undefined: why there is no test, or None.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: str = ""
    low: float | None = None
    high: float | None = None
    level: float
    clusters: int | None = None
    clusters_of: str | None = None
    deff: float | None = None
    df: float | None = None
    undefined: str | None = None


class QueryResult(BaseModel):
    """What a MetricQuery found; `tests` only where they were asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figures: tuple[Figure, ...]
    table: Table | None
    sql: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()
    tests: tuple[ProcessTest, ...] = ()
