"""What each wording did when the suite was last accepted: the file that a gate compares with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from evals.case import Case
from evals.identity import hash_expectation, hash_suite, hash_wording, shown_name
from evals.outcome import Report
from evals.read_document import read_document
from evals.recipes import Recipe
from tools.errors import InvalidInput
from tools.version import VERSION
from tools.workspace.yaml12 import show_path

BASELINE = Path(__file__).resolve().parent / "baseline.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BaselineCase(_Part):
    """`expects` hashes what is expected; `wordings` says of each wording's hash whether it passed."""

    expects: str
    wordings: dict[str, bool] = Field(min_length=1)


class Baseline(_Part):
    """`evals/baseline.json`: written by a run, never by hand; no times, no paths.

    Attributes:
        suite: hash over every case and wording below, so that a file mended by hand is noticed.
        version: the version of transect that was run.
    """

    format: Literal[1] = 1
    version: str
    suite: str
    cases: dict[str, BaselineCase]


def make_baseline(
    report: Report, cases: Iterable[Case], recipes: Mapping[str, Recipe], *, former: Baseline | None = None
) -> Baseline:
    """The baseline of one run. Cases that could not be asked here keep what the former baseline says of them.

    Raises:
        InvalidInput: a case could not be asked and the former baseline does not know it as it is now.
    """
    found: dict[str, BaselineCase] = {}
    passed = {(o.case, o.wording): o.passed for o in report.outcomes}
    for case in cases:
        name, expects = shown_name(case.id, case.tags), hash_expectation(case, recipes)
        asked = {hash_wording(w): passed[case.id, w] for w in case.wordings if (case.id, w) in passed}
        kept = former.cases.get(name) if former else None
        if not asked and (
            kept is None or kept.expects != expects or set(kept.wordings) != set(map(hash_wording, case.wordings))
        ):
            raise InvalidInput(
                f"{name} could not be asked here, so its result cannot be written into a baseline.",
                code="incomplete_run",
                value=name,
                hint="Run where the data of every case is, or name the files of the cases that can be asked.",
            )
        found[name] = BaselineCase(expects=expects, wordings=asked) if asked or kept is None else kept
    return Baseline(version=VERSION, suite=_suite_of(found), cases=found)


def read_baseline(path: Path) -> Baseline:
    """The file, checked. Raises InvalidInput when it is absent, malformed or mended by hand."""
    where = show_path(path)
    update = "Write it with `transect eval gate --update-baseline`, after a look at what has changed."
    baseline = read_document(path, Baseline, noun="baseline", article_noun="a baseline", code="baseline", hint=update)
    if baseline.suite != _suite_of(baseline.cases):
        raise InvalidInput(
            f"{where} was edited: its suite hash does not fit its cases.",
            code="invalid_baseline",
            where=where,
            hint=update,
        )
    return baseline


def write_baseline(baseline: Baseline, path: Path) -> None:
    """One line a case, sorted, so that a change reads well in a review."""
    lines = [
        f"  {json.dumps(name)}: {json.dumps(case.model_dump(), sort_keys=True)}"
        for name, case in sorted(baseline.cases.items())
    ]
    head = {"format": baseline.format, "version": baseline.version, "suite": baseline.suite}
    text = json.dumps(head)[:-1] + ', "cases": {\n' + ",\n".join(lines) + "\n}}\n"
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def suite_difference(baseline: Baseline, cases: Iterable[Case], recipes: Mapping[str, Recipe]) -> list[str]:
    """Why the baseline is of another suite: cases or wordings removed, expectations changed. Additions are not."""
    now = {shown_name(case.id, case.tags): case for case in cases}
    problems = []
    for name, kept in sorted(baseline.cases.items()):
        case = now.get(name)
        if case is None:
            problems.append(f"{name}: removed")
            continue
        if kept.expects != hash_expectation(case, recipes):
            problems.append(f"{name}: expects something else now")
        gone = set(kept.wordings) - set(map(hash_wording, case.wordings))
        if gone:
            problems.append(f"{name}: {len(gone)} wording{'s' if len(gone) > 1 else ''} removed or changed")
    return problems


def _suite_of(cases: Mapping[str, BaselineCase]) -> str:
    return hash_suite({name: (case.expects, case.wordings) for name, case in cases.items()})
