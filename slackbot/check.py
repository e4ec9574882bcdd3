"""`transect slack check`: is everything in place for the bot, with a fix for every fault."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from agent.cli.checks import Check
from slackbot.connect import API_URL_VARIABLE, Identity, api_url, open_client, read_secret, who_am_i
from slackbot.failures import call_slack
from slackbot.http_server import HEALTH
from slackbot.inbox import count_by_status
from tools.errors import TransectError
from tools.state import open_state
from tools.workspace import Workspace

if TYPE_CHECKING:
    from slack_sdk import WebClient

_SECONDS = 5
_MOST_PEOPLE = 50


def check_slack(workspace: Workspace) -> Iterator[Check]:
    """Every check, those that need Slack only when the token works."""
    yield from _check_secrets(workspace)
    yield from _check_mapping(workspace)
    yield from _check_inbox(workspace)
    yield from _check_listener(workspace)
    try:
        client = open_client(workspace, timeout=_SECONDS)
        identity = who_am_i(client)
    except TransectError as error:
        if error.code != "no_secret":  # said above
            yield Check("token", "fail", error.message, _fix(error))
        return
    yield Check("token", "ok", f"Slack knows the bot as {identity.user} in team {identity.team}, at {api_url()}")
    yield _check_scopes(identity)
    yield from _check_groups(workspace, client)
    yield from _check_people(workspace, client)
    yield from _check_members(client)
    if workspace.settings.slack.mode == "socket":
        yield from _check_socket(workspace, client)


def read_manifest() -> dict[str, Any]:
    """The app manifest that ships with the bot."""
    found: dict[str, Any] = json.loads((files("slackbot") / "manifest.json").read_text("utf-8"))
    return found


def wanted_scopes() -> set[str]:
    """The bot scopes of the manifest."""
    return set(read_manifest()["oauth_config"]["scopes"]["bot"])


def _check_secrets(workspace: Workspace) -> Iterator[Check]:
    needed = ["bot_token", "app_token" if workspace.settings.slack.mode == "socket" else "signing_secret"]
    for kind in needed:
        try:
            read_secret(workspace, kind)
        except TransectError as error:
            yield Check("secrets", "fail", error.message, error.hint)
        else:
            yield Check("secrets", "ok", f"{getattr(workspace.settings.slack, kind + '_env')} is set")


def _check_mapping(workspace: Workspace) -> Iterator[Check]:
    settings = workspace.settings.slack
    mapped = f"{len(settings.people)} people and {len(settings.groups)} user groups are mapped to roles"
    if not settings.people and not settings.groups and settings.member_role is None:
        fix = "Map people or user groups in [slack] of transect.toml, or set slack.member_role."
        yield Check("roles", "warn", "nobody holds a role, so every question is declined", fix)
    else:
        yield Check("roles", "ok", mapped)
    if settings.public_channels == "members":
        fix = 'Set slack.public_channels = "everyone" to count everybody who could open one.'
        yield Check("public channels", "warn", "their members count as readers; others could open them", fix)
    unnamed = [user for user, person in settings.people.items() if not person.person]
    if unnamed:
        fix = "Add person = to each, so that the audit names them and they can approve studies."
        yield Check("people", "warn", f"without a name: {', '.join(unnamed[:5])}", fix)


def _check_inbox(workspace: Workspace) -> Iterator[Check]:
    try:
        counts = count_by_status(open_state(workspace))
    except TransectError as error:
        yield Check("inbox", "fail", error.message, error.hint)
        return
    waiting = counts.get("waiting", 0) + counts.get("working", 0)
    said = f"{waiting} open, {counts.get('done', 0)} done, {counts.get('failed', 0)} given up"
    if counts.get("failed"):
        fix = "The table slack_inbox of the state store names the reason of each (column outcome)."
        yield Check("inbox", "warn", said, fix)
    else:
        yield Check("inbox", "ok", said)


def _check_listener(workspace: Workspace) -> Iterator[Check]:
    settings = workspace.settings.slack
    if settings.mode != "http":
        return
    address = f"http://{settings.host}:{settings.port}{HEALTH}"
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS):
            yield Check("listener", "ok", f"answers at {settings.host}:{settings.port}")
    except (urllib.error.URLError, OSError, ValueError):
        fix = "Start it with transect slack run --listen, and let Slack's requests through to it."
        yield Check("listener", "warn", f"nothing answers at {settings.host}:{settings.port}", fix)


def _check_scopes(identity: Identity) -> Check:
    wanted = wanted_scopes()
    if identity.scopes is None:
        return Check("scopes", "warn", "Slack does not say which scopes the token has", f"It needs {_some(wanted)}.")
    if missing := wanted - identity.scopes:
        fix = "Add them under OAuth & Permissions, or import slackbot/manifest.json anew, and reinstall the app."
        return Check("scopes", "fail", f"missing: {_some(missing)}", fix)
    if more := identity.scopes - wanted:
        return Check("scopes", "warn", f"not needed: {_some(more)}", "Take them away: the bot never uses them.")
    return Check("scopes", "ok", f"the token has the {len(wanted)} scopes of the manifest and no other")


def _check_groups(workspace: Workspace, client: WebClient) -> Iterator[Check]:
    for group in workspace.settings.slack.groups:
        try:
            found = call_slack(client.usergroups_users_list, usergroup=group).get("users") or []
        except TransectError as error:
            fix = f"Correct [slack.groups.{group}]; the bot needs the scope usergroups:read."
            yield Check("groups", "fail", f"the members of {group} cannot be read: {error.message}", fix)
        else:
            yield Check("groups", "ok", f"{group} has {len(found)} members")


def _check_people(workspace: Workspace, client: WebClient) -> Iterator[Check]:
    unknown = []
    for user in list(workspace.settings.slack.people)[:_MOST_PEOPLE]:
        try:
            if call_slack(client.users_info, user=user).get("user", {}).get("deleted"):
                unknown.append(user)
        except TransectError:
            unknown.append(user)
    if unknown:
        yield Check("people", "warn", f"unknown to Slack, or closed: {_some(unknown)}", "Correct slack.people.")


def _check_members(client: WebClient) -> Iterator[Check]:
    """One channel that the bot is in, read as the audience of an answer would be."""
    try:
        page = call_slack(client.conversations_list, types="public_channel,private_channel", limit=200)
        ours = [found for found in page.get("channels") or () if found.get("is_member")]
        if not ours:
            yield Check("members", "warn", "the bot is in no channel", "Invite it: /invite @transect in a channel.")
            return
        for name in ("conversations_info", "conversations_members"):
            call_slack(getattr(client, name), channel=str(ours[0]["id"]))
        yield Check("members", "ok", "the members of a channel can be read")
    except TransectError as error:
        yield Check("members", "fail", f"the members of a channel cannot be read: {error.message}", _fix(error))


def _check_socket(workspace: Workspace, client: WebClient) -> Iterator[Check]:
    try:
        token = read_secret(workspace, "app_token")
        call_slack(client.apps_connections_open, app_token=token)
        yield Check("socket mode", "ok", "a connection can be opened")
    except TransectError as error:
        if error.code != "no_secret":
            fix = "The app-level token needs connections:write, and the app Socket Mode switched on."
            yield Check("socket mode", "fail", error.message, fix)


def _fix(error: TransectError) -> str:
    if error.code == "slack_unreachable":
        return f"Check the network, and {API_URL_VARIABLE} where it is set."
    return error.hint or "docs/slack.md says how the app is set up."


def _some(names: Any) -> str:
    return ", ".join(sorted(names))
