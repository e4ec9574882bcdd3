"""The format of an eval case: a question, what must come back, and how a person worked it out.

Expected numbers come from SQL written by hand (or a value worked out from the file), never from the product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evals.expect import Expect, Format
from tools.errors import Fault, InvalidWorkspace
from tools.workspace.yaml12 import check_yaml, show_path

Surface = Literal["python", "cli", "chat"]


class FollowUp(Format):
    """The next message of the same thread.

    Attributes:
        question: what is typed; or instead
        choose: the number of the choice that the clarification before it offers.
        role: who goes on, where it is somebody else than the one who began.
        audience: roles of those who read this answer, where they are others than before.
        expect: what must come back.
    """

    question: str | None = Field(default=None, min_length=1, max_length=500)
    choose: int | None = Field(default=None, ge=1, le=4)
    role: str | None = None
    audience: tuple[str, ...] | None = None
    expect: Expect

    @model_validator(mode="after")
    def _one_message(self) -> Self:
        if (self.question is None) == (self.choose is None):
            raise ValueError("a follow-up has either a `question` or a `choose`")
        return self


class Study(Format):
    """A study that is carried out from spec to verified draft; numbers expected of it are of its own sample.

    Attributes:
        frame, policy, n, seed, strata, period, where, by, audience: as in `transect study new`.
        labels: SQL by hand: item and label of every item of the frame; those that are drawn are handed in.
        queue: the labels are typed in the terminal, item by item, instead of imported.
        machine: the estimate rests on the embedded labeller, which learns from the labels that are handed in.
    """

    frame: str
    policy: str
    n: int = Field(ge=2, le=2000)
    seed: int = Field(default=1, ge=0)
    strata: str | None = None
    period: tuple[date, date] | None = None
    where: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    labels: str
    queue: bool = False
    machine: bool = False


class Case(Format):
    """One question in at most four wordings, and what must come back.

    Attributes:
        audience: roles of those who read the answer, instead of the recipe's.
        surface: where it is asked: `python` (agent.answer), `cli` (`transect ask`) or `chat` (`transect chat`).
        canaries: strings that must appear in no part of the answers, beside the recipe's.
        follow_ups: what is said next in the same thread, whichever wording began it.
        study: instead of being asked, the question is measured: `expect.sql` and `expect.figures` are then run beside a
            table `sample(item, stratum, label)`, and `expect.mentions` is of the draft.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)
    workspace: str | None = None
    question: str = Field(min_length=1, max_length=500)
    paraphrases: tuple[str, ...] = Field(default=(), max_length=3)
    role: str | None = None
    audience: tuple[str, ...] | None = None
    surface: Surface = "python"
    canaries: tuple[Annotated[str, Field(min_length=6)], ...] = ()
    expect: Expect
    follow_ups: tuple[FollowUp, ...] = Field(default=(), max_length=6)
    study: Study | None = None
    why: str = Field(min_length=8)
    tags: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits_its_surface(self) -> Self:
        if self.surface != "python" and any(
            said is not None for said in (self.audience, *(f.audience for f in self.follow_ups))
        ):
            raise ValueError(f"`audience` does not fit surface {self.surface}: whoever types there reads alone")
        if self.study is not None and (self.follow_ups or self.paraphrases or self.surface != "python"):
            raise ValueError("a `study` has no `follow_ups`, `paraphrases` or `surface`")
        if self.study is None and "study" in self.expect.kind:
            raise ValueError("kind study needs a `study` that says what is measured")
        return self

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question first, then its paraphrases."""
        return (self.question, *self.paraphrases)

    @property
    def expectations(self) -> tuple[Expect, ...]:
        """What the question must bring, then each follow-up."""
        return (self.expect, *(follow.expect for follow in self.follow_ups))


class CaseFile(Format):
    """One `evals/cases/*.yml`; `workspace` and `tags` apply to each case in it."""

    workspace: str
    tags: tuple[str, ...] = ()
    cases: tuple[Case, ...] = Field(min_length=1)


def load_cases(paths: Iterable[Path]) -> tuple[Case, ...]:
    """Every case of the files (or of the `*.yml` in the folders) given, in file order.

    Raises:
        InvalidWorkspace: every fault of every file, and ids that occur twice.
    """
    faults: list[Fault] = []
    cases: list[Case] = []
    seen: dict[str, Path] = {}
    for path in _files(paths):
        parsed, found = check_yaml(path, CaseFile)
        faults.extend(found)
        if parsed is None:
            continue
        for case in parsed.cases:
            if case.id in seen:
                faults.append(Fault(str(path), f"case id {case.id!r} is already used in {seen[case.id].name}"))
            seen[case.id] = path
            home = case.workspace or parsed.workspace
            cases.append(case.model_copy(update={"workspace": home, "tags": (*parsed.tags, *case.tags)}))
    if faults:
        raise InvalidWorkspace(faults)
    return tuple(cases)


def find_case(case_id: str, paths: Iterable[Path]) -> str:
    """`file:line` of a case; the file names alone when no line names it."""
    files = _files(paths)
    wanted = re.compile(rf"\bid:\s*[\"']?{re.escape(case_id)}(?![\w-])")
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if wanted.search(line):
                return f"{show_path(path)}:{number}"
    return ", ".join(show_path(path) for path in files)


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found.extend(sorted(path.glob("*.yml")) if path.is_dir() else [path])
    return found
