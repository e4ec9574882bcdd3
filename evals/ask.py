"""Ask the product as a surface asks it, and keep everything that was shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import uuid4

from agent.state import Answer
from evals.case import Surface
from evals.recipes import Prepared
from tools.errors import TransectError
from tools.workspace import Workspace


@dataclass(frozen=True)
class Asking:
    """One message as it reaches the product.

    Attributes:
        text: what is typed; with `choose`, the question whose choice is taken.
        role: of the asker; None means the workspace's default.
        audience: roles of those who read the answer.
        thread: the thread that is continued.
    """

    text: str
    prepared: Prepared
    role: str | None = None
    audience: tuple[str, ...] = ()
    surface: Surface = "python"
    thread: str | None = None
    choose: int | None = None


@dataclass(frozen=True)
class Said:
    """The answer, and what the surface printed for people."""

    answer: Answer
    shown: tuple[str, ...] = field(default=())


Ask = Callable[[Asking], Said]


def ask_product(asking: Asking) -> Said:
    """The product itself, as the case's surface calls it."""
    from tools.workspace import load_workspace  # start-up

    return _SURFACES[asking.surface](asking, load_workspace(asking.prepared.directory))


def _ask_python(asking: Asking, workspace: Workspace) -> Said:
    from agent import answer  # start-up
    from agent.state import Question
    from tools.workspace import default_asker

    asker = replace(default_asker(workspace, role=asking.role, surface="eval"), audience_roles=asking.audience)
    question = Question(text=asking.text, choose=asking.choose)
    return Said(answer(question, workspace=workspace, asker=asker, thread=asking.thread))


def _ask_cli(asking: Asking, workspace: Workspace) -> Said:
    """`transect ask`, once for programs and once for people, in this process."""
    from agent.cli.ask import EXIT_CODES  # start-up

    options = ["-w", str(workspace.root)]
    options += ["--role", asking.role] if asking.role else []
    options += ["--thread", asking.thread] if asking.thread else []
    options += ["--choose", str(asking.choose)] if asking.choose else []
    _, document, aside = run_command("ask", *options, "--json", "--", asking.text)
    code, page, more = run_command("ask", *options, "--", asking.text)
    answer = Answer.model_validate_json(document)
    if code != EXIT_CODES[answer.kind]:
        raise TransectError(f"Kind {answer.kind} ended with exit code {code}.")
    return Said(answer, (page, aside, more))


def _ask_chat(asking: Asking, workspace: Workspace) -> Said:
    """`transect chat`, one line over a pipe, in a conversation beside the one that gives the answer as a document."""
    thread = asking.thread or f"exam-{uuid4().hex[:12]}"
    said = _ask_python(replace(asking, thread=thread, choose=None, text=_typed(asking)), workspace)
    options = ["-w", str(workspace.root), "--thread", f"{thread}-typed"]
    options += ["--role", asking.role] if asking.role else []
    _, page, aside = run_command("chat", *options, typed=_typed(asking) + "\n")
    if _plain(said.answer.headline) not in _plain(page):
        raise TransectError("The conversation does not show the answer's headline.")
    return Said(said.answer, (page, aside))


def _typed(asking: Asking) -> str:
    """What a person types: the question, or the number of the choice."""
    return asking.text if asking.choose is None else str(asking.choose)


def _plain(text: str) -> str:
    return " ".join(text.split())


def run_command(*arguments: str, typed: str = "") -> tuple[int, str, str]:
    """One command line in this process, with `typed` on stdin: exit code, stdout, stderr."""
    import io  # start-up
    import sys
    from contextlib import redirect_stderr, redirect_stdout

    from agent.cli.main import run

    out, err, stdin = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run(arguments)
    finally:
        sys.stdin = stdin
    return code, out.getvalue(), err.getvalue()


_SURFACES: dict[Surface, Callable[[Asking, Workspace], Said]] = {
    "python": _ask_python,
    "cli": _ask_cli,
    "chat": _ask_chat,
}
