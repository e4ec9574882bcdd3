"""What a model is asked about one item, and what its reply comes to."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal

from tools.labeling.policy import Policy
from tools.model.prices import most_usage
from tools.model.prompt import Prompt, fill, read_prompt
from tools.model.protocol import Message, Reply, Request, ResponseFormat, TokenUsage

PLACEHOLDERS = {"policy", "labels", "abstain", "fence", "fence_begins", "text"}
MAX_OUTPUT_TOKENS = 100
_FENCE = "=====item"


@dataclass(frozen=True)
class Judgement:
    """What a reply comes to; `outside` is an answer that the schema does not have."""

    outcome: Literal["label", "abstain", "refusal", "outside"]
    label: str | None = None


class LabelQuestion:
    """The request for any item under one policy.

    Args:
        policy: whose text, guidelines included, the model reads.
        seconds: how long to wait for an answer.
        temperature: None leaves it to the endpoint.
    """

    def __init__(self, policy: Policy, *, seconds: float, temperature: float | None = None) -> None:
        self._prompt: Prompt = read_prompt("tools.labeling", "prompts/label.md", placeholders=PLACEHOLDERS)
        self._policy = policy
        self._labels = policy.header.labels
        self._abstain = abstain_word(self._labels)
        self._seconds = seconds
        self._temperature = temperature
        self._values = {
            "policy": policy.text,
            "labels": ", ".join(json.dumps(label, ensure_ascii=False) for label in self._labels),
            "abstain": json.dumps(self._abstain),
            "fence_begins": _FENCE,
        }
        self._system = Message("system", fill(self._prompt.system, self._values))
        self._response = ResponseFormat("label", label_schema(self._labels))
        self._empty = most_usage(self.request("", ""))

    @property
    def hash(self) -> str:
        """sha256 of the prompt's file."""
        return self._prompt.hash

    def request(self, item: str, text: str) -> Request:
        """The request for one item. Its text stands between two fences that it does not hold."""
        values = {**self._values, "fence": fence_for(item, text), "text": text}
        return Request(
            messages=(self._system, Message("user", fill(self._prompt.user, values))),
            response=self._response,
            max_output_tokens=MAX_OUTPUT_TOKENS,
            seconds=self._seconds,
            temperature=self._temperature,
        )

    def most(self, text_bytes: int) -> TokenUsage:
        """More tokens than the request for a text of so many bytes can take; the text itself is not needed."""
        return TokenUsage(self._empty.input_tokens + text_bytes, self._empty.output_tokens)

    def judge(self, reply: Reply) -> Judgement:
        """What the reply comes to; nothing is guessed from an answer outside the schema."""
        if reply.refusal is not None or reply.finish == "content_filter":
            return Judgement("refusal")
        try:
            found = json.loads(reply.text)
        except (ValueError, RecursionError):
            return Judgement("outside")
        label = found.get("label") if isinstance(found, dict) and set(found) == {"label"} else None
        if label == self._abstain:
            return Judgement("abstain")
        return Judgement("label", label) if label in self._labels else Judgement("outside")


def keep_reply(reply: Reply, judgement: Judgement) -> Reply:
    """What of a reply is stored: the judgement, never the words, which may repeat the item."""
    kept: dict[str, Any] = {"outcome": judgement.outcome}
    if judgement.label is not None:
        kept["label"] = judgement.label
    return replace(reply, text=json.dumps(kept), refusal=None, tool_calls=())


def kept_judgement(kept: Reply) -> Judgement:
    """What `keep_reply` kept."""
    found = json.loads(kept.text)
    return Judgement(found["outcome"], found.get("label"))


def label_schema(labels: tuple[str, ...]) -> dict[str, Any]:
    """The closed schema of an answer."""
    return {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": [*labels, abstain_word(labels)]}},
        "required": ["label"],
        "additionalProperties": False,
    }


def abstain_word(labels: tuple[str, ...]) -> str:
    """The answer that is no label; another word where the policy has a label of that name."""
    word = "abstain"
    while word.casefold() in {label.casefold() for label in labels}:
        word += "_"
    return word


def fence_for(item: str, text: str) -> str:
    """A line that does not occur in the text and cannot be foreseen by whoever wrote it: the same for the same item."""
    round_ = 0
    while True:
        fence = f"{_FENCE} {sha256(f'{round_}|{item}|{text}'.encode()).hexdigest()[:24]}"
        if fence not in text:
            return fence
        round_ += 1
