"""The bytes of a chat completion as a Reply: strict about what we use, blind to the rest."""

from __future__ import annotations

import json
from typing import Any, Literal

from tools.model.protocol import ModelError, Reply, TokenUsage, ToolCall

Finish = Literal["stop", "length", "tool_calls", "content_filter"]
_FINISH: dict[Any, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def read_completion(content: bytes, *, request_id: str) -> Reply:
    """The first choice of a completion.

    Raises:
        ModelError: not JSON, or no completion. It was answered, so it may have been billed.
    """
    try:
        found = json.loads(content)
        choice = found["choices"][0]
        message = choice["message"]
        calls = tuple(_tool_call(each) for each in message.get("tool_calls") or ())
        text, refusal = message.get("content") or "", message.get("refusal") or None
        if not isinstance(text, str) or not isinstance(refusal, str | None):
            raise TypeError
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise ModelError(
            "The endpoint answered with something that is no chat completion.",
            kind="server",
            sent=True,
            hint="Check that model.base_url speaks OpenAI's chat completions (its path often ends in /v1).",
        ) from None
    return Reply(
        text=text,
        tool_calls=calls,
        refusal=refusal,
        finish=_FINISH.get(choice.get("finish_reason"), "tool_calls" if calls else "stop"),
        usage=_usage(found.get("usage")),
        served_by=str(found.get("model") or ""),
        request_id=request_id or str(found.get("id") or ""),
    )


def _tool_call(call: Any) -> ToolCall:
    function = call["function"]
    arguments = function.get("arguments") or "{}"
    if not isinstance(arguments, str):  # some servers send the object itself
        arguments = json.dumps(arguments)
    return ToolCall(str(call.get("id") or ""), str(function["name"]), arguments)


def _usage(usage: Any) -> TokenUsage:
    """0 where the endpoint does not say."""
    if not isinstance(usage, dict):
        return TokenUsage()
    read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return TokenUsage(read if isinstance(read, int) else 0, written if isinstance(written, int) else 0)
