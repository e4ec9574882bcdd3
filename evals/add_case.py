"""Append one case to a case file, in the file's own words, checked before anything is written."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from evals.case import Case, CaseFile, load_cases
from evals.recipes import RECIPES, SHARED_DATA, DataAbsent, prepare, prepare_data, read_recipes
from evals.runner import CASES, check_truths
from tools.errors import Fault, InvalidInput, InvalidWorkspace
from tools.workspace.yaml12 import check_yaml, show_path


def name_case(workspace: str, question: str, taken: Iterable[str] = ()) -> str:
    """An id made of the workspace and the question's words, with a number when it is taken."""
    words = re.findall(r"[a-z0-9]+", f"{workspace} {question}".casefold())
    stem = "-".join(words)[:60].rstrip("-") or "case"
    known, name, number = set(taken), stem, 1
    while name in known:
        number += 1
        name = f"{stem}-{number}"
    return name


def add_case(
    case: Case, file: Path, *, cache: Path | None = None, data: Path = SHARED_DATA, recipes: Path = RECIPES
) -> None:
    """Append `case` to `file` (made when absent), leaving every other byte as it is.

    Raises:
        InvalidInput: the workspace is unknown, the id or wording is taken, or the SQL by hand is wrong.
        InvalidWorkspace: the file would not be valid afterwards; it stays as it was.
    """
    assert case.workspace is not None
    known = read_recipes(recipes)
    if case.workspace not in known:
        raise InvalidInput(
            f"There is no workspace {case.workspace!r} for cases.", value=case.workspace, allowed=list(known),
            hint="The workspaces of cases are the recipes in evals/recipes/recipes.yml; "
            "cases on your own workspace (`workspace: .`) are written by hand.",
        )  # fmt: skip
    others = load_cases({CASES, file} if file.is_file() and file.parent != CASES else {CASES})
    for other in others:
        if other.id == case.id or (
            (other.workspace, other.role) == (case.workspace, case.role) and set(other.wordings) & set(case.wordings)
        ):
            raise InvalidInput(f"Case {other.id!r} has this id or asks this already.", code="taken", value=other.id)
    _check_truth(case, cache=cache, data=data, recipes=recipes)
    before = (
        file.read_text(encoding="utf-8") if file.is_file() else f"workspace: {json.dumps(case.workspace)}\ncases:\n"
    )
    after = before + ("" if before.endswith("\n") else "\n") + _as_yaml(case)
    with tempfile.TemporaryDirectory(prefix="transect-case-") as folder:
        trial = Path(folder) / file.name
        trial.write_text(after, encoding="utf-8")
        parsed, faults = check_yaml(trial, CaseFile)
    if parsed is None or parsed.cases[-1].id != case.id:
        where = show_path(file)
        moved = [Fault(f"{where}:{f.where.rsplit(':', 1)[-1]}", f.message, f.hint) for f in faults]
        raise InvalidWorkspace(moved or [Fault(where, "the list `cases` must come last and be written in lines")])
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(file.name + ".new")
    unfinished.write_text(after, encoding="utf-8")
    os.replace(unfinished, file)


def _check_truth(case: Case, *, cache: Path | None, data: Path, recipes: Path) -> None:
    if case.expect.sql is None and case.expect.figures is None:
        return
    with tempfile.TemporaryDirectory(prefix="transect-evals-") as folder:
        home, recipe = cache or Path(folder), read_recipes(recipes)[case.workspace or ""]
        try:
            source = prepare(recipe, cache=home) if recipe.demo else prepare_data(recipe, cache=home, data=data)
        except DataAbsent as absent:
            raise InvalidInput(str(absent), hint="Without its data the SQL by hand cannot be checked.") from None
        fault = check_truths([case], source.truth)[case.id][0].fault
    if fault is not None:
        raise InvalidInput(
            fault[0].upper() + fault[1:], code="invalid_case", value=case.expect.sql or case.expect.figures
        )


def _as_yaml(case: Case) -> str:
    expect = case.expect.model_dump(mode="json", exclude_defaults=True)
    for key in ("kind", "reason"):
        if len(expect.get(key, ())) == 1:
            expect[key] = expect[key][0]
    lines = [f"  - id: {case.id}", f"    workspace: {json.dumps(case.workspace)}"]
    lines += [f"    question: {_quoted(case.question)}"]
    lines += [f"    paraphrases: {_quoted(case.paraphrases)}"] if case.paraphrases else []
    lines += [f"    role: {_quoted(case.role)}"] if case.role else []
    lines += [f"    expect: {_quoted(expect)}", f"    why: {_quoted(case.why)}"]
    lines += [f"    tags: {_quoted(case.tags)}"] if case.tags else []
    return "\n".join(lines) + "\n"


def _quoted(value: object) -> str:
    """JSON, which YAML 1.2 reads as it is; with escapes for what must not stand raw in a file."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
