"""The manifest asks for what the bot uses and for nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from slackbot.check import read_manifest, wanted_scopes

SLACKBOT = Path(__file__).parents[2] / "slackbot"
SCOPES = {
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "assistant_threads_setStatus": {"chat:write"},
    "conversations_info": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "conversations_list": {"channels:read", "groups:read"},
    "conversations_members": {"channels:read", "groups:read", "mpim:read"},
    "conversations_replies": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    "files_getUploadURLExternal": {"files:write"},
    "files_completeUploadExternal": {"files:write"},
    "reactions_add": {"reactions:write"},
    "reactions_remove": {"reactions:write"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "auth_test": set(),
    "apps_connections_open": set(),
}
EVENTS = {
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
}


def test_its_scopes_are_those_of_the_methods_and_events() -> None:
    source = "\n".join(path.read_text("utf-8") for path in SLACKBOT.glob("*.py"))
    used = set(re.findall(r"client\.([a-z]+_[A-Za-z_]+)", source)) | {"conversations_info", "conversations_members"}
    assert used == SCOPES.keys()
    events = set(read_manifest()["settings"]["event_subscriptions"]["bot_events"])
    assert events == EVENTS.keys()
    assert wanted_scopes() == set().union(*SCOPES.values(), *EVENTS.values())


def test_it_holds_no_address_and_no_secret() -> None:
    text = (SLACKBOT / "manifest.json").read_text("utf-8")
    assert "://" not in text
    assert "xox" not in text
    assert read_manifest()["settings"]["socket_mode_enabled"] is True
    assert read_manifest()["settings"]["interactivity"]["is_enabled"] is True
