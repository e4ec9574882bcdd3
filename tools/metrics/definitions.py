"""The semantic layer's nouns: datasets, dimensions, measures, relationships, metrics.

Nouns follow Apache Ossie (formerly Open Semantic Interchange). Unknown keys are errors.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.figure import Unit

Scalar = str | bool | int | float
Name = Annotated[str, Field(min_length=1, max_length=120)]
Aggregation = Literal["average", "median", "min", "max", "total"]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Predicate(_Definition):
    """One typed condition on a column of a definition's dataset.

    Exactly one of the conditions is given. NULL satisfies only `is_null: true`
    and, because a missing country is not the US, `not_in` / `not_equals`.
    """

    column: Name
    equals: Scalar | None = None
    not_equals: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in")
    not_in: tuple[Scalar, ...] | None = None
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    is_null: bool | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        given = [
            k for k in self.__class__.model_fields if k not in ("column", "dimension") and getattr(self, k) is not None
        ]
        if len(given) != 1:
            raise ValueError(
                "a condition needs exactly one of equals, not_equals, in, not_in, above, at_least, below, at_most, "
                f"is_null; found {', '.join(given) or 'none'}"
            )
        return self


class Dimension(_Definition):
    """A column to group or filter by.

    `values` is `auto` (looked up in the data), a list, or a mapping from each value
    to the words people use for it.
    """

    name: Name
    column: Name
    synonyms: tuple[str, ...] = ()
    values: Literal["auto"] | tuple[Scalar, ...] | dict[Scalar, tuple[str, ...]] = "auto"
    description: str = ""


class Measure(_Definition):
    """A numeric column and the aggregations people may ask of it.

    Each aggregation becomes a metric named `<aggregation>_<name>` (`average_handle_seconds`).
    """

    name: Name
    column: Name
    synonyms: tuple[str, ...] = ()
    aggregations: tuple[Aggregation, ...] = ("average", "median", "min", "max", "total")
    unit: Unit = "count"
    description: str = ""


class Design(_Definition):
    """How the rows of a sampled dataset were drawn (columns of the dataset)."""

    type: Literal["srs", "stratified", "pps", "poisson", "cluster"]
    weight: Name | None = None
    probability: Name | None = None
    strata: Name | None = None
    cluster: Name | None = None
    fpc: Name | None = None
    frame: Name | None = None


class Dataset(_Definition):
    """A table or view, what one of its rows is, and what can be asked of it."""

    name: Name
    source: Name
    grain: tuple[Name, ...] = ()
    time: Name | None = None
    unit: str = "row"
    actor: Name | None = None
    text: Name | None = None
    synonyms: tuple[str, ...] = ()
    description: str = ""
    where: tuple[Predicate, ...] = ()  # required filters: always applied
    dimensions: tuple[Dimension, ...] = ()
    measures: tuple[Measure, ...] = ()
    design: Design | None = None

    @model_validator(mode="after")
    def _text_is_never_a_dimension(self) -> Self:
        for dimension in self.dimensions:
            if self.text is not None and dimension.column == self.text:
                raise ValueError(f"{dimension.column!r} is item text and cannot be a dimension")
        return self


class Relationship(_Definition):
    """Many rows of `from` belong to one row of `to`."""

    name: Name
    from_: Name = Field(alias="from")
    to: Name
    from_columns: tuple[Name, ...] = Field(min_length=1)
    to_columns: tuple[Name, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _same_width(self) -> Self:
        if len(self.from_columns) != len(self.to_columns):
            raise ValueError("from_columns and to_columns must have the same length")
        return self


class Maturity(_Definition):
    """Periods ending within `lag_days` of the newest data are provisional."""

    lag_days: int = Field(ge=0)


class Operand(_Definition):
    """One side of a ratio."""

    agg: Literal["count", "sum", "distinct"]
    of: Name
    column: Name | None = None
    where: tuple[Predicate, ...] = ()

    @model_validator(mode="after")
    def _column_where_needed(self) -> Self:
        if (self.agg == "count") == (self.column is not None):
            raise ValueError(f"agg {self.agg} {'takes no' if self.agg == 'count' else 'needs a'} column")
        return self


class VersionChange(_Definition):
    """A version of a metric and the first day whose rows are counted by it.

    With `restated`, the days before were counted again by the new version, so that the series is one; without it they
    are as they were, and the series breaks on that day.
    """

    version: int = Field(ge=2)
    from_: date = Field(alias="from")
    note: str = Field(min_length=1)
    restated: bool = False


class _Metric(_Definition):
    name: Name
    version: int = Field(default=1, ge=1)
    history: tuple[VersionChange, ...] = ()
    owner: str = ""
    description: str = ""
    synonyms: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    where: tuple[Predicate, ...] = ()
    requires: tuple[Name, ...] = ()  # dimensions a query must filter or group by
    time: Name | None = None  # overrides the dataset's time column
    min_n: int = Field(default=0, ge=0)
    maturity: Maturity | None = None
    stale_after_days: int | None = Field(default=None, ge=0)
    unit: Unit | None = None
    better: Literal["higher", "lower"] | None = None  # which end of a ranking is the best one
    custom_extensions: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _history_leads_to_this_version(self) -> Self:
        """A version that is newer than its history would be used without anybody knowing from when."""
        steps = [(change.version, change.from_) for change in self.history]
        if any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(steps)):
            raise ValueError("history must go from older to newer: versions and days that grow")
        if steps and steps[-1][0] != self.version:
            raise ValueError(f"history ends with version {steps[-1][0]}, and the metric is version {self.version}")
        return self


class Count(_Metric):
    """Rows."""

    kind: Literal["count"]
    of: Name
    semi_additive: Literal["last", "first"] | None = None


class Sum(_Metric):
    """Total of a column. With `semi_additive`, of the last (first) time point in each period only."""

    kind: Literal["sum"]
    of: Name
    column: Name
    semi_additive: Literal["last", "first"] | None = None


class Average(_Metric):
    """Mean of a column over rows where it is not NULL."""

    kind: Literal["average"]
    of: Name
    column: Name


class Percentile(_Metric):
    """The q-th quantile of a column."""

    kind: Literal["percentile"]
    of: Name
    column: Name
    q: float = Field(default=0.5, gt=0, lt=1)


class Extreme(_Metric):
    """Smallest or largest value; full counts only."""

    kind: Literal["extreme"]
    of: Name
    column: Name
    which: Literal["min", "max"]


class Distinct(_Metric):
    """Different values of a column."""

    kind: Literal["distinct"]
    of: Name
    column: Name


class Ratio(_Metric):
    """One aggregate over another, the same slice and period on both sides."""

    kind: Literal["ratio"]
    numerator: Operand
    denominator: Operand


class Proportion(_Metric):
    """Share of rows that satisfy `positive`, among rows where its column is not NULL."""

    kind: Literal["proportion"]
    of: Name
    positive: Predicate


class Prevalence(_Metric):
    """Share of the frame that violates, estimated from labelled rows under their design."""

    kind: Literal["prevalence"]
    of: Name
    positive: Predicate


class Agreement(_Metric):
    """Chance-corrected agreement between raters on the same items."""

    kind: Literal["agreement"]
    of: Name
    item: Name
    rater: Name
    label: Name
    statistic: Literal["alpha", "percent"] = "alpha"


class Derived(_Metric):
    """Arithmetic on two other metrics over the same slice and period."""

    kind: Literal["derived"]
    op: Literal["ratio", "difference", "sum", "product"]
    metrics: tuple[Name, Name]


class Change(_Metric):
    """A metric's difference from the period before: the month before a whole month, else as many days."""

    kind: Literal["change"]
    metric: Name
    relative: bool = False


Metric = Annotated[
    Count
    | Sum
    | Average
    | Percentile
    | Extreme
    | Distinct
    | Ratio
    | Proportion
    | Prevalence
    | Agreement
    | Derived
    | Change,
    Field(discriminator="kind"),
]


class VerifiedQuery(_Definition):
    """A question whose query somebody has signed."""

    question: str = Field(min_length=1)
    query: dict[str, Any]
    by: str
    on: date


class MetricFile(_Definition):
    """One `metrics/*.yml` file."""

    datasets: tuple[Dataset, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    metrics: tuple[Metric, ...] = ()
    verified_queries: tuple[VerifiedQuery, ...] = ()
