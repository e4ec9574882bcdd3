"""How units are drawn: one frozen model a design, with the columns it reads."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from tools.sampling.steps import Steps

Allocation = Literal["proportional", "equal", "neyman", "cost"]
Count = Annotated[StrictInt, Field(ge=1)]
Column = Annotated[str, Field(min_length=1)]
Floor = Annotated[float | None, Field(gt=0, allow_inf_nan=False, exclude_if=lambda value: value is None)]

StepsOrNone = Annotated[Steps | None, Field(exclude_if=lambda value: value is None)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_M = TypeVar("_M", bound=_Model)


class SimpleRandom(_Model):
    """n units, every set of n equally likely: pi = n/N."""

    type: Literal["srs"] = "srs"
    n: Count


class Stratified(_Model):
    """Simple random within strata.

    Attributes:
        n: units in all.
        strata: the column of the stratum.
        allocation: `proportional` to the strata's units, `equal`, `neyman` (units times standard deviation), or `cost`
            (that over the square root of the cost of a unit).
        spread: the column whose standard deviation in each stratum steers `neyman` and `cost`, such as a score.
        cost: the column of a unit's cost, averaged in each stratum, for `cost`.
        minimum: fewest units of a stratum, or all of a smaller one; one unit gives no variance.
    """

    type: Literal["stratified"] = "stratified"
    n: Count
    strata: Column
    allocation: Allocation = "proportional"
    spread: Column | None = None
    cost: Column | None = None
    minimum: Count = 2

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        if (self.spread is not None) != (self.allocation in ("neyman", "cost")):
            raise ValueError("`spread` is for the allocations neyman and cost, which need it")
        if (self.cost is not None) != (self.allocation == "cost"):
            raise ValueError("`cost` is for the allocation cost, which needs it")
        return self


class ParetoPps(_Model):
    """n units with probability proportional to the column `size` (Rosén 1997); the largest are certain.

    Attributes:
        n: units.
        size: the column; a unit whose size is missing gets the mean of the others.
        floor: smaller sizes are raised to it, so that no unit is all but out of reach; None leaves them.
        steps: what a value of the column stands for, when it is a score and not a size (`steer_frame`).
    """

    type: Literal["pps"] = "pps"
    n: Count
    size: Column
    floor: Floor = None
    steps: StepsOrNone = None

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        return _check_sizes(self)


class Poisson(_Model):
    """Every unit by itself, n expected: pi proportional to `size`, or n/N. `floor` and `steps` as in `ParetoPps`."""

    type: Literal["poisson"] = "poisson"
    n: Count
    size: Column | None = None
    floor: Floor = None
    steps: StepsOrNone = None

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        return _check_sizes(self)


class Clusters(_Model):
    """n whole clusters, or with `per_cluster` up to that many units of each of them.

    Attributes:
        n: clusters.
        cluster: the column of the cluster's id.
        per_cluster: units drawn simple random in each drawn cluster (all of a smaller one); None takes whole clusters.
        size: clusters are drawn by Pareto pi-ps on the sum of this column; None draws them simple random.
        floor: of the size of a unit, as in `ParetoPps`.
    """

    type: Literal["cluster"] = "cluster"
    n: Count
    cluster: Column
    per_cluster: Count | None = None
    size: Column | None = None
    floor: Floor = None

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        return _check_sizes(self)


class Panel(_Model):
    """One wave of a rotating panel: pi = stay/groups in every wave, each unit by itself.

    A unit's number u puts it into the rotation group floor(u·groups). Group g is in the waves g to g + stay - 1, and
    again `groups` waves later: a unit stays for `stay` waves as long as it is in the frame, whoever joins or leaves,
    and (stay - 1)/stay of a wave is expected in the next one.

    Attributes:
        wave: 0, 1, 2 ...
        stay: waves that a unit stays for.
        groups: rotation groups; about stay/groups of the frame is drawn. The same in every wave.
        cluster: the column of what rotates, such as the actor whose activity the rows are; None rotates the rows.
    """

    type: Literal["panel"] = "panel"
    wave: Annotated[StrictInt, Field(ge=0)]
    stay: Count
    groups: Count
    cluster: Column | None = None

    @model_validator(mode="after")
    def _window_fits(self) -> Self:
        if self.groups < self.stay:
            raise ValueError("`groups` is at least `stay`")
        return self

    @property
    def share(self) -> float:
        """pi of every unit."""
        return self.stay / self.groups


class Daily(_Model):
    """The union of one Poisson sample a day: a row is a unit on a day, and a unit may be there on many days.

    The sample of a day has the day's text as its stage: it is the one that `Poisson` draws from that day's rows alone.

    Attributes:
        n: units expected a day.
        day: the column of the day (week, batch): whatever each sample was drawn from.
        size: pi of a day's rows follows this column; None takes n over the day's rows.
        floor: as in `ParetoPps`.
        union: `probability` gives every drawn unit one row (its first drawn) with pi = 1 - prod(1 - pi_d) over all days
            on which it was in the frame; `multiplicity` every drawn row, with weight 1/(pi_d · days in the frame).
    """

    type: Literal["daily"] = "daily"
    n: Count
    day: Column
    size: Column | None = None
    floor: Floor = None
    union: Literal["probability", "multiplicity"] = "probability"

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        return _check_sizes(self)


def _check_sizes(design: _M) -> _M:
    floor, steps = getattr(design, "floor", None), getattr(design, "steps", None)
    if (floor is not None or steps is not None) and getattr(design, "size", None) is None:
        raise ValueError("`floor` and `steps` are for designs by size")
    if floor is not None and steps is not None:
        raise ValueError("`steps` have sizes of their own, which no `floor` raises")
    return design


Design = Annotated[
    SimpleRandom | Stratified | ParetoPps | Poisson | Clusters | Panel | Daily, Field(discriminator="type")
]
