"""The composition root: one argument list in, one exit code out.

Alone in `agent`, this module may import `evals` and `slackbot`, inside the functions
that their commands call. Everything is imported late: `--version` needs the standard
library only, `--help` no more than Typer.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from tools.version import VERSION

if TYPE_CHECKING:
    from pydantic import BaseModel

    from agent.cli.ended import Ended


def main() -> None:
    """Run the command line of this process; never returns."""
    from agent.cli.interruption import watch_interruption  # start-up

    watch_interruption()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0 done, 1 failed, 2 wrong usage or invalid input, 3 declined, 4 needs clarification, 130 interrupted.
    """
    if list(arguments) == ["--version"]:
        print(f"transect {VERSION}")
        return 0
    from agent.cli.failure import drop_stdout, exit_code_of  # start-up

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _invoke(arguments)
    except BaseException as error:
        return exit_code_of(error, arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()
    except (OSError, KeyboardInterrupt) as error:
        return exit_code_of(error, arguments)
    return code


def _invoke(arguments: Sequence[str]) -> int:
    import typer  # start-up

    from agent.cli.commands import root_command

    try:
        command = root_command()
        with command.make_context("transect", list(arguments) or ["--help"]) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    return 0


def case_format() -> type[BaseModel]:
    """The format of an eval case file."""
    from evals.case import CaseFile  # start-up

    return CaseFile


def eval_command(
    name: Literal["run", "gate", "report", "add", "compare", "verified"], *arguments: Any, **options: Any
) -> Ended:
    """Call one function of `evals.commands`, which says what it takes."""
    from evals import commands  # start-up

    ended: Ended = getattr(commands, f"{name}_command")(*arguments, **options)
    return ended


def slack_command(name: Literal["run", "post", "check"], *arguments: Any, **options: Any) -> Ended:
    """Call one function of `slackbot.commands`, which says what it takes."""
    from slackbot import commands  # start-up

    ended: Ended = getattr(commands, f"{name}_command")(*arguments, **options)
    return ended
