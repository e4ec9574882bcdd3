"""What travels through the graph: a Question becomes a Plan, a Plan becomes an Answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tools.errors import Reason
from tools.figure import Figure, Period
from tools.metrics.query import MetricQuery, ProcessTest, Table


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class Question(_Frozen):
    """One message of a person, as typed.

    Attributes:
        text: the words.
        choose: the reading to take of the clarification that this question gets.
        id: the surface's own name for this message, such as Slack's time stamp. Asked again under the same id in the
            same thread, paid calls are taken from the record; without one it is derived from the words, the day, the
            definitions and the place in the conversation.
    """

    text: str
    choose: int | None = Field(default=None, ge=1, le=4)
    id: str | None = Field(default=None, min_length=1, max_length=200)

    @field_validator("text")
    @classmethod
    def _is_text(cls, value: str) -> str:
        """Half of a surrogate pair is no character, and could be stored nowhere."""
        return value.encode("utf-8", "replace").decode("utf-8")


class Choice(_Frozen):
    """One way to read a question; `query`, asked as a question, is answered and never asked back."""

    label: str
    query: str


# --- plans: what the planner understood -------------------------------------------------------


class ChangeToSee(_Frozen):
    """A change of a share that a sample is to be large enough for.

    Attributes:
        size: how large, 0..1; of the share itself, or with `points` in points of it.
        direction: up, down, or either (the larger of both sizes).
    """

    size: float = Field(gt=0, lt=10)
    points: bool = False
    direction: Literal["up", "down", "either"] = "either"
    noun: str = "labels"


class QueryPlan(_Frozen):
    """Answer with a metric query; with `change_to_see`, with the sample size that such a change of it needs."""

    kind: Literal["query"] = "query"
    query: MetricQuery
    assumptions: tuple[str, ...] = ()
    left_out: str = ""  # words of the question that this reading leaves out; it is offered, never answered
    relative: bool = False  # the period was relative to today, so stale data matters
    change_to_see: ChangeToSee | None = None
    tested: bool = False  # whether the difference is a real one was asked


class ExplainPlan(_Frozen):
    """Say what a metric or dimension means."""

    kind: Literal["explain"] = "explain"
    names: tuple[str, ...]


class ListPlan(_Frozen):
    """Say which metrics (or dimensions, or values of a dimension) there are."""

    kind: Literal["list"] = "list"
    what: Literal["metrics", "dimensions", "values"] = "metrics"
    names: tuple[str, ...] = ()


class FreshnessPlan(_Frozen):
    """Say how new the data of these datasets is."""

    kind: Literal["freshness"] = "freshness"
    datasets: tuple[str, ...]


class SqlPlan(_Frozen):
    """Answer with SQL text that a model wrote: a lower tier, which no definition stands behind."""

    kind: Literal["sql"] = "sql"
    sql: str
    columns: tuple[str, ...]


class ClarifyPlan(_Frozen):
    """Ask back: one multiple-choice question.

    Attributes:
        understood: every word was understood and several things fit, so that only a person can choose; False when
            part of the question was not understood, and the choices are what is near.
    """

    kind: Literal["clarify"] = "clarify"
    understood: bool = False
    question: str
    choices: tuple[Choice, ...] = Field(max_length=4)


class DeclinePlan(_Frozen):
    """Say why not, and what would make it answerable.

    Attributes:
        understood: what was asked for is clear, and it is declined for what it is; no other planner may answer it.
    """

    kind: Literal["decline"] = "decline"
    understood: bool = False
    reason: Reason
    message: str
    next_steps: tuple[str, ...] = ()


class StudyPlan(_Frozen):
    """A study that was planned, and waits for a person's approval."""

    kind: Literal["study"] = "study"
    id: str
    path: str
    assumed: tuple[str, ...] = ()


class ApprovePlan(_Frozen):
    """Approve the plan of a study, in the name of the person who said so."""

    kind: Literal["approve"] = "approve"
    id: str
    path: str
    by: str
    budget_usd: float | None = None  # None: what the plan costs


Plan = (
    StudyPlan | ApprovePlan | QueryPlan | SqlPlan | ExplainPlan | ListPlan | FreshnessPlan | ClarifyPlan | DeclinePlan
)


# --- the answer -------------------------------------------------------------------------------


class DefinitionRef(_Frozen):
    name: str
    version: int
    owner: str


class Provenance(_Frozen):
    definitions: tuple[DefinitionRef, ...] = ()
    tables: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()
    workspace_hash: str = ""
    prompts: dict[str, str] = Field(default_factory=dict)  # of a model's turn: each prompt's hash
    model: str = ""  # that planned it, as its endpoint names it


class Usage(_Frozen):
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0


class ChartRef(_Frozen):
    png: str
    svg: str
    vega_lite: dict[str, Any]
    alt: str


class StudyRef(_Frozen):
    id: str
    stage: str
    path: str


class Answer(_Frozen):
    """The contract of `ask --json` and of every surface."""

    kind: Literal["answer", "clarification", "declined", "study"]
    headline: str
    text: str
    figures: tuple[Figure, ...] = ()
    tests: tuple[ProcessTest, ...] = ()  # of differences of full counts, where a test was asked for
    table: Table | None = None
    chart: ChartRef | None = None
    sql: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = Field(default=(), max_length=4)
    reason: Reason | None = None
    provenance: Provenance = Provenance()
    usage: Usage = Usage()
    study: StudyRef | None = None
    thread: str | None = None


@dataclass(frozen=True)
class Event:
    """One thing that happened while answering; `data` is a str for steps and text."""

    kind: Literal["step", "text", "figure", "answer"]
    data: str | Figure | Answer


__all__ = [
    "Answer",
    "ApprovePlan",
    "ChartRef",
    "Choice",
    "ClarifyPlan",
    "DeclinePlan",
    "DefinitionRef",
    "Event",
    "ExplainPlan",
    "FreshnessPlan",
    "ListPlan",
    "MetricQuery",
    "Period",
    "Plan",
    "Provenance",
    "QueryPlan",
    "Question",
    "SqlPlan",
    "StudyPlan",
    "StudyRef",
    "Table",
    "Usage",
]
