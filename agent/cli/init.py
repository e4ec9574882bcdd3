"""`transect init`: a workspace from data files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.options import JsonOption, command_app
from tools.errors import InvalidInput

app = command_app()


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it.")],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="More files, as --data *.csv gives.")
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", metavar="FILE...", help="CSV, Parquet, JSONL or .duckdb files; may be repeated."),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Make a workspace from CSV, Parquet, JSONL or .duckdb files.

    Infers datasets, times, dimensions and metrics, writes them to DIR/metrics/*.yml for you to edit, and says what it
    assumed.

    \b
    Example:
      transect init spam --data messages.csv
      transect -w spam ask "what share of messages is spam?"
    """
    from agent.cli.output import print_json  # start-up
    from tools.ingest import init_workspace

    if not data:
        raise InvalidInput("No data file is named.", code="usage", hint="transect init DIR --data FILE...")
    if directory.is_file():
        raise InvalidInput(
            f"{str(directory)!r} is a file; the folder of the workspace comes first.",
            code="usage",
            value=str(directory),
            hint="transect init DIR --data FILE...",
        )
    files = [*data, *(more or [])]
    if not any(file.exists() for file in files):
        named = ", ".join(map(str, files))
        raise InvalidInput(f"There is no such file: {named}", code="nothing_loaded", value=named)
    report = init_workspace(directory, files)
    if json_:
        print_json(report)
    else:
        from agent.cli.show_reports import show_init

        show_init(report)
    raise typer.Exit(report.exit_code)
