"""estimate.json: the figures of a study, and what they rest on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.figure import Figure

OVERALL, TOTAL, WORST, CHECKS, AGREEMENT = "overall", "total", "worst_case", "checks", "agreement"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, allow_inf_nan=False)


class Response(_Part):
    """How far the drawn units of a stratum (or all) have a settled label.

    Attributes:
        drawn: units. settled: positive or negative by the rule.
        unresolved: answered, and still open: a tie, an abstention, a label that decides nothing.
        unlabelled: without an answer.
    """

    stratum: str | None = None
    drawn: int
    settled: int
    unresolved: int
    unlabelled: int

    @property
    def missing(self) -> int:
        return self.drawn - self.settled


class Labelling(_Part):
    """The labels that the estimate rests on: how many, by how many, and items with more than one of them."""

    labels: int
    labellers: int
    kinds: tuple[str, ...]
    items_twice: int


class CheckCounts(_Part):
    """Items that have both a model's and people's settled label."""

    both_positive: int
    both_negative: int
    model_positive_only: int
    people_positive_only: int

    @property
    def n(self) -> int:
        return self.both_positive + self.both_negative + self.model_positive_only + self.people_positive_only


class Precision(_Part):
    """How sure the overall share is: standard error, design effect, degrees of freedom; None without a meaning."""

    se: float | None
    deff: float | None
    df: float | None


class Cell(_Part):
    """What stands behind a figure, for the least cell that may be shown: protected units and positives."""

    units: int
    positives: int


class StudyEstimate(_Part):
    """One estimate. It holds no time.

    Attributes:
        plan_hash: of the plan it follows.
        sample_hash, labels_hash: sha256 of sample.csv and labels.csv.
        basis: sample for people's labels, model_labelled for a model's.
        figures: `overall` first, then `total`, one for each stratum and breakdown value, then `worst_case`, `checks`
            and `agreement` where they apply.
        precision: of the overall share.
        cells: per figure id, what decides whether a draft may show it.
        response: of all drawn units, then by stratum.
        checks: a model's labels against people's, None when the estimate rests on people's.
        caveats: sentences.
    """

    study: str
    plan_hash: str
    sample_hash: str
    labels_hash: str
    basis: Literal["sample", "model_labelled"]
    figures: tuple[Figure, ...]
    precision: Precision
    cells: dict[str, Cell]
    response: tuple[Response, ...]
    labelling: Labelling
    checks: CheckCounts | None = None
    caveats: tuple[str, ...] = ()

    def figure(self, id: str) -> Figure | None:
        """The figure of that id."""
        return next((figure for figure in self.figures if figure.id == id), None)

    def group(self, name: str) -> tuple[Figure, ...]:
        """The figures of the strata (`strata`) or of a breakdown (`by_` and its column), in order."""
        return tuple(figure for figure in self.figures if figure.id.rpartition(".")[0] == name)
