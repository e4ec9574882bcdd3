"""plan.json: what will be drawn, what it is expected to give and cost, and of exactly which frame and policy."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from tools.sampling import Design, SimpleRandom, Stratified
from tools.sampling.manifest import StratumDraw
from tools.study.folder import hash_of
from tools.study.spec import StratifiedDesign, StudySpec

STAGE = "phase1"
WIDEST = 0.5  # the prevalence that gives the widest interval, assumed where nothing better is known


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class PolicyMark(_Part):
    """The policy word for word: `hash` is that of its file."""

    id: str
    version: int
    hash: str
    labels: tuple[str, ...]


class PlannedFrame(_Part):
    """The frame as it was.

    Attributes:
        table, dataset, unit, id: of its rows. filtered: the dataset's required filters apply.
        units: rows, `N` in JSON. fingerprint: covers what the design's columns say.
        first, last: local days of its rows, None without a time column. sql: the rows.
    """

    table: str
    dataset: str | None = None
    unit: str
    id: str
    filtered: bool = False
    units: int = Field(alias="N")
    fingerprint: str
    first: date | None = None
    last: date | None = None
    sql: str


class Expected(_Part):
    """The mean interval if the prevalence is what was assumed, in every stratum.

    Attributes:
        prevalence: assumed. low, high: mean limits. level: of the interval.
        positives: mean number of positive units.
        design_effect: of the strata, when they do not differ in their shares.
        zero_probability: chance that no positive is found; `bound_if_zero` is then the upper bound.
    """

    prevalence: float
    low: float
    high: float
    level: float
    positives: float
    design_effect: float
    zero_probability: float
    bound_if_zero: float

    @property
    def width(self) -> float:
        return self.high - self.low


class Cost(_Part):
    """What the labels cost: one a unit."""

    labels: int
    usd_per_label: float
    usd: float


class Plan(_Part):
    """One plan. It holds no time: the same spec, frame, policy and settings give the same plan.

    Attributes:
        spec: the study as it was read.
        strata: units and take of each stratum, empty for a simple random sample.
        n: units to draw. stage: the name under which their random numbers are made.
        min_cell: the least that a cell of the draft may hold.
        notes: what was assumed, and what to mind.
        workspace_hash: of settings, metrics, policies and events at the time.
        version: of transect.
        hash: sha256 of all the above; an approval names it.
    """

    study: str
    spec: StudySpec
    policy: PolicyMark
    frame: PlannedFrame
    strata: tuple[StratumDraw, ...] = ()
    n: int
    stage: str = STAGE
    expected: Expected
    cost: Cost
    min_cell: int
    notes: tuple[str, ...] = ()
    workspace_hash: str
    version: str
    hash: str = ""

    def content_hash(self) -> str:
        """What `hash` must be."""
        data = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return hash_of({key: value for key, value in data.items() if key != "hash"})

    def sealed(self) -> Self:
        """The same plan with its hash."""
        return self.model_copy(update={"hash": self.content_hash()})

    @property
    def design(self) -> Design:
        """How to draw."""
        return design_of(self.spec, n=self.n)


def design_of(spec: StudySpec, *, n: int) -> Design:
    """The design of a study for n units."""
    design = spec.design
    if not isinstance(design, StratifiedDesign):
        return SimpleRandom(n=n)
    return Stratified(
        n=n, strata=design.strata, allocation=design.allocation, spread=design.spread, minimum=design.minimum
    )
