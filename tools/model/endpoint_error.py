"""Every exception of the client as a ModelError: what went wrong, and whether the model may have worked for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tools.model.protocol import ModelError, ModelErrorKind

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAIError

_WORD = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_Meaning = tuple[ModelErrorKind, bool, str, str]
# status: (kind, may have been sent, what it means, what to do). Any other 4xx is bad_request, any other 5xx server.
_STATUS: dict[int, _Meaning] = {
    401: ("not_permitted", False, "does not accept the key", "Check the variable that model.api_key_env names."),
    402: ("not_permitted", False, "wants a payment first", "Look at the account of the endpoint."),
    403: (
        "not_permitted",
        False,
        "does not permit this key to use the model",
        "Ask for access, or name another model.",
    ),
    404: ("bad_request", False, "does not know the model or the path", "Check model.name and model.base_url."),
    408: ("timeout", False, "gave up waiting for the request", "Try again."),
    409: ("server", True, "says that the request conflicts with another", "Try again."),
    413: ("bad_request", False, "says that the request is too large", "Shorten what is sent."),
    429: ("rate_limited", False, "says that there were too many requests", "Wait, or ask for a higher limit."),
    503: ("server", False, "is overloaded or down", "Try again later."),
    529: ("server", False, "is overloaded", "Try again later."),
}
_SERVER: _Meaning = ("server", True, "failed", "Try again later.")
_BAD_REQUEST: _Meaning = ("bad_request", False, "does not accept the request", "Check that it takes what is sent.")


def endpoint_error(error: OpenAIError, *, model: str, seconds: float) -> ModelError:
    """The client's exception as one of ours.

    Only connections that were never made, and answers that refuse the request, are certain not to have been billed; a
    connection lost after the request left, an answer that did not come in time and 5xx are not. Of the endpoint's own
    words only short codes are kept: an error may quote the prompt.
    """
    import openai  # start-up

    if isinstance(error, openai.APIStatusError):
        return _of_status(error, model)
    if isinstance(error, openai.APIConnectionError):
        sent = not isinstance(error.__cause__, _never_left())
        if isinstance(error, openai.APITimeoutError):
            return ModelError(
                f"The model {model!r} did not answer within {seconds:g} seconds."
                if sent
                else f"The endpoint of the model {model!r} could not be reached in time.",
                kind="timeout" if sent else "unreachable",
                sent=sent,
                value=model,
                hint="Try again, or allow more time." if sent else "Check model.base_url and the network.",
            )
        return ModelError(
            f"The connection to the model {model!r} broke before it had answered."
            if sent
            else f"The endpoint of the model {model!r} cannot be reached.",
            kind="unreachable",
            sent=sent,
            value=model,
            hint="Try again." if sent else "Check model.base_url and the network, and that the server runs.",
        )
    return ModelError(
        f"The client of the model {model!r} failed: {type(error).__name__}.", kind="server", sent=True, value=model
    )


def _of_status(error: APIStatusError, model: str) -> ModelError:
    """An answer that is an error."""
    status = error.status_code
    kind, sent, what, hint = _STATUS.get(status, _SERVER if status >= 500 else _BAD_REQUEST)
    codes = [word for word in (error.code, error.type, error.param) if word and _WORD.fullmatch(word)]
    if status == 429 and "insufficient_quota" in codes:
        kind, what, hint = "not_permitted", "says that the account has no money left", "Look at the account."
    detail = f"HTTP {status}" + "".join(f", {word}" for word in dict.fromkeys(codes))
    return ModelError(
        f"The endpoint of the model {model!r} {what} ({detail}).",
        kind=kind,
        sent=sent,
        retry_after_seconds=_retry_after(error) if status in (429, 503, 529) else None,
        value=model,
        hint=hint,
    )


def _never_left() -> tuple[type[Exception], ...]:
    """Exceptions of the client's transport that come before a byte of the request was written."""
    import httpx2  # start-up

    return (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.PoolTimeout,
        httpx2.ProxyError,
        httpx2.UnsupportedProtocol,
        httpx2.LocalProtocolError,
    )


def _retry_after(error: APIStatusError) -> float | None:
    """How long the endpoint asks to wait: `retry-after-ms`, or `retry-after` as seconds or as a date."""
    headers = error.response.headers
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * scale
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        at = parsedate_to_datetime(headers.get("retry-after", ""))
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)
        return max((at - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
