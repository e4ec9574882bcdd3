"""studies/<id>/study.yml: what is to be measured, of what, and how; nothing that is found out later."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, field_validator, model_validator

from tools.figure import Period
from tools.metrics.definitions import Name, Predicate

Words = Annotated[StrictStr, Field(min_length=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[StrictInt, Field(ge=1)]
MOST_BREAKDOWNS = 3
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Estimand(_Part):
    """The number that is wanted, in words for people and typed for the estimator."""

    words: Words = Field(description="What is measured, in a sentence that somebody outside the team understands.")
    policy: Name = Field(description="The policy that decides, by id.")
    positive: tuple[Words, ...] = Field(min_length=1, description="Labels of the policy that count as positive.")
    unresolved: tuple[Words, ...] = Field(
        default=(), description="Labels that decide nothing, such as unsure: the item then has no settled label."
    )

    @model_validator(mode="after")
    def _different(self) -> Self:
        both = set(self.positive) & set(self.unresolved)
        if both:
            raise ValueError(f"{sorted(both)[0]!r} cannot be both positive and unresolved")
        return self


class Frame(_Part):
    """The rows that can be drawn, one a unit: a dataset of metrics/*.yml, or a table of the warehouse as it is."""

    dataset: Name | None = Field(default=None, description="A dataset; its required filters apply.")
    table: Name | None = Field(default=None, description="A table or view, when no dataset describes it.")
    id: Name | None = Field(
        default=None, description="The column that is one unit's own; default: the dataset's grain."
    )
    unit: Words | None = Field(default=None, description="What one row is, in words; default: the dataset's unit.")
    time: Name | None = Field(default=None, description="The column that `period` reads; default: the dataset's time.")
    period: Period | None = Field(default=None, description="Days from `from` to `to`, the last one not included.")
    where: tuple[Predicate, ...] = Field(default=(), description="Conditions on columns, all of which hold.")
    leaves_out: tuple[Words, ...] = Field(
        default=(), description="What people might expect in the frame and is not, a sentence each; the draft says so."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.dataset is None) == (self.table is None):
            raise ValueError("a frame is either a `dataset` or a `table`")
        return self


class SimpleRandomDesign(_Part):
    """Every set of n units is equally likely."""

    type: Literal["srs"]


class StratifiedDesign(_Part):
    """Simple random within the values of one column that is known before anybody labels."""

    type: Literal["stratified"]
    strata: Name = Field(description="The column of the stratum.")
    allocation: Literal["proportional", "equal", "neyman"] = "proportional"
    spread: Name | None = Field(default=None, description="The column whose spread steers `neyman`, such as a score.")
    minimum: Annotated[StrictInt, Field(ge=2)] = Field(
        default=2, description="Fewest units of a stratum, or all of a smaller one."
    )

    @model_validator(mode="after")
    def _spread_for_neyman(self) -> Self:
        if (self.spread is not None) != (self.allocation == "neyman"):
            raise ValueError("`spread` is for the allocation neyman, which needs it")
        return self


StudyDesign = Annotated[SimpleRandomDesign | StratifiedDesign, Field(discriminator="type")]


class Size(_Part):
    """How many units: `n`, or as few as make the expected interval at most `width` wide; both: n, if that is enough."""

    n: Count | None = Field(default=None, description="Units to draw.")
    width: Share | None = Field(default=None, description="Whole width of the interval: 0.04 is 2 points either side.")
    prevalence: Share = Field(
        default=0.5, description="What the plan assumes for the expected interval; 0.5 gives the widest one."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.n is None and self.width is None:
            raise ValueError("a size needs `n` or `width`")
        return self


class StudySpec(_Part):
    """One study.yml."""

    model_config = ConfigDict(title="StudySpec")

    id: StrictStr = Field(description="The name of the study's folder.")
    title: Words
    estimand: Estimand
    frame: Frame
    design: StudyDesign
    size: Size
    level: Annotated[float, Field(gt=0.5, lt=1)] = Field(default=0.95, description="Level of every interval.")
    seed: Annotated[StrictInt, Field(ge=0)] = Field(description="Decides the draw; fixed before anything is drawn.")
    labels: Literal["people", "model"] = Field(
        default="people",
        description="Whose labels the estimate rests on. model: a model's or the embedded labeller's, some checked.",
    )
    max_missing: Annotated[float, Field(ge=0, le=0.5)] = Field(
        default=0.05, description="The largest share of drawn units without a settled label at which it is estimated."
    )
    breakdowns: tuple[Name, ...] = Field(
        default=(), max_length=MOST_BREAKDOWNS, description="Columns to break the result down by, beside the strata."
    )
    audience: tuple[Name, ...] = Field(
        default=(), description="Roles that will read the draft: all must see the frame, and their min_cell holds."
    )

    @field_validator("id")
    @classmethod
    def _a_folder(cls, value: str) -> str:
        if not ID.fullmatch(value):
            raise ValueError(f"{value!r} is not lower case letters, digits, - and _ (at most 64)")
        return value

    @field_validator("breakdowns", "audience")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        folded = [each.casefold() for each in value]
        twice = [each for each in value if folded.count(each.casefold()) > 1]
        if twice:
            raise ValueError(f"{twice[0]!r} is given twice")
        return value

    @model_validator(mode="after")
    def _strata_once(self) -> Self:
        same = [each for each in self.breakdowns if self.strata and each.casefold() == self.strata.casefold()]
        if same:
            raise ValueError(
                f"{same[0]!r} is the column of the strata, which the result shows anyway; leave it out of breakdowns"
            )
        return self

    @property
    def strata(self) -> str | None:
        """The column of the stratum."""
        return self.design.strata if isinstance(self.design, StratifiedDesign) else None
