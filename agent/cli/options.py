"""What several commands share: their options, and how their help looks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command_app() -> typer.Typer:
    """A Typer whose help is plain text."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)


def _inherit(ctx: typer.Context, value: Path | None) -> Path | None:
    """-w may stand before or after the subcommand; the innermost one counts."""
    parent = ctx.parent
    while value is None and parent is not None:
        value = parent.params.get("workspace")
        parent = parent.parent
    return value


WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        callback=_inherit,
        help="The workspace; default: the nearest transect.toml upwards.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
RoleOption = Annotated[
    str | None, typer.Option("--role", metavar="ROLE", help="Ask in this role; default: the workspace's default_role.")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="The model of the endpoint in transect.toml to plan what the embedded planner cannot read; "
        "embedded: no model. Default: model.name of transect.toml.",
    ),
]
PersonOption = Annotated[
    str | None, typer.Option("--person", metavar="NAME", help="Who asks, for the audit line; default: who runs this.")
]
