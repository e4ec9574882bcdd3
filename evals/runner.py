"""Ask every case in every wording, and compare what comes back with what was worked out by hand."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.state import Answer
from evals.case import Case, load_cases
from evals.facts import Facts, read_facts
from evals.outcome import Cause, Left, Outcome, Report
from evals.recipes import RECIPES, SHARED_DATA, DataAbsent, Prepared, Recipe, open_truth, prepare, read_recipes
from evals.scorers import (
    is_silent_wrong,
    score_canaries,
    score_choices,
    score_inert,
    score_kind,
    score_laws,
    score_mentions,
    score_numbers,
    score_reason,
    score_value,
)
from evals.truth import Truth, find_truth
from tools.errors import TransectError

CASES = Path(__file__).resolve().parent / "cases"

Ask = Callable[[str, Prepared, str | None], Answer]
"""(question, workspace, role) -> Answer"""


@dataclass(frozen=True)
class _Asked:
    case: Case
    wording: str
    truth: Truth
    prepared: Prepared
    definitions: str
    facts: Facts


def run(
    paths: Iterable[Path] = (CASES,),
    *,
    ask: Ask | None = None,
    cache: Path | None = None,
    data: Path = SHARED_DATA,
    recipes: Path = RECIPES,
    tags: Iterable[str] = (),
    without: Iterable[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Run the cases of `paths` (files or folders).

    Args:
        ask: what is examined; None means `agent.answer` in this process.
        cache: folder that keeps built workspaces between runs; None builds them anew.
        data: the shared folder of real data; cases on files that are not there are skipped and named.
        tags: only cases with one of these tags; none given means all.
        without: no cases with one of these tags.
        progress: called with one line per workspace.

    Raises:
        InvalidWorkspace: a case or recipe file with faults.
    """
    wanted, unwanted = set(tags), set(without)
    cases = [c for c in load_cases(paths) if (not wanted or wanted & set(c.tags)) and not unwanted & set(c.tags)]
    known = read_recipes(recipes)
    if cache is not None:
        return _run(cases, known, ask or ask_agent, cache, data, progress or (lambda line: None))
    with tempfile.TemporaryDirectory(prefix="transect-evals-") as folder:
        return _run(cases, known, ask or ask_agent, Path(folder), data, progress or (lambda line: None))


def ask_agent(question: str, prepared: Prepared, role: str | None) -> Answer:
    """The product itself, as every surface calls it."""
    from dataclasses import replace

    from agent import answer
    from agent.state import Question
    from tools.workspace import default_asker, load_workspace

    workspace = load_workspace(prepared.directory)
    asker = replace(default_asker(workspace, role=role, surface="eval"), audience_roles=prepared.audience)
    return answer(Question(text=question), workspace=workspace, asker=asker)


def check_truths(cases: Iterable[Case], truth: Path) -> dict[str, Truth]:
    """The truth of each case of one workspace, by case id."""
    with open_truth(truth) as connection:
        return {case.id: find_truth(case.expect, connection) for case in cases}


def _run(
    cases: list[Case],
    recipes: Mapping[str, Recipe],
    ask: Ask,
    cache: Path,
    data: Path,
    progress: Callable[[str], None],
) -> Report:
    outcomes: list[Outcome] = []
    invalid: list[Left] = []
    skipped: list[Left] = []
    for name in dict.fromkeys(case.workspace or "" for case in cases):
        mine = [case for case in cases if case.workspace == name]
        if name not in recipes:
            invalid += [Left(case.id, f"no recipe is named {name!r}") for case in mine]
            continue
        progress(f"{name}: {len(mine)} cases")
        try:
            prepared = prepare(recipes[name], cache=cache, data=data)
        except DataAbsent as absent:
            skipped += [Left(case.id, str(absent)) for case in mine]
            continue
        except TransectError as error:
            outcomes += [_broken(case, wording, error) for case in mine for wording in case.wordings]
            continue
        truths = check_truths(mine, prepared.truth)
        definitions = read_definitions(prepared.directory)
        with open_truth(prepared.truth) as connection:
            facts = read_facts(connection)
        for case in mine:
            truth = truths[case.id]
            if truth.fault is not None:
                invalid.append(Left(case.id, truth.fault))
                continue
            outcomes += [_examine(_Asked(case, w, truth, prepared, definitions, facts), ask) for w in case.wordings]
    return Report(tuple(outcomes), tuple(invalid), tuple(skipped))


def read_definitions(directory: Path) -> str:
    """The text of a workspace's settings, metrics, policies and events: where numbers in prose may come from."""
    files = [directory / "transect.toml", directory / "events.yml"]
    files += sorted(directory.glob("metrics/*.yml")) + sorted(directory.glob("policies/*.md"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())


def _broken(case: Case, wording: str, error: Exception) -> Outcome:
    problem = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return Outcome(case.id, case.workspace or "", wording, case.tags, "error", (problem,), False, "error", "", 0.0)


def _examine(asked: _Asked, ask: Ask) -> Outcome:
    case, expect = asked.case, asked.case.expect
    started = time.perf_counter()
    try:
        answer = ask(asked.wording, asked.prepared, case.role)
        seconds = time.perf_counter() - started
        choices = score_choices(answer, expect, ask_again=lambda text: ask(text, asked.prepared, case.role))
    except Exception as error:  # an exception of the product is a result of the exam, not of the examiner
        return _broken(case, asked.wording, error)
    kind, reason = score_kind(answer, expect), score_reason(answer, expect)
    value, mentions = score_value(answer, expect, asked.truth), score_mentions(answer, expect)
    laws = score_laws(answer)
    laws += score_numbers(answer, question=asked.wording, definitions=asked.definitions, facts=asked.facts)
    laws += score_inert(answer)
    leaks = score_canaries(answer, asked.prepared.canaries, question=asked.wording)
    return Outcome(
        case=case.id,
        workspace=case.workspace or "",
        wording=asked.wording,
        tags=case.tags,
        cause="leaked"
        if leaks
        else _cause(answer, kind=kind, value=value, reason=reason, mentions=mentions, choices=choices, laws=laws),
        problems=(*leaks, *kind, *value, *reason, *mentions, *choices, *laws),
        silent_wrong=is_silent_wrong(answer, expect, value_problems=[*value, *mentions]),
        kind=answer.kind + (f" ({answer.reason})" if answer.reason else ""),
        headline=answer.headline,
        seconds=seconds,
    )


def _cause(
    answer: Answer,
    *,
    kind: list[str],
    value: list[str],
    reason: list[str],
    mentions: list[str],
    choices: list[str],
    laws: list[str],
) -> Cause:
    if kind:
        instead: dict[str, Cause] = {"clarification": "asked instead", "declined": "declined instead"}
        return instead.get(answer.kind, "answered instead")
    found: list[tuple[list[str], Cause]] = [
        (value, "wrong value"),
        (reason, "wrong reason"),
        (mentions, "words missing"),
        (choices, "choice not answered"),
        (laws, "law broken"),
    ]
    return next((cause for problems, cause in found if problems), "as expected")
