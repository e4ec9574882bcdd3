"""`transect audit`: the chain of who asked what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.options import JsonOption, WorkspaceOption, command_app

app = command_app()


@app.callback()
def audit(workspace: WorkspaceOption = None) -> None:
    """The chain of who asked what: verify that nobody changed it.

    \b
    Example:
      transect audit verify
    """


@app.command("verify")
def verify(
    head: Annotated[
        Path | None,
        typer.Option("--head", metavar="FILE", help="An earlier output of `audit verify --json`, kept elsewhere."),
    ] = None,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Recompute the chain and find lines that were edited, removed, reordered or cut off.

    Exit code 1 when something is wrong. Notes say what this check cannot show, as without a key (see [audit] key_env).

    \b
    Example:
      transect audit verify --json > head.json
      transect audit verify --head head.json
    """
    from agent.cli.output import print_json  # start-up
    from tools.state import open_state, read_head, verify_audit
    from tools.workspace import load_workspace

    found = verify_audit(open_state(load_workspace(workspace)), head=None if head is None else read_head(head))
    if json_:
        print_json(found)
    else:
        typer.echo(f"{found.lines:,} lines; the newest is line {found.head.seq}, {found.head.hash[:16]}")
        for kind, lines in (("fault", found.faults), ("note", found.notes)):
            for line in lines:
                typer.echo(f"  {kind}: {line}")
        typer.echo("The chain is whole." if found.ok else "The chain was changed.")
    raise typer.Exit(0 if found.ok else 1)
