"""`transect eval`: the question suite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.options import JsonOption, command_app

app = command_app()


@app.callback()
def evals() -> None:
    """Ask the questions of case files and compare with what is expected.

    \b
    Example:
      transect eval run
    """


@app.command()
def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Case files or folders of them; default: the cases in the source."),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Run eval cases and report what was not as expected.

    Exit code 0: at least 95 % as expected and nothing silently wrong; 1: not so; 2: no cases.

    \b
    Example:
      transect eval run evals/cases/demo.yml
    """
    from agent.cli.main import run_cases  # start-up
    from agent.cli.output import print_json, print_progress

    report, document, page = run_cases(paths or [], progress=print_progress)
    if json_:
        print_json(document)
    else:
        typer.echo(page)
    raise typer.Exit(report.exit_code)
