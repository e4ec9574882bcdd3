"""Ask every case in every wording, and compare what comes back with what was worked out by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from evals.ask import Ask, ask_product
from evals.case import Case, load_cases
from evals.examine import Bench, broken, examine
from evals.examine_study import examine_study
from evals.facts import read_facts
from evals.hidden import Hidden, find_hidden
from evals.outcome import Left, Outcome, Report
from evals.recipes import (
    OWN,
    RECIPES,
    SHARED_DATA,
    DataAbsent,
    Prepared,
    Recipe,
    open_truth,
    prepare,
    prepare_own,
    read_recipes,
)
from evals.truth import Truth, find_truth
from tools.errors import TransectError

CASES = Path(__file__).resolve().parent / "cases"


def run(
    paths: Iterable[Path] = (CASES,),
    *,
    ask: Ask | None = None,
    cache: Path | None = None,
    data: Path = SHARED_DATA,
    recipes: Path = RECIPES,
    workspace: Path | None = None,
    tags: Iterable[str] = (),
    without: Iterable[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Run the cases of `paths` (files or folders).

    Args:
        ask: what is examined; None means the product, on the surface that a case names.
        cache: folder that keeps built workspaces between runs; None builds them anew.
        data: the shared folder of real data; cases on files that are not there are skipped and named.
        workspace: where cases on a team's own workspace (`.`) are asked; None means the nearest one upwards.
        tags: only cases with one of these tags; none given means all.
        without: no cases with one of these tags.
        progress: called with one line per workspace.

    Raises:
        InvalidWorkspace: a case or recipe file with faults, or a team's own workspace that cannot be read.
    """
    wanted, unwanted = set(tags), set(without)
    cases = [c for c in load_cases(paths) if (not wanted or wanted & set(c.tags)) and not unwanted & set(c.tags)]
    known = read_recipes(recipes)
    if cache is not None:
        return _run(cases, _Sources(known, cache, data, workspace), ask or ask_product, progress or (lambda line: None))
    with tempfile.TemporaryDirectory(prefix="transect-evals-") as folder:
        sources = _Sources(known, Path(folder), data, workspace)
        return _run(cases, sources, ask or ask_product, progress or (lambda line: None))


def check_truths(cases: Iterable[Case], truth: Path) -> dict[str, tuple[Truth, ...]]:
    """The truths of each case of one workspace, by case id: its own, then those of its follow-ups."""
    with open_truth(truth) as connection:
        return {case.id: tuple(_truths_of(case, connection)) for case in cases}


def _truths_of(case: Case, connection: duckdb.DuckDBPyConnection) -> Iterator[Truth]:
    if case.study is not None:  # its SQL by hand runs beside its own sample
        yield Truth()
        return
    for expect in case.expectations:
        yield find_truth(expect, connection)


@dataclass(frozen=True)
class _Sources:
    """Where workspaces come from."""

    recipes: Mapping[str, Recipe]
    cache: Path
    data: Path
    own: Path | None

    def knows(self, name: str) -> bool:
        return name == OWN or name in self.recipes

    def prepare(self, name: str) -> Prepared:
        if name == OWN:
            return prepare_own(self.own)
        return prepare(self.recipes[name], cache=self.cache, data=self.data)


def _run(cases: list[Case], sources: _Sources, ask: Ask, progress: Callable[[str], None]) -> Report:
    outcomes: list[Outcome] = []
    invalid: list[Left] = []
    skipped: list[Left] = []
    for name in dict.fromkeys(case.workspace or "" for case in cases):
        mine = [case for case in cases if case.workspace == name]
        if not sources.knows(name):
            invalid += [Left(case.id, f"no recipe is named {name!r}") for case in mine]
            continue
        progress(f"{name}: {len(mine)} cases")
        try:
            prepared = sources.prepare(name)
        except DataAbsent as absent:
            skipped += [Left(case.id, str(absent)) for case in mine]
            continue
        except TransectError as error:
            if name == OWN:  # no workspace, or one that cannot be read: a mistake of this call, not of the product
                raise
            outcomes += [broken(case, wording, error) for case in mine for wording in case.wordings]
            continue
        truths, bench = check_truths(mine, prepared.truth), _bench(prepared)
        for case in mine:
            fault = next((truth.fault for truth in truths[case.id] if truth.fault is not None), None)
            if fault is not None:
                invalid.append(Left(case.id, fault))
                continue
            if case.study is not None:
                outcomes.append(examine_study(case, bench))
                continue
            outcomes += [examine(case, wording, truths[case.id], bench, ask) for wording in case.wordings]
    return Report(tuple(outcomes), tuple(invalid), tuple(skipped))


def _bench(prepared: Prepared) -> Bench:
    from tools.workspace import load_workspace  # start-up

    workspace = load_workspace(prepared.directory)
    access = workspace.settings.access
    with open_truth(prepared.truth) as connection:
        facts = read_facts(connection)

    @lru_cache
    def hide(roles: tuple[str, ...]) -> Hidden:
        with open_truth(workspace.warehouse_path) as connection:
            return find_hidden(roles or (access.default_role,), access, connection)

    return Bench(prepared, read_definitions(prepared.directory), facts, hide)


def read_definitions(directory: Path) -> str:
    """The text of a workspace's settings, metrics, policies and events: where numbers in prose may come from."""
    files = [directory / "transect.toml", directory / "events.yml"]
    files += sorted(directory.glob("metrics/*.yml")) + sorted(directory.glob("policies/*.md"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())
