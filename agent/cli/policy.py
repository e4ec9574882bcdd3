"""`transect policy`: what counts as a violation, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.options import JsonOption, WorkspaceOption, command_app

if TYPE_CHECKING:
    from tools.labeling import Policy

app = command_app()


@app.callback()
def policy(workspace: WorkspaceOption = None) -> None:
    """The policies that labels are given under: list, show, check.

    \b
    Example:
      transect policy list
      transect policy show fraud
    """


@app.command("list")
def list_policies(json_: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List every policy with version, labels, owner and severity.

    \b
    Example:
      transect policy list
    """
    from agent.cli.output import print_json, print_table  # start-up
    from tools.labeling import load_policies
    from tools.workspace import load_workspace

    found = [_describe(each) for each in load_policies(load_workspace(workspace)).values()]
    if json_:
        print_json({"policies": found})
        return
    rows = [
        (p["id"], p["version"], p["severity"], p["owner"], "sealed" if p["sealed"] else "", ", ".join(p["labels"]))
        for p in found
    ]
    print_table(("policy", "version", "severity", "owner", "", "labels"), rows)


@app.command("show")
def show_policy(
    id: Annotated[str, typer.Argument(metavar="ID", help="The policy.")],
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show one policy: its labels, its hash, and its text with the guidelines.

    \b
    Example:
      transect policy show fraud
    """
    from agent.cli.output import print_json  # start-up
    from tools.labeling import find_policy
    from tools.workspace import load_workspace

    found = find_policy(load_workspace(workspace), id)
    described = _describe(found)
    if json_:
        print_json({**described, "text": found.text, "guidelines": found.guidelines})
        return
    print(f"{found.id}  (version {found.version}, {described['severity']}, owner {described['owner']})")
    print(f"labels: {', '.join(described['labels'])}\nhash:   {found.hash}\n")
    print(found.text)


@app.command("check")
def check_policies(json_: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Check every policy file; list every fault with file and line.

    Exit code 2 when there is a fault.

    \b
    Example:
      transect policy check
    """
    from agent.cli.output import print_json  # start-up
    from tools.labeling import load_policies
    from tools.workspace import load_workspace

    count = len(load_policies(load_workspace(workspace)))
    if json_:
        print_json({"faults": [], "checked": {"policies": count}})
    else:
        typer.echo(f"{count} polic{'y' if count == 1 else 'ies'}: no faults")


def _describe(found: Policy) -> dict[str, Any]:
    return {**found.header.model_dump(), "hash": found.hash, "file": found.path.name}
