"""A run that was made before, from the document that `eval run --json` printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evals.case import Case
from evals.identity import hash_cases, hash_wording, shown_name
from evals.outcome import Cause, Left, Outcome, Report
from evals.read_document import read_document
from evals.recipes import Recipe
from tools.errors import InvalidInput
from tools.workspace.yaml12 import show_path


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Result(_Part):
    case: str
    wording_hash: str
    cause: Cause
    silent_wrong: bool


class _Failure(_Part):
    case: str
    wording: str = ""
    problems: tuple[str, ...] = ()
    headline: str = ""


class _Left(_Part):
    case: str
    why: str


class _Document(_Part):
    suite: str
    results: tuple[_Result, ...]
    failures: tuple[_Failure, ...]
    invalid: tuple[_Left, ...]
    skipped: tuple[_Left, ...]


def read_run(path: Path, cases: Iterable[Case], recipes: Mapping[str, Recipe]) -> Report:
    """The report of that run on exactly these cases; times are not kept.

    Raises:
        InvalidInput: the file is absent or no such document, or the cases have changed since.
    """
    where, hint = show_path(path), "Write it with `transect eval run --json`, on the same case files."
    found = read_document(path, _Document, noun="file", article_noun="a run", code="results", hint=hint)
    cases = list(cases)
    if found.suite != hash_cases(cases, recipes):
        raise InvalidInput(
            f"{where} is of other cases, or of these before they changed.", code="another_suite", value=where, hint=hint
        )
    return Report(
        outcomes=tuple(_outcomes(found, cases)),
        invalid=tuple(Left(each.case, each.why) for each in found.invalid),
        skipped=tuple(Left(each.case, each.why) for each in found.skipped),
    )


def _outcomes(found: _Document, cases: Iterable[Case]) -> Iterator[Outcome]:
    results = {(each.case, each.wording_hash): each for each in found.results}
    told = {(each.case, each.wording): each for each in found.failures}
    for case in cases:
        for wording in case.wordings:
            result = results.get((shown_name(case.id, case.tags), hash_wording(wording)))
            if result is None:
                continue
            failure = told.get((case.id, wording), _Failure(case=case.id))
            yield Outcome(
                case=case.id,
                workspace=case.workspace or "",
                wording=wording,
                tags=case.tags,
                cause=result.cause,
                problems=failure.problems,
                silent_wrong=result.silent_wrong,
                kind="",
                headline=failure.headline,
                seconds=0.0,
            )
