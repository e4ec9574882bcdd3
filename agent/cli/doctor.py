"""`transect doctor`: is everything in place?"""

from __future__ import annotations

import typer

from agent.cli.options import JsonOption, WorkspaceOption, command_app

app = command_app()


@app.command()
def doctor(json_: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Check the workspace and this installation, with a fix for every fault.

    Each line is ok, warn or fail. Exit code 1 when one fails.

    \b
    Example:
      transect -w demo doctor
    """
    from agent.cli.checks import run_checks  # start-up
    from agent.cli.output import print_json, wrap

    found = run_checks(workspace)
    failed = any(check.status == "fail" for check in found)
    if json_:
        print_json({"status": "fail" if failed else "ok", "checks": found})
    else:
        for check in found:
            typer.echo(wrap(f"{check.name}: {check.message}", label=check.status))
            if check.fix:
                typer.echo(wrap(check.fix, label="  fix"))
    raise typer.Exit(1 if failed else 0)
