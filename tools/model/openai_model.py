"""A model behind any endpoint that speaks OpenAI's chat completions. Importing this imports openai."""

from __future__ import annotations

import logging
from typing import Any

import httpx2
import openai

from tools.model.endpoint_error import endpoint_error
from tools.model.prices import is_local
from tools.model.protocol import Message, Reply, Request
from tools.model.read_completion import read_completion

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"  # endpoints on this machine want no key, but the client wants one
_CONNECT_SECONDS = 10.0


class OpenAIModel:
    """One model of one endpoint; safe to use from several threads. `complete` is one attempt: the client never repeats.

    The client's `post` is used as it stands: `chat.completions.create` would walk every message and build a model of
    the reply, which is half of a call's CPU and nothing that is needed here.

    Args:
        name: the model, as the endpoint calls it.
        base_url: the endpoint; empty means OpenAI.
        api_key: the key; None where the endpoint wants none.
    """

    def __init__(self, name: str, *, base_url: str = "", api_key: str | None = None) -> None:
        logging.getLogger("openai").setLevel(logging.WARNING)  # at debug it would write prompts, and so item texts
        self._name = name
        self._local = is_local(base_url)
        # A proxy has no business between this process and its own machine.
        http_client = openai.DefaultHttpxClient(trust_env=False) if self._local else None
        self._client = openai.OpenAI(
            base_url=base_url or OPENAI_URL, api_key=api_key or NO_KEY, max_retries=0, http_client=http_client
        )

    @property
    def name(self) -> str:
        return self._name

    def complete(self, request: Request) -> Reply:
        """Ask once.

        Raises:
            ModelError: no reply, or one that is no chat completion. Its words are ours alone: what an endpoint writes
                into an error may repeat the prompt.
        """
        options: openai.RequestOptions = {
            "timeout": openai.Timeout(request.seconds, connect=min(request.seconds, _CONNECT_SECONDS))
        }
        if request.idempotency_key:
            options["headers"] = {"Idempotency-Key": request.idempotency_key}
        try:
            response = self._client.post(
                "/chat/completions", cast_to=httpx2.Response, body=self._body(request), options=options
            )
        except openai.OpenAIError as error:
            raise endpoint_error(error, model=self._name, seconds=request.seconds) from None
        return read_completion(response.content, request_id=response.headers.get("x-request-id", ""))

    def _body(self, request: Request) -> dict[str, Any]:
        """The request as the interface has it."""
        body: dict[str, Any] = {"model": self._name, "messages": [_message(each) for each in request.messages]}
        body["max_completion_tokens"] = request.max_output_tokens
        if self._local:  # servers on one's own machine often know the older name alone; OpenAI refuses both at once
            body["max_tokens"] = request.max_output_tokens
        if request.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": each.name, "description": each.description, "parameters": each.parameters},
                }
                for each in request.tools
            ]
        if request.response is not None:
            schema = {"name": request.response.name, "strict": True, "schema": request.response.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        if request.temperature is not None:
            body["temperature"] = request.temperature
        return body


def _message(message: Message) -> dict[str, Any]:
    """One message as the interface has it."""
    found: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        found["tool_calls"] = [
            {"id": each.id, "type": "function", "function": {"name": each.name, "arguments": each.arguments}}
            for each in message.tool_calls
        ]
        found["content"] = message.content or None
    if message.tool_call_id is not None:
        found["tool_call_id"] = message.tool_call_id
    return found
