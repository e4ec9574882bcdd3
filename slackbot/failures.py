"""What a call to Slack can come to, told apart by the one thing that matters: did it happen?

TransectError
  SlackRefused       it did not happen and will not: Slack said why
  SlackRateLimited   it did not happen; again after `retry_after` seconds
  SlackUnreachable   nothing left this machine
  SlackUnclear       it may have happened: a time-out, a broken connection, an error inside Slack
"""

from __future__ import annotations

import http.client
import socket
import urllib.error
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tools.errors import TransectError

if TYPE_CHECKING:
    from slack_sdk.web import SlackResponse


class SlackRefused(TransectError):
    """Slack answered with an error; `reason` is Slack's word for it."""

    code = "slack_refused"

    def __init__(self, method: str, reason: str, *, needed: str = "") -> None:
        hint = f"The app needs the scope {needed}." if needed else f"Slack describes {reason} under {method}."
        super().__init__(f"Slack refused {method}: {reason}.", value=reason, hint=hint)
        self.reason = reason


class SlackRateLimited(TransectError):
    """Too many calls."""

    code = "slack_rate_limited"

    def __init__(self, method: str, retry_after: float) -> None:
        super().__init__(f"Slack asks to wait {retry_after:g} s before {method}.", value=retry_after)
        self.retry_after = retry_after


class SlackUnreachable(TransectError):
    """No connection was made."""

    code = "slack_unreachable"

    def __init__(self, method: str, why: str) -> None:
        super().__init__(f"Slack cannot be reached for {method}: {why}.", hint="Check the network and SLACK_API_URL.")


class SlackUnclear(TransectError):
    """Nobody can tell whether it happened."""

    code = "slack_unclear"

    def __init__(self, method: str, why: str) -> None:
        super().__init__(f"It is not known what came of {method}: {why}.")


_LONGEST_WAIT = 3600.0
_INSIDE_SLACK = {"fatal_error", "internal_error", "service_unavailable", "request_timeout"}


def call_slack(method: Callable[..., SlackResponse], **arguments: Any) -> dict[str, Any]:
    """Slack's answer as a dict.

    Args:
        method: of a `WebClient` without retry handlers, which would send a second time after a broken connection.
        arguments: of the method; None is left out.

    Raises:
        SlackRefused, SlackRateLimited, SlackUnreachable, SlackUnclear: as above.
    """
    data = call_for_response(method, **arguments).data
    return dict(data) if isinstance(data, dict) else {}


def call_for_response(method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
    """As `call_slack`, with the headers of the answer."""
    from slack_sdk.errors import SlackApiError, SlackClientError  # start-up

    name = method.__name__.replace("_", ".", 1)
    try:
        return method(**{key: value for key, value in arguments.items() if value is not None})
    except SlackApiError as error:
        raise _told(name, error.response) from None
    except SlackClientError as error:
        raise SlackUnclear(name, type(error).__name__) from None
    except urllib.error.URLError as error:
        raise _unsent(name, error.reason) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unsent(name, error) from None


def _told(name: str, response: Any) -> TransectError:
    """What Slack's own answer means."""
    status = int(getattr(response, "status_code", 200))
    data = response.data if isinstance(getattr(response, "data", None), dict) else {}
    reason = str(data.get("error") or f"http_{status}")
    if status == http.client.TOO_MANY_REQUESTS or reason in ("ratelimited", "rate_limited"):
        return SlackRateLimited(name, _retry_after(getattr(response, "headers", {})))
    if status >= http.client.INTERNAL_SERVER_ERROR or reason in _INSIDE_SLACK:
        return SlackUnclear(name, reason if len(reason) < 40 else f"http_{status}")
    if status == http.client.NOT_FOUND:
        reason = "unknown_method"
    return SlackRefused(name, reason if len(reason) < 80 else f"http_{status}", needed=str(data.get("needed") or ""))


def _retry_after(headers: Any) -> float:
    """Seconds to wait; 1 where Slack does not say."""
    given = {str(key).lower(): value for key, value in dict(headers or {}).items()}.get("retry-after", "1")
    try:
        return min(max(float(given[0] if isinstance(given, list) else given), 0.0), _LONGEST_WAIT)
    except ValueError:
        return 1.0


def _unsent(name: str, cause: object) -> TransectError:
    """A connection that was never made sent nothing; one that broke may have."""
    if isinstance(cause, ConnectionRefusedError | socket.gaierror):
        return SlackUnreachable(name, getattr(cause, "strerror", None) or type(cause).__name__)
    return SlackUnclear(name, type(cause).__name__ if isinstance(cause, BaseException) else str(cause)[:80])
