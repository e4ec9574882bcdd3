"""One protocol for every model: a request in, a reply out, one attempt a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tools.errors import TransectError

ModelErrorKind = Literal["timeout", "rate_limited", "unreachable", "not_permitted", "bad_request", "server"]


@dataclass(frozen=True)
class ToolCall:
    """A tool that the model wants called; `arguments` is the JSON text as it wrote it, not yet checked."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ToolSpec:
    """A tool that the model may call; `parameters` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Message:
    """One message of a conversation; `tool_call_id` belongs to the role tool, `tool_calls` to assistant."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True)
class ResponseFormat:
    """A closed JSON Schema that the reply's text must follow."""

    name: str
    schema: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one attempt asks.

    Attributes:
        messages: the conversation, oldest first.
        tools: what may be called; none means text alone. tools_required: one of them must be.
        response: the schema of the text; None means prose.
        max_output_tokens: the most that may be written.
        seconds: when to give up waiting.
        temperature: None leaves it to the endpoint; some models take no other.
        idempotency_key: sent along for endpoints that recognise a repeat by it; "" sends none.
    """

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    tools_required: bool = False
    response: ResponseFormat | None = None
    max_output_tokens: int = 1024
    seconds: float = 60.0
    temperature: float | None = None
    idempotency_key: str = ""


@dataclass(frozen=True)
class TokenUsage:
    """Tokens that an attempt was billed for, as the endpoint says; 0 where it does not."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back.

    Attributes:
        text: what the model wrote; "" when it called tools alone.
        tool_calls: what it wants called.
        refusal: its words when it would not answer; None when it did.
        finish: why it stopped.
        usage: tokens.
        served_by: the model as the endpoint names it.
        request_id: the endpoint's id of this attempt; "" where it gives none.
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish: Literal["stop", "length", "tool_calls", "content_filter"] = "stop"
    usage: TokenUsage = TokenUsage()
    served_by: str = ""
    request_id: str = ""


class Model(Protocol):
    """A model. `complete` is one attempt: it never tries again by itself and keeps no state."""

    @property
    def name(self) -> str:
        """What the settings call it."""
        ...

    def complete(self, request: Request) -> Reply:
        """Ask once.

        Raises:
            ModelError: no reply; its kind says whether another try may help, `sent` whether one may have been billed.
        """
        ...


class ModelError(TransectError):
    """An attempt without a reply.

    Attributes:
        kind: what went wrong.
        sent: False when it is certain that the model did no work (refused connection, 400, 401, 429, 503); True when it
            may have, so that another try may be billed again.
        retry_after_seconds: how long the endpoint asks to wait; None when it does not say.
    """

    code = "model_failed"

    def __init__(
        self,
        message: str,
        *,
        kind: ModelErrorKind,
        sent: bool,
        retry_after_seconds: float | None = None,
        hint: str = "",
        value: Any = None,
    ) -> None:
        super().__init__(message, code=f"model_{kind}", value=value, hint=hint)
        self.kind: ModelErrorKind = kind
        self.sent = sent
        self.retry_after_seconds = retry_after_seconds
