"""Every way a command can end badly, as one message and one exit code. No traceback reaches a person."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Sequence

from agent.cli.interruption import was_interrupted
from agent.cli.usage import describe_usage
from tools.errors import TransectError

BUG = (
    "This is a bug in transect. Please report it with the command you ran and the message above; "
    "TRANSECT_DEBUG=1 shows where it happened."
)


def exit_code_of(error: BaseException, arguments: Sequence[str]) -> int:
    """Report what ended the command and return its exit code.

    With --json (or --jsonl) among the arguments, stdout gets `{"error": {...}}`; otherwise stderr gets plain text.
    """
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, BrokenPipeError):
        drop_stdout()
        return 0  # `transect ... | head -1`: the reader has what it wanted
    failure, exit_code = describe_failure(error)
    try:
        if wants_json(arguments):
            print(json.dumps({"error": failure.to_dict()}, ensure_ascii=False, indent=2, default=str), flush=True)
        else:
            print(format_failure(failure), file=sys.stderr, flush=True)
    except BrokenPipeError:
        drop_stdout()
    return exit_code


def describe_failure(error: BaseException) -> tuple[TransectError, int]:
    """Any exception as an error of ours, with its exit code."""
    if isinstance(error, KeyboardInterrupt) or was_interrupted():
        return TransectError("Interrupted.", code="interrupted"), 130
    if isinstance(error, TransectError):
        return error, error.exit_code
    usage = describe_usage(error)
    if usage is not None:
        return usage, 2
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith(
        ("agent", "tools", "evals", "slackbot")
    ):
        hint = "Run make install; if that changes nothing, remove .venv and run it again."
        return TransectError(
            f"The installation is incomplete: no module named {error.name!r}", code="installation", hint=hint
        ), 1
    if isinstance(error, OSError) and error.strerror:
        return _describe_system(error), 1
    _show_traceback_if_wanted(error)
    return TransectError(f"{type(error).__name__}: {error}", code="internal", hint=BUG), 1


def format_failure(failure: TransectError) -> str:
    """What was wrong, the value, what is allowed, and a hint."""
    lines = [f"Error: {failure.message}"]
    if failure.value is not None and str(failure.value) not in failure.message:
        lines.append(f"  value:   {failure.value}")
    if failure.allowed:
        lines.append(f"  allowed: {', '.join(failure.allowed)}")
    if failure.where and failure.where not in failure.message and failure.where != failure.value:
        lines.append(f"  where:   {failure.where}")
    if failure.hint:
        lines.append(f"  hint:    {failure.hint}")
    return "\n".join(lines)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether stdout belongs to a program."""
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before or "--jsonl" in before


def _describe_system(error: OSError) -> TransectError:
    """A file that cannot be opened, read or written; a folder in place of a name that we made up in it."""
    path = str(error.filename or "")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and path and not os.path.exists(path):
        folder = os.path.dirname(path) or "."
        why = "its disk is read-only" if error.errno == errno.EROFS else "this user may not write there"
        return TransectError(
            f"The folder {folder!r} cannot be written: {why}.",
            code="system",
            value=folder,
            hint="Make it writable, or name another folder.",
            where=folder,
        )
    return TransectError(error.strerror or str(error), code="system", value=error.filename, where=path)


def _show_traceback_if_wanted(error: BaseException) -> None:
    from tools.workspace.environment import read_variable  # start-up

    if read_variable("TRANSECT_DEBUG"):
        import traceback

        traceback.print_exception(error)


def drop_stdout() -> None:
    """Let the interpreter flush into nothing: the reader has gone away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
