"""One study from its spec to a verified draft, through the command line, in a copy of the workspace."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.ask import run_command
from evals.case import Study
from evals.recipes import Prepared, open_truth

ID = "exam"
PERSON = "examiner"


@dataclass(frozen=True)
class StudyRun:
    """How far a study came.

    Attributes:
        workspace: the copy that it was made in.
        reached: the last step that was done.
        refused: the code of the error that ended it; None when every step was done.
        message: that error's words.
        shown: everything that was printed, but for the queue's own screen, whose purpose is to show an item.
        given: the labels that were handed in, by item.
    """

    workspace: Path
    reached: str
    refused: str | None = None
    message: str = ""
    shown: tuple[str, ...] = ()
    given: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.workspace / "studies" / ID


def run_study(study: Study, prepared: Prepared, *, directory: Path, role: str | None) -> StudyRun:
    """Carry a study out in `directory`, which must not exist, until a step is refused or the draft verifies.

    Args:
        study: what is measured and whose labels count.
        role: of the analyst who plans and draws it.
    """
    shutil.copytree(prepared.directory, directory, ignore=shutil.ignore_patterns(".transect"))
    reached, shown, given = "nothing", [], {}
    for step, words, typed in _steps(study, prepared, directory, role):
        code, out, err = run_command(*words, typed=typed)
        shown += [out] if step == "queue" else [out, err]  # the queue shows items on stderr, which is what it is for
        if step in ("import", "queue"):
            given = _labels(study, prepared, directory)
        if code:
            code_, message = _error(out, err)
            return StudyRun(directory, reached, code_, message, tuple(shown), given)
        reached = step
    return StudyRun(directory, reached, None, "", tuple(shown), given)


def _steps(study: Study, prepared: Prepared, directory: Path, role: str | None) -> Iterator[tuple[str, list[str], str]]:
    """Name, words and typed lines of each step; labels are looked up once the sample is drawn."""
    where = ["-w", str(directory), "--json"]
    who = [*where, *(["--role", role] if role else [])]
    yield "new", ["study", "new", ID, *_options(study), *who], ""
    yield "plan", ["study", "plan", ID, *who], ""
    yield "approve", ["study", "approve", ID, "--by", PERSON, "--budget", "100000", *where], ""
    yield "draw", ["study", "draw", ID, *who], ""
    if study.queue:
        labels = _labels(study, prepared, directory)
        typed = "".join(f"{labels[item]}\n" for item in _drawn(directory))
        yield "queue", ["study", "label", ID, "--queue", "--person", PERSON, *where], typed
    else:
        yield "import", ["study", "label", ID, "--import", str(_write_labels(study, prepared, directory)), *where], ""
    if study.machine:
        yield "machine", ["study", "label", ID, "--run", "embedded", *where], ""
    for step in ("estimate", "draft", "verify"):
        yield step, ["study", step, ID, *who], ""


def _options(study: Study) -> list[str]:
    words = ["--frame", study.frame, "--policy", study.policy, "--n", str(study.n), "--seed", str(study.seed)]
    words += ["--strata", study.strata] if study.strata else []
    words += ["--labels", "model"] if study.machine else []
    words += ["--from", str(study.period[0]), "--to", str(study.period[1])] if study.period else []
    for name, values in (("--by", study.by), ("--where", study.where), ("--audience", study.audience)):
        words += [word for value in values for word in (name, value)]
    return words


def _labels(study: Study, prepared: Prepared, directory: Path) -> dict[str, str]:
    """The label of each drawn item, by hand."""
    with open_truth(prepared.truth) as connection:
        known = {str(item): str(label) for item, label in connection.execute(study.labels).fetchall()}
    return {item: known[item] for item in _drawn(directory) if item in known}


def _drawn(directory: Path) -> list[str]:
    with (directory / "studies" / ID / "sample.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return [row[0] for row in rows]


def _write_labels(study: Study, prepared: Prepared, directory: Path) -> Path:
    path = directory / "labels.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("item", "label", "labeller"))
        for item, label in _labels(study, prepared, directory).items():
            writer.writerow((item, label, PERSON))
    return path


def _error(out: str, err: str) -> tuple[str, str]:
    try:
        found: Any = json.loads(out)
    except json.JSONDecodeError:
        return "failed", (err or out).strip()
    error = found.get("error") or {"code": "differs", "message": "The study does not verify."}
    return str(error["code"]), str(error["message"])
