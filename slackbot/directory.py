"""Who is who in Slack: which roles a person holds, by mapping and by user group, asked anew for every decision."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slackbot.connect import Identity
from slackbot.failures import call_slack
from tools.workspace import Workspace

if TYPE_CHECKING:
    from slack_sdk import WebClient

_KEEP_SECONDS = 600.0  # how long it is remembered that somebody is a guest or a bot; groups are never remembered


@dataclass(frozen=True)
class Member:
    """What Slack says of somebody.

    Attributes:
        counts: a person who can read; false for apps of this workspace and for accounts that are closed.
        outside: a guest, or from another organisation.
    """

    counts: bool
    outside: bool


@dataclass
class Directory:
    """Roles by Slack's ids.

    Attributes:
        workspace: its `[slack]` part maps people and groups to roles.
        client: to ask Slack.
        identity: the bot, which is no reader.
    """

    workspace: Workspace
    client: WebClient
    identity: Identity
    _members: dict[str, tuple[float, Member]] = field(default_factory=dict)

    def roles_of(self, users: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Each one's roles; none for somebody who holds none. Apps, closed accounts and the bot are left out.

        Raises:
            TransectError: Slack cannot be asked, so nothing is known.
        """
        settings = self.workspace.settings.slack
        grouped = self._group_roles()
        found: dict[str, tuple[str, ...]] = {}
        for user in sorted(set(users) - {self.identity.user}):
            own = settings.people[user].roles if user in settings.people else ()
            roles = tuple(dict.fromkeys((*own, *grouped.get(user, ()))))
            if roles or user in settings.people:
                found[user] = roles
                continue
            member = self._member(user)
            if member.counts:
                role = settings.guest_role if member.outside else settings.member_role
                found[user] = (role,) if role is not None else ()
        return found

    def person_of(self, user: str) -> str:
        """The name that the audit and approvals know somebody by; Slack's id where none is given."""
        known = self.workspace.settings.slack.people.get(user)
        return known.person if known is not None and known.person else user

    def _group_roles(self) -> dict[str, list[str]]:
        """The roles that each person holds through user groups."""
        found: dict[str, list[str]] = {}
        for group, held in self.workspace.settings.slack.groups.items():
            listed = call_slack(self.client.usergroups_users_list, usergroup=group)
            for user in listed.get("users") or ():
                found.setdefault(str(user), []).extend(held.roles)
        return found

    def _member(self, user: str) -> Member:
        """What Slack says of somebody, remembered for ten minutes."""
        kept = self._members.get(user)
        if kept is not None and time.monotonic() - kept[0] < _KEEP_SECONDS:
            return kept[1]
        member = _read_member(call_slack(self.client.users_info, user=user).get("user") or {}, self.identity)
        self._members[user] = (time.monotonic(), member)
        return member


def _read_member(user: dict[str, Any], identity: Identity) -> Member:
    """Whoever is not plainly a full member of the bot's own workspace counts as from outside."""
    elsewhere = bool(user.get("is_stranger")) or str(user.get("team_id") or "") != identity.team
    guest = bool(user.get("is_restricted")) or bool(user.get("is_ultra_restricted"))
    own_app = bool(user.get("is_bot")) and not elsewhere
    return Member(counts=not (own_app or user.get("deleted")), outside=elsewhere or guest)
