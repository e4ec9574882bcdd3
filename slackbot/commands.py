"""What `transect slack` calls: one function a command."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from agent.cli.ended import Ended
from tools.errors import InvalidInput
from tools.workspace import default_asker, load_workspace

_EXIT_CODES = {"answer": 0, "study": 0, "declined": 3, "clarification": 4}


def run_command(path: Path | None, *, only: Literal["listen", "work"] | None) -> Ended:
    """`slack run`, until it is stopped."""
    from slackbot.processes import run_all, run_one  # start-up

    workspace = load_workspace(path)
    if only is None:
        run_all(workspace)
    else:
        run_one(workspace, only)
    return Ended(None, "")


def post_command(
    path: Path | None, channel: str, question: str, *, key: str | None, role: str | None, person: str | None
) -> Ended:
    """`slack post`."""
    from slackbot.post_answer import post_answer  # start-up

    workspace = load_workspace(path)
    if role is not None and role not in workspace.settings.access.roles:
        raise InvalidInput(
            f"There is no role {role!r} in this workspace.", value=role, allowed=list(workspace.settings.access.roles)
        )
    asker = default_asker(workspace, role=role, person=person, surface="slack")
    done = post_answer(workspace, channel, question, asker=asker, key=key)
    answer = done.answer
    document = {"channel": done.channel, "ts": done.ts or None, "replayed": done.replayed, "answer": answer}
    if done.replayed:
        return Ended(document, f"Posted before under this key: {done.channel} {done.ts}\n")
    assert answer is not None
    if done.ts:
        return Ended(document, f"Posted in {done.channel} as {done.ts}: {answer.headline}\n")
    steps = "".join(f"- {step}\n" for step in (*answer.next_steps, *(c.query for c in answer.choices)))
    return Ended(document, f"Not posted. {answer.headline}\n{steps}", _EXIT_CODES[answer.kind])


def check_command(path: Path | None) -> Ended:
    """`slack check`."""
    from slackbot.check import check_slack  # start-up

    found = list(check_slack(load_workspace(path)))
    failed = any(check.status == "fail" for check in found)
    document = {"status": "fail" if failed else "ok", "checks": found}
    return Ended(document, "", 1 if failed else 0)
