"""How units are drawn: one frozen model a design, with the columns it reads."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

Allocation = Literal["proportional", "equal", "neyman", "cost"]
Count = Annotated[StrictInt, Field(ge=1)]
Column = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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
    """n units with probability proportional to the column `size` (Rosén 1997); the largest are certain."""

    type: Literal["pps"] = "pps"
    n: Count
    size: Column


class Poisson(_Model):
    """Every unit by itself, n expected: pi proportional to `size`, or n/N. Unions of such samples keep known pi."""

    type: Literal["poisson"] = "poisson"
    n: Count
    size: Column | None = None


class Clusters(_Model):
    """n whole clusters, or with `per_cluster` up to that many units of each of them.

    Attributes:
        n: clusters.
        cluster: the column of the cluster's id.
        per_cluster: units drawn simple random in each drawn cluster (all of a smaller one); None takes whole clusters.
        size: clusters are drawn by Pareto pi-ps on the sum of this column; None draws them simple random.
    """

    type: Literal["cluster"] = "cluster"
    n: Count
    cluster: Column
    per_cluster: Count | None = None
    size: Column | None = None


Design = Annotated[SimpleRandom | Stratified | ParetoPps | Poisson | Clusters, Field(discriminator="type")]
