"""What a draw leaves behind, so that anyone can draw it again."""

from __future__ import annotations

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


class Manifest(_Model):
    """One draw. It holds no time: the same draw leaves the same manifest.

    Attributes:
        stage: the name under which the random numbers were made.
        second_stage: that of units within clusters, in two-stage designs.
        seed: the seed.
        design: design, columns and n as asked for.
        id: the column of the key that was hashed.
        n: rows drawn (Poisson and whole clusters: as it came out).
        units: rows of the frame, `N` in JSON.
        size_sum: sum of the size column.
        certainty_units: ids of units (clusters) whose size makes them certain.
        first_order: how `_pi` is known: `exact` by the design; `computed`, Pareto's true probabilities; `target`,
            Pareto's targets, which large designs meet.
        strata: one entry a stratum.
        clusters: the first stage of cluster designs.
        left_out: columns of item text, which a sample does not carry.
        frame: what was drawn from.
        output_fingerprint: of the file written.
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
    certainty_units: tuple[str, ...] = ()
    first_order: str = "exact"
    strata: tuple[StratumDraw, ...] = ()
    clusters: ClusterDraw | None = None
    left_out: tuple[str, ...] = ()
    frame: FrameMark
    output_fingerprint: str
    sql: str
    engine: str = "duckdb"
    engine_version: str
    version: str
