"""What a draw leaves behind, so that anyone can draw it again."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.sampling.designs import Design


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class FrameMark(_Model):
    """The frame as it was: `fingerprint` changes when it does."""

    name: str
    fingerprint: str


class StratumDraw(_Model):
    """One stratum: units, and how many were drawn."""

    stratum: str
    units: int = Field(alias="N")
    n: int


class ClusterDraw(_Model):
    """Clusters of the frame, and how many were drawn."""

    units: int = Field(alias="N")
    n: int


class DayDraw(_Model):
    """One day of a daily sample, and its rows in the frame."""

    day: str
    units: int = Field(alias="N")


class SizeUse(_Model):
    """What was done to the column that steers the draw.

    Attributes:
        column: its name.
        missing: rows of the frame without a value.
        imputed: the value that these got; None where they were left out, as in a standard deviation.
        raised: rows of the frame below the floor, which got the floor.
    """

    column: str
    missing: int
    imputed: float | None = None
    raised: int = 0


class DrawnMark(_Model):
    """What tells the drawn rows from others: `ids`, a sum of hashes of their ids in any order, and the sum of `_pi`."""

    ids: str
    pi_sum: float


class FirstPhase(_Model):
    """The draw that a second phase was drawn from; attributes as in `Manifest`."""

    stage: str
    second_stage: str | None = None
    seed: int
    design: Design
    n: int
    units: int = Field(alias="N")
    weights: Literal["inverse", "multiplicity"] = "inverse"
    strata: tuple[StratumDraw, ...] = ()
    clusters: ClusterDraw | None = None
    frame: FrameMark
    drawn: DrawnMark
    first_phase: FirstPhase | None = None

    @property
    def stages(self) -> tuple[str, ...]:
        """Names that later phases may not use again."""
        own = (self.stage,) if self.second_stage is None else (self.stage, self.second_stage)
        return own + (self.first_phase.stages if self.first_phase else ())


class Manifest(_Model):
    """One draw. It holds no time: the same draw leaves the same manifest.

    Attributes:
        stage: the name under which the random numbers were made (daily samples: the days' own names).
        second_stage: that of units within clusters, in two-stage designs.
        seed: the seed.
        design: design, columns and n as asked for.
        id: the column of the key that was hashed.
        n: rows drawn (Poisson, panels, days and whole clusters: as it came out).
        units: units of the frame, `N` in JSON.
        size_sum: sum of the size column.
        sizes: how many sizes were missing or raised, and what they were taken to be.
        predicted_total: positives that the score's steps predict in the frame.
        certainty_units: ids of units (clusters) whose size makes them certain.
        first_order: how `_pi` is known: `exact` by the design; `computed`, Pareto's true probabilities; `target`,
            Pareto's targets, which large designs meet.
        weights: `inverse`, 1/_pi; or `multiplicity`, 1/(_pi · _days), which `_weight` holds.
        strata: one entry a stratum. days: one entry a day.
        clusters: the first stage of cluster designs.
        first_phase: the draw that the frame came from, in a second phase.
        left_out: columns of item text, which a sample does not carry.
        notes: what to know before the sample is used.
        frame: what was drawn from.
        drawn: what tells these rows from others.
        output_fingerprint: of the file written.
        joint_fingerprint: of the file of joint probabilities, where one was asked for.
        sql: the statement that drew it.
        engine: and its version, below.
        version: of transect.
    """

    stage: str
    second_stage: str | None = None
    seed: int
    design: Design
    id: str
    n: int
    units: int = Field(alias="N")
    size_sum: float | None = None
    sizes: SizeUse | None = None
    predicted_total: float | None = None
    certainty_units: tuple[str, ...] = ()
    first_order: str = "exact"
    weights: Literal["inverse", "multiplicity"] = "inverse"
    strata: tuple[StratumDraw, ...] = ()
    days: tuple[DayDraw, ...] = ()
    clusters: ClusterDraw | None = None
    first_phase: FirstPhase | None = None
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    frame: FrameMark
    drawn: DrawnMark
    output_fingerprint: str
    joint_fingerprint: str | None = None
    sql: str
    engine: str = "duckdb"
    engine_version: str
    version: str

    def as_first_phase(self) -> FirstPhase:
        """What the manifest of a second phase keeps of it."""
        kept = self.model_dump(include=set(FirstPhase.model_fields))
        return FirstPhase.model_validate(kept)
