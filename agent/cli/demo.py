"""`transect demo`: a ready workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.cli.options import JsonOption, command_app

app = command_app()


@app.command()
def demo(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to build it; must be new or empty.")] = Path(
        "demo"
    ),
    size: Annotated[
        Literal["small", "medium", "large"],
        typer.Option("--size", help="Messages: small 200,000, medium 5 million, large 50 million."),
    ] = "small",
    json_: JsonOption = False,
) -> None:
    """Build a ready workspace: a synthetic AI platform of known truth.

    \b
    Example:
      transect demo demo
      transect -w demo metrics list
    """
    from agent.cli.output import print_json, print_progress  # start-up
    from agent.cli.show_reports import show_demo
    from tools.demo import build_demo

    report = build_demo(directory, size=size, progress=print_progress)
    if json_:
        print_json(report)
    else:
        show_demo(report)
