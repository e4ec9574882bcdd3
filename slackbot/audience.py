"""Who can read a place in Slack, and so whom an answer is for. Decided for all readers, at the moment it is posted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from slackbot.directory import Directory
from slackbot.failures import SlackRefused, call_slack
from tools.access import Asker, Policy
from tools.access.policy import Role

Withheld = Literal["no_role", "reader_without_role", "outsiders", "unreadable"]

_MOST_PAGES = 50
_PAGE = 1000


@dataclass(frozen=True)
class Audience:
    """For whom an answer is made. Equal audiences may see the same.

    Attributes:
        asker: who asks, with the roles of every reader beside.
        private: the asker alone reads.
        withheld: why nothing may be shown there; None when it may.
    """

    asker: Asker
    private: bool
    withheld: Withheld | None = None


def read_audience(directory: Directory, *, channel: str, place: str, person: str) -> Audience:
    """The audience of an answer to `person` in `channel`.

    A direct message is for that person alone. In any other place every member counts, a thread being read by whoever
    reads its channel. Somebody who holds no role is somebody to whom nothing may be shown; so is everybody else where
    the members cannot be read.

    Args:
        directory: who holds which role.
        channel: Slack's id.
        place: `im` for a direct message; anything else is looked up.
        person: Slack's id of the asker.

    Raises:
        TransectError: Slack could not be asked at all (the network, too many calls): to be tried again.
    """
    name = directory.person_of(person)
    try:
        if place == "im":
            return _alone(directory, name, person)
        info = call_slack(directory.client.conversations_info, channel=channel).get("channel") or {}
        if info.get("is_im"):
            return _alone(directory, name, person) if info.get("user") == person else _nobody(name)
        return _of_channel(directory, info, Asker(name, (), surface="slack"), person)
    except SlackRefused:
        return _nobody(name)


def _alone(directory: Directory, name: str, person: str) -> Audience:
    """A direct message."""
    roles = directory.roles_of([person]).get(person, ())
    return Audience(Asker(name, roles, surface="slack"), True, None if roles else "no_role")


def _nobody(name: str) -> Audience:
    """A place whose readers are not known."""
    return Audience(Asker(name, (), surface="slack"), False, "unreadable")


def audience_of(directory: Directory, asker: Asker, *, channel: str) -> Audience:
    """The audience of an answer that nobody in Slack asked for, such as one posted by a job."""
    try:
        info = call_slack(directory.client.conversations_info, channel=channel).get("channel") or {}
        if info.get("is_im"):
            return _with_readers(directory, asker, directory.roles_of([str(info.get("user"))]), ())
        return _of_channel(directory, info, asker, None)
    except SlackRefused:
        return Audience(asker, False, "unreadable")


def _of_channel(directory: Directory, info: dict[str, Any], asker: Asker, person: str | None) -> Audience:
    """All members, and those who may come in unseen: the other side of a shared channel, everyone for a public one."""
    settings = directory.workspace.settings.slack
    members = _members(directory, str(info.get("id") or ""))
    if members is None:
        return Audience(asker, False, "unreadable")
    readers = directory.roles_of(members | {person} if person is not None else members)
    if person is not None:
        asker = Asker(asker.person, readers.pop(person, ()), surface="slack")
        if not asker.roles:
            return Audience(asker, False, "no_role")
    besides: list[str | None] = []
    if info.get("is_ext_shared") or info.get("is_pending_ext_shared"):
        besides.append(settings.guest_role)
        if settings.guest_role is None:
            return Audience(asker, False, "outsiders")
    public = not (info.get("is_private") or info.get("is_mpim") or info.get("is_group"))
    if public and settings.public_channels == "everyone":
        besides.append(settings.member_role)
    return _with_readers(directory, asker, readers, besides)


def _with_readers(
    directory: Directory, asker: Asker, readers: dict[str, tuple[str, ...]], besides: Iterable[str | None]
) -> Audience:
    held = [*readers.values(), *((role,) if role is not None else () for role in besides)]
    if not all(held):
        return Audience(asker, False, "reader_without_role")
    policy = directory.workspace.settings.access
    roles = sorted({role for each in held for role in broadest(each, policy)})
    return Audience(Asker(asker.person, asker.roles, tuple(roles), surface="slack"), False)


def _members(directory: Directory, channel: str) -> set[str] | None:
    """Slack's ids of all members; None when there is no end to them."""
    found: set[str] = set()
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = call_slack(directory.client.conversations_members, channel=channel, cursor=cursor, limit=_PAGE)
        found |= {str(user) for user in page.get("members") or ()}
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "") or None
        if cursor is None:
            return found or None
    return None


def broadest(roles: tuple[str, ...], policy: Policy) -> tuple[str, ...]:
    """One of the roles when it allows whatever the others do, else all: every role of an audience must allow."""
    known = [(name, policy.roles[name]) for name in roles if name in policy.roles]
    for name, role in known:
        if len(known) == len(roles) and all(_allows_as_much(role, other) for _, other in known):
            return (name,)
    return roles


def _allows_as_much(role: Role, other: Role) -> bool:
    """Whether everything `other` may see, `role` may see, in cells at least as small."""

    def lower(names: Iterable[str]) -> set[str]:
        return {name.lower() for name in names}

    tables, denied = lower(other.tables), lower(role.deny_columns)
    return (
        tables <= lower(role.tables)
        and {column for column in denied if column.rpartition(".")[0] in tables} <= lower(other.deny_columns)
        and lower(other.functions) <= lower(role.functions)
        and role.min_cell <= other.min_cell
    )
