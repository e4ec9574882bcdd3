"""The way to Slack: a client for the workspace's token, and who the bot is there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.failures import call_for_response
from tools.errors import InvalidInput
from tools.workspace import Workspace
from tools.workspace.environment import read_variable

if TYPE_CHECKING:
    from slack_sdk import WebClient

API_URL_VARIABLE = "SLACK_API_URL"
LOG = logging.getLogger("transect.slack")
BOLT_LOG = logging.getLogger("transect.slack.library")
BOLT_LOG.setLevel(logging.ERROR)  # at lower levels the libraries log what people write


@dataclass(frozen=True)
class Identity:
    """The bot as Slack knows it, and the scopes that Slack says its token has (None when it does not say)."""

    team: str
    user: str
    bot: str
    app: str
    scopes: frozenset[str] | None


def read_secret(workspace: Workspace, kind: str) -> str:
    """The secret whose variable `slack.<kind>_env` names.

    Raises:
        InvalidInput: the variable is unset.
    """
    name = str(getattr(workspace.settings.slack, f"{kind}_env"))
    value = read_variable(name)
    if value is None:
        words = kind.replace("_", " ")
        raise InvalidInput(
            f"The variable {name} with Slack's {words} is not set.",
            code="no_secret",
            value=name,
            hint=f"Set {name}, or name another variable in slack.{kind}_env; docs/slack.md says where Slack shows it.",
            where="transect.toml",
        )
    return value


def api_url() -> str:
    """Where Slack's Web API is: SLACK_API_URL, or Slack itself."""
    from slack_sdk import WebClient  # start-up

    return read_variable(API_URL_VARIABLE) or str(WebClient.BASE_URL)


def open_client(workspace: Workspace, *, timeout: int = 10) -> WebClient:
    """A client that sends every call once: after a broken connection it must be looked up, not sent again."""
    from slack_sdk import WebClient  # start-up

    token = read_secret(workspace, "bot_token")
    return WebClient(token=token, base_url=api_url(), timeout=timeout, retry_handlers=[], logger=BOLT_LOG)


def who_am_i(client: WebClient) -> Identity:
    """The bot's ids. Raises what `call_slack` raises."""
    found = call_for_response(client.auth_test)
    given = {str(key).lower(): value for key, value in dict(found.headers or {}).items()}.get("x-oauth-scopes")
    scopes = None if given is None else frozenset(str(given).replace(" ", "").split(","))
    named = {key: str(found.get(f"{key}_id") or "") for key in ("team", "user", "bot", "app")}
    return Identity(**named, scopes=scopes)
