"""A figure: one number with its interval, and how it is known."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Unit = Literal["share", "count", "usd", "seconds", "hours", "per_1000", "points", "ratio", "index"]
Basis = Literal["full_count", "sample", "model_labelled", "corrected"]


class Period(BaseModel):
    """Days from `from` (inclusive) to `to` (exclusive), in the workspace's zone."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True, extra="forbid")

    start: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _forwards(self) -> Period:
        if self.end <= self.start:
            raise ValueError(f"a period must end after it starts: from {self.start} to {self.end}")
        return self

    @property
    def days(self) -> int:
        return (self.end - self.start).days


class Break(BaseModel):
    """A day from which on figures measure something else than before, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    name: str


class Figure(BaseModel):
    """One number with its interval.

    `value` is in natural units (shares 0..1). A full count has no interval; anything
    else has one, or says in `undefined` why it does not: a bare point estimate from a
    sample cannot be constructed.
    """

    model_config = ConfigDict(frozen=True, serialize_by_alias=True, extra="forbid", allow_inf_nan=False)

    id: str
    metric: str
    version: int = 1
    value: float | int | None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    unit: Unit
    n: int | None = None
    n_eff: float | None = None
    positives: int | None = None
    basis: Basis
    method: str
    period: Period | None = None
    slice: dict[str, Any] = Field(default_factory=dict)
    as_of: datetime | date | None = None
    status: Literal["final", "provisional"] = "final"
    undefined: str | None = None
    one_sided: bool = False

    @model_validator(mode="after")
    def _known(self) -> Figure:
        if (self.value is None) != (self.undefined is not None):
            raise ValueError("a figure has a value, or a reason in `undefined` why it has none")
        if self.basis == "full_count" and not (self.low is None and self.high is None):
            raise ValueError("a full count has no interval")
        if self.basis != "full_count" and self.value is not None and (self.low is None or self.high is None):
            raise ValueError(f"a figure on basis {self.basis} needs an interval")
        return self
