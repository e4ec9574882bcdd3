"""docs/settings.md: every key of transect.toml with its default, from `tools.workspace.settings`; a test compares."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tools.access.policy import Role
from tools.workspace.settings import Settings
from tools.workspace.slack_section import SlackGroup, SlackPerson

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
INTRODUCTION = """# Settings

Every key of `transect.toml`, the file at the root of a workspace, with its default. Any key, and any section, may be
left out. An unknown key is an error that names its line and the nearest key.

Written by `make docs` from `tools/workspace/settings.py`; a test compares.
"""
WHAT_IT_IS = {
    "workspace.name": "a name for people",
    "workspace.timezone": "IANA name of the zone in which days, weeks and months begin",
    "workspace.today": "freezes relative dates such as “last week”; without it the clock counts",
    "workspace.fiscal_year_start": "month (1 to 12) that financial years begin in; without it no fiscal period is read",
    "warehouse.url": "the data: `duckdb:` and a path from the workspace; opened read-only",
    "warehouse.content": "item texts in a file of their own; no SQL text ever reaches it",
    "state.url": "our own records: `sqlite:` and a path, or `postgresql+psycopg://...`",
    "model.name": "plans what the embedded planner cannot read; `embedded` for nobody: no endpoint, key or money",
    "model.labeler": "the model that labels items; `embedded` needs no endpoint, key or money",
    "model.base_url": "an endpoint that speaks the OpenAI interface; empty means OpenAI",
    "model.api_key_env": "name of the environment variable that holds the key; never the key itself",
    "model.input_usd_per_million": "price of a million tokens read; 0 on this machine, else needed for a cap in USD",
    "model.output_usd_per_million": "price of a million tokens written, likewise",
    "model.temperature": "how freely a model chooses its words; left to the endpoint where it is not set",
    "limits.seconds": "SQL text is stopped after so many seconds",
    "limits.memory_mb": "memory of the warehouse engine, in MB",
    "limits.result_rows": "rows of a result; more are cut, and said to be",
    "limits.result_bytes": "bytes of a result, likewise",
    "limits.scan_rows": "a query that would read more rows is declined before it runs, with a narrower one to ask",
    "limits.model_calls": "calls of a model for one question",
    "limits.model_seconds": "a model is given up on after so many seconds of one question",
    "limits.cost_usd": "money for one question, in US dollars",
    "audit.key_env": "name of the variable with the key of the audit chain; without one it shows accidents only",
    "access.default_role": "the role of an asker who names none",
    "access.roles": "one section `[access.roles.NAME]` a role, with the keys below",
    "access.roles.NAME.tables": "tables and views that the role may read; every other is invisible to it",
    "access.roles.NAME.deny_columns": "`table.column`, unusable in every way; `table.*` leaves only the number of rows",
    "access.roles.NAME.functions": "macros of the warehouse that the role may call",
    "access.roles.NAME.min_cell": "fewest distinct protected units, and positives, of a cell that is shown; 1 is off",
    "study.approvers": "persons who may approve the cost of a study; empty means anyone",
    "study.usd_per_label": "what one label of a drawn item costs, in US dollars, for the cost in a study's plan",
    "slack.mode": "`socket` needs no public address; `http` is called by Slack at `host`:`port`",
    "slack.host": "where `slack run --listen` listens in mode `http`; put a proxy with a certificate before it",
    "slack.port": "likewise; 0 takes a free one",
    "slack.bot_token_env": "name of the variable with the bot's token (`xoxb-`); never the token itself",
    "slack.signing_secret_env": "name of the variable with the signing secret, for mode `http`",
    "slack.app_token_env": "name of the variable with the app-level token (`xapp-`), for mode `socket`",
    "slack.people": "one section `[slack.people.ID]` a person, by Slack's member id, with the keys below",
    "slack.groups": "one section `[slack.groups.ID]` a Slack user group, with the keys below",
    "slack.member_role": "role of a full member of the Slack workspace who is not mapped; without it they hold none",
    "slack.guest_role": "role of guests and of people from other organisations, who are not mapped; likewise",
    "slack.public_channels": "who reads a public channel: its `members`, or `everyone` who could open it",
    "slack.workers": "processes that answer under `slack run`",
    "slack.choice_hours": "how long the buttons of a question asked back can be pressed",
    "slack.lease_seconds": "without a sign of life for so long, a worker's message is taken by another",
    "slack.people.U024BE7LH.person": "the name that the audit and approvals know them by; Slack's id where it is empty",
    "slack.people.U024BE7LH.roles": "roles beside those of their user groups",
    "slack.groups.S0614TZR7.roles": "roles that each member of the group holds",
}


def write_page() -> str:
    """The whole page; KeyError names a setting that `WHAT_IT_IS` does not describe."""
    sections: dict[str, list[str]] = {}
    for path, field in settings_keys():
        section, _, key = path.rpartition(".")
        row = f"| `{key}` | {WHAT_IT_IS[path]} | {_kind(field.annotation)} | {_default(field)} |"
        sections.setdefault(section, []).append(row)
    return "\n".join([INTRODUCTION, *(_table(f"[{name}]", rows) for name, rows in sections.items())])


def settings_keys() -> Iterator[tuple[str, FieldInfo]]:
    """Every key as `section.key`."""
    for section, holder in Settings.model_fields.items():
        model = holder.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise TypeError(f"the section {section!r} is not typed")
        for key, field in model.model_fields.items():
            yield f"{section}.{key}", field
    for key, field in Role.model_fields.items():
        yield f"access.roles.NAME.{key}", field
    parts: tuple[tuple[str, type[BaseModel]], ...] = (
        ("people.U024BE7LH", SlackPerson),
        ("groups.S0614TZR7", SlackGroup),
    )
    for place, part in parts:
        for key, field in part.model_fields.items():
            yield f"slack.{place}.{key}", field


def _table(title: str, rows: list[str]) -> str:
    return "\n".join([f"## {title}\n", "| key | what it is | type | default |", "|---|---|---|---|", *rows, ""])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True, validated_data={})
    return (
        "none"
        if value is None or value == {}
        else f"`{json.dumps(list(value) if isinstance(value, tuple) else value)}`"
    )


def _kind(annotation: object) -> str:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        annotation = next(each for each in typing.get_args(annotation) if each is not type(None))
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) is typing.Literal:
        return "one of " + ", ".join(f"`{value}`" for value in typing.get_args(annotation))
    named = {"str": "text", "int": "whole number", "float": "number", "date": "date"}
    if typing.get_origin(annotation) is tuple:
        return "list of texts"
    return named.get(getattr(annotation, "__name__", ""), "section")


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
