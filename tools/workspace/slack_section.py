"""The `[slack]` part of transect.toml: how the bot runs, and which role each person of the Slack workspace holds."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StrictStr

from tools.workspace.number import Number

_USER = re.compile(r"[UW][A-Z0-9]{2,}\Z")
_GROUP = re.compile(r"S[A-Z0-9]{2,}\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _check_user(value: str) -> str:
    if not _USER.match(value):
        raise ValueError(f"{value!r} is not a Slack member id such as U024BE7LH (profile, three dots, Copy member ID)")
    return value


def _check_group(value: str) -> str:
    if not _GROUP.match(value):
        raise ValueError(f"{value!r} is not the id of a Slack user group such as S0614TZR7")
    return value


def _check_variable(value: str) -> str:
    if not _VARIABLE.match(value) or value.startswith(("xoxb-", "xapp-")):
        raise ValueError("must be the name of an environment variable; the secret itself does not belong in a file")
    return value


RoleName = Annotated[StrictStr, Field(min_length=1)]
UserId = Annotated[StrictStr, AfterValidator(_check_user)]
GroupId = Annotated[StrictStr, AfterValidator(_check_group)]
VariableName = Annotated[StrictStr, AfterValidator(_check_variable)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, allow_inf_nan=False)


class SlackPerson(_Part):
    """One person: the name that the audit and approvals know them by, and roles beside those of their groups."""

    person: StrictStr = ""
    roles: tuple[RoleName, ...] = ()


class SlackGroup(_Part):
    """A Slack user group: the roles that each of its members holds."""

    roles: Annotated[tuple[RoleName, ...], Field(min_length=1)]


class SlackSection(_Part):
    """How the bot is reached, who holds which role, and how long things wait. Secrets are named, never given.

    Attributes:
        mode: `socket` needs no public address; `http` is called by Slack at `host`:`port`.
        people, groups: by Slack's ids. Who is in neither holds no role, unless one of the next two says so.
        member_role: the role of a full member of the Slack workspace who is not mapped.
        guest_role: the role of a guest, and of anyone from another organisation, who is not mapped.
        public_channels: who counts as a reader of a public channel: its members, or everyone who could open it.
        workers: processes that answer.
        choice_hours: how long the buttons of a question asked back can be pressed.
        lease_seconds: after so long without a sign of life, a dead worker's message is taken by another.
    """

    mode: Literal["socket", "http"] = "socket"
    host: Annotated[StrictStr, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[StrictInt, Field(ge=0, le=65535)] = 3000
    bot_token_env: VariableName = "SLACK_BOT_TOKEN"
    signing_secret_env: VariableName = "SLACK_SIGNING_SECRET"
    app_token_env: VariableName = "SLACK_APP_TOKEN"
    people: dict[UserId, SlackPerson] = Field(default_factory=dict)
    groups: dict[GroupId, SlackGroup] = Field(default_factory=dict)
    member_role: RoleName | None = None
    guest_role: RoleName | None = None
    public_channels: Literal["members", "everyone"] = "members"
    workers: Annotated[StrictInt, Field(ge=1, le=64)] = 2
    choice_hours: Annotated[Number, Field(gt=0)] = 24
    lease_seconds: Annotated[Number, Field(ge=1)] = 15

    def roles_named(self) -> list[tuple[tuple[str, ...], str]]:
        """Every role that is named, with the keys under which it stands."""
        named = [(("people", user, "roles"), role) for user, person in self.people.items() for role in person.roles]
        named += [(("groups", group, "roles"), role) for group, held in self.groups.items() for role in held.roles]
        single = (("member_role", self.member_role), ("guest_role", self.guest_role))
        return named + [((key,), role) for key, role in single if role is not None]
