"""The table of commands. Each lives in a module of its own, imported when it is called."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from agent.cli.options import WorkspaceOption
from tools.errors import InvalidInput
from tools.version import VERSION

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

# name: (module in agent.cli, one line of help, the same as its docstring begins with)
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Build a ready workspace: a synthetic AI platform of known truth."),
    "init": ("init", "Make a workspace from CSV, Parquet, JSONL or .duckdb files."),
    "ask": ("ask", "Answer one question from the workspace's definitions."),
    "chat": ("chat", "Ask one question after another; each may lean on the one before."),
    "threads": ("threads", "The conversations that are kept: list, show."),
    "metrics": ("metrics", "The semantic layer without a model: list, show, check, query, export."),
    "sql": ("sql", "Run one SELECT on what a role may see."),
    "sample": ("sample", "Draw a sample by hash, with inclusion probabilities."),
    "estimate": ("estimate", "Estimate from a sample as it was drawn, with an interval."),
    "policy": ("policy", "The policies that labels are given under: list, show, check."),
    "label": ("label", "Labels in and out of the ledger: run, queue, import, export, status, reveal."),
    "study": ("study", "Prevalence studies: plan, approve, draw, label, estimate, draft, verify, sign."),
    "agreement": ("agreement", "Measure how far raters agree, with consensus labels and each rater's accuracy."),
    "hidden-population": ("hidden_population", "Estimate the size of a population that no list holds in full."),
    "audit": ("audit", "The chain of who asked what: verify that nobody changed it."),
    "schema": ("schema", "Print the JSON Schema of a file format or of an answer."),
    "doctor": ("doctor", "Check the workspace and this installation, with a fix for every fault."),
    "slack": ("slack", "Answer questions in Slack: run, post, check."),
    "eval": ("eval", "Ask the questions of case files and compare with what is expected."),
}

HELP = """
Metric answers and prevalence studies whose every number says how it is known.

\b
Example:
  transect demo demo
  transect -w demo ask "how many messages last week by surface?"
"""


def root_command() -> TyperGroup:
    """The `transect` command; its subcommands load when they are needed."""
    app = typer.Typer(
        cls=_LazyGroup,
        help=HELP,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    )
    app.callback()(_root)
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def load_command(name: str) -> TyperCommand | TyperGroup:
    """Import one command's module and build its command."""
    module = import_module(f"agent.cli.{COMMANDS[name][0]}")
    command = typer.main.get_command(module.app)
    command.name = name
    assert isinstance(command, TyperCommand | TyperGroup)
    return command


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"transect {VERSION}")
        raise typer.Exit


def _root(
    workspace: WorkspaceOption = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None: ...


class _LazyGroup(TyperGroup):
    def list_commands(self, ctx: Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        if cmd_name in COMMANDS:
            return load_command(cmd_name)
        if cmd_name.startswith("-"):
            return None
        near = difflib.get_close_matches(cmd_name, COMMANDS)
        hint = f"Did you mean {near[0]!r}?" if near else "transect --help describes each."
        raise InvalidInput(
            f"No such command: {cmd_name!r}", code="usage", value=cmd_name, allowed=list(COMMANDS), hint=hint
        )

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])
