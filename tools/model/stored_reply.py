"""A Reply as JSON and back, for the store; and what of a request may be kept there."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from tools.model.protocol import Reply, Request, TokenUsage, ToolCall


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """Every field of it."""
    return asdict(reply)


def reply_from_json(stored: dict[str, Any]) -> Reply:
    """What `reply_to_json` wrote."""
    calls = tuple(ToolCall(**each) for each in stored["tool_calls"])
    return Reply(**{**stored, "tool_calls": calls, "usage": TokenUsage(**stored["usage"])})


def describe_request(request: Request, *, model: str) -> dict[str, Any]:
    """A request without its words: its hash, and what else tells calls apart."""
    return {
        "model": model,
        "hash": request_hash(request),
        "messages": len(request.messages),
        "tools": [each.name for each in request.tools],
        "response": request.response.name if request.response else None,
        "max_output_tokens": request.max_output_tokens,
    }


def request_hash(request: Request) -> str:
    """sha256 of what is asked, whatever the idempotency key and the patience."""
    asked = asdict(request)
    del asked["idempotency_key"], asked["seconds"]
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
