"""docs/cli.md: the help of every command, as the commands print it. `make docs` writes it; a test compares."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.core import TyperCommand, TyperGroup

from agent.cli.commands import COMMANDS, load_command

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
INTRODUCTION = """# The command line

Written by `make docs` from the commands themselves; a test compares.

`--json` prints one JSON document on stdout and nothing else; progress and diagnostics go to stderr. There is no colour
and no progress when the output is not a terminal or `NO_COLOR` is set. `-w DIR` names the workspace, before or after
the command; without it the nearest `transect.toml` upwards counts.

| exit code | means |
|---|---|
| 0 | done; also when the reader of stdout has left early (`transect ... \\| head -1`) |
| 1 | failed |
| 2 | wrong usage or invalid input |
| 3 | declined, with a reason |
| 4 | the question has several readings; they are listed |
| 130 | interrupted |

Any failure under `--json` is `{"error": {"code", "message", "value", "allowed", "hint", "where"}}` with the same exit
code. `TRANSECT_DEBUG=1` shows where an internal error happened.
"""


def write_page() -> str:
    """The whole page."""
    sections = [INTRODUCTION]
    for name in COMMANDS:
        command = load_command(name)
        sections.append(_section(command, [name]))
        if isinstance(command, TyperGroup):
            for subname, subcommand in command.commands.items():
                assert isinstance(subcommand, TyperCommand)
                sections.append(_section(subcommand, [name, subname]))
    return "\n".join(sections)


def help_of(command: TyperCommand | TyperGroup, path: list[str]) -> str:
    """What `--help` prints, 100 columns wide."""
    context = typer.Context(
        command,
        info_name=" ".join(["transect", *path]),
        terminal_width=100,
        max_content_width=100,
        help_option_names=["--help", "-h"],
    )
    return command.get_help(context)


def _section(command: TyperCommand | TyperGroup, path: list[str]) -> str:
    return f"## transect {' '.join(path)}\n\n```text\n{help_of(command, path).strip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
