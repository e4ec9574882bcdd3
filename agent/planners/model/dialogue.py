"""A turn's talk with the model: what was said, what was found, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.execute import Facts
from agent.planners.model.prompts import PROMPT_HASHES
from agent.state import Answer, ClarifyPlan, DeclinePlan, Plan, QueryPlan, SqlPlan, Usage
from agent.write.add_caveat import add_caveat
from tools.figure import Figure
from tools.metrics.query import QueryResult
from tools.model import Message, Reply, ToolSpec


@dataclass(frozen=True)
class Found:
    """One result that the model may speak of; its figures' ids are unique in the turn."""

    plan: QueryPlan | SqlPlan
    result: QueryResult
    fields: Mapping[str, str]  # `f1.value` and the like, in words
    changes: tuple[Figure, ...] = ()  # the differences among the figures


@dataclass(frozen=True)
class Dialogue:
    """Never kept: a turn that is taken up again asks anew, and is answered from the record of paid calls.

    Attributes:
        messages: oldest first.
        tools: what may be called.
        embedded: what the embedded planner said; it stands when the model comes to nothing.
        begun: `time.monotonic()` of the first call.
        reply: the model's last, not yet acted on.
        calls: made so far.
        repairs: of prose, so far.
        found: results, oldest first.
        usage: of all calls.
        served_by: the model, as the endpoint names it.
        outcome: what the turn comes to; None while it goes on.
        facts: of an outcome with figures.
        notes: what the reader must know of how it ended.
        step: what was done last, in a few words.
    """

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    embedded: ClarifyPlan | DeclinePlan
    begun: float
    reply: Reply | None = None
    calls: int = 0
    repairs: int = 0
    found: tuple[Found, ...] = ()
    usage: Usage = field(default_factory=Usage)
    served_by: str = ""
    outcome: Plan | None = None
    facts: Facts = field(default_factory=Facts)
    notes: tuple[str, ...] = ()
    step: str = ""

    @property
    def figures(self) -> int:
        """How many figures have been numbered."""
        return sum(len(f.result.figures) for f in self.found)

    def say(self, message: Message) -> Dialogue:
        """With one message more."""
        return replace(self, messages=(*self.messages, message))

    def sign(self, answer: Answer) -> Answer:
        """The answer with what it took, how the talk ended, and which prompts and model stand behind it."""
        for note in self.notes:
            answer = add_caveat(answer, note)
        prompts = PROMPT_HASHES if self.calls else {}
        ground = answer.provenance.model_copy(update={"prompts": prompts, "model": self.served_by})
        return answer.model_copy(update={"usage": self.usage, "provenance": ground})

    def give_up(self, note: str, outcome: Plan | None = None) -> Dialogue:
        """Ended by something else than the model's will: with what the embedded planner said, and why."""
        return replace(
            self, reply=None, outcome=outcome or self.embedded, facts=Facts(), notes=(*self.notes, note), step=note
        )
