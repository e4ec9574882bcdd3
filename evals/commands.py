"""What `transect eval` calls: one function a command, each returning a document, a page and what a person must hear."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.cli.ended import Ended
from evals.add_case import add_case, name_case
from evals.baseline import BASELINE
from evals.case import Case, load_cases
from evals.compare import compare_results, comparison_to_markdown
from evals.gate import run_gate
from evals.gate_report import gate_to_json, gate_to_markdown, warnings_of
from evals.identity import hash_cases
from evals.recipes import read_recipes
from evals.result_file import read_results
from evals.runner import CASES, run
from evals.summary import document_to_markdown, to_json, to_markdown
from tools.errors import InvalidInput
from tools.workspace.yaml12 import show_path

Progress = Callable[[str], None]


def run_command(paths: Sequence[Path], *, workspace: Path | None, cache: Path | None, progress: Progress) -> Ended:
    """`eval run`. No paths means the cases in the source."""
    report = run(paths or (CASES,), workspace=workspace, cache=cache, progress=progress)
    suite = hash_cases(load_cases(paths or (CASES,)), read_recipes())
    return Ended({"suite": suite, **to_json(report)}, to_markdown(report), report.exit_code)


def gate_command(
    paths: Sequence[Path],
    *,
    workspace: Path | None,
    baseline: Path | None,
    update: bool,
    results: Path | None,
    cache: Path | None,
    progress: Progress,
) -> Ended:
    """`eval gate`, of a run made now, or of a file that `eval run --json` wrote."""
    gate = run_gate(
        paths or (CASES,),
        baseline=baseline or BASELINE,
        update=update,
        results=results,
        workspace=workspace,
        cache=cache,
        progress=progress,
    )
    return Ended(gate_to_json(gate), gate_to_markdown(gate), gate.exit_code, tuple(warnings_of(gate)))


def report_command(
    paths: Sequence[Path], *, workspace: Path | None, results: Path | None, cache: Path | None, progress: Progress
) -> Ended:
    """`eval report`: of a run made now, or of a file that `eval run --json` wrote."""
    if results is None:
        report = run(paths or (CASES,), workspace=workspace, cache=cache, progress=progress)
        return Ended(None, to_markdown(report), 2 if report.verdict == "no cases" else 0)
    read_results(results)
    try:
        return Ended(None, document_to_markdown(json.loads(results.read_text(encoding="utf-8"))))
    except KeyError as error:
        raise InvalidInput(
            f"{show_path(results)} is not a result file: it has no {error}.",
            hint="Write it with `transect eval run --json`.",
        ) from None


def compare_command(old: Path, new: Path) -> Ended:
    """`eval compare`."""
    found = compare_results(read_results(old), read_results(new))
    return Ended(found, comparison_to_markdown(found))


def add_command(file: Path, given: dict[str, Any], *, cache: Path | None) -> Ended:
    """`eval add`: `given` are the keys of a case; without `id` one is made."""
    if not given.get("id"):
        taken = [case.id for case in load_cases([CASES, *([file] if file.is_file() and file.parent != CASES else [])])]
        given = {**given, "id": name_case(given["workspace"], given["question"], taken)}
    try:
        case = Case.model_validate({key: value for key, value in given.items() if value not in (None, (), [])})
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        message = f"{at + ': ' if at else ''}{first['msg'].removeprefix('Value error, ')}"
        raise InvalidInput(f"The case is not valid: {message}", code="invalid_case", value=at or None) from None
    add_case(case, file, cache=cache)
    return Ended({"added": case.id, "file": show_path(file)}, f"Added {case.id} to {show_path(file)}.\n")


def verified_command(*, workspace: Path | None, role: str | None) -> Ended:
    """`eval verified`: 0 when every one that the role may see is as signed, 1 when not, 2 when there is none to ask."""
    from evals.verified import failures, replay_to_json, replay_to_markdown, replay_verified  # start-up
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    replayed = replay_verified(place, asker=default_asker(place, role=role, surface="eval"))
    exit_code = 2 if not replayed else 1 if failures(replayed) else 0
    return Ended(replay_to_json(replayed), replay_to_markdown(replayed), exit_code)
