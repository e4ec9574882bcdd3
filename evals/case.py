"""The format of an eval case: a question, what must come back, and how a person worked it out.

Expected numbers come from SQL written by hand (or a value worked out from the file), never from the product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tools.errors import Fault, InvalidWorkspace, Reason
from tools.figure import Basis, Unit
from tools.workspace.yaml12 import check_yaml, show_path

Kind = Literal["answer", "clarification", "declined", "study"]
Rows = Literal["all", "leading"]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class _Format(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expect(_Format):
    """What a correct answer looks like.

    Attributes:
        kind: the kind, or several where more than one behaviour is right (an answer must then still hold the value).
        reason: for declined: the reason, or several where the taxonomy leaves room.
        value: the number `figures[0]` must hold, in natural units (shares 0..1).
        sql: the same number by hand, one row and one column, run on the workspace's own tables.
        tolerance: greatest relative difference from `value`.
        figures: SQL by hand for a breakdown: one or more label columns, then the value; any order.
        rows: `all` the figures and no others ("other" and zero rows aside), or the `leading` ones in order.
        choices_include: words that must appear among the labels of a clarification's choices.
        mentions: words the headline or text must hold; `a|b` accepts either.
    """

    kind: Annotated[tuple[Kind, ...], BeforeValidator(_as_tuple)]
    reason: Annotated[tuple[Reason, ...], BeforeValidator(_as_tuple)] = ()
    value: float | None = None
    sql: str | None = None
    tolerance: float = Field(default=1e-6, ge=0, lt=0.1)
    figures: str | None = None
    rows: Rows = "all"
    choices_include: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    basis: Basis | None = None
    unit: Unit | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.kind:
            raise ValueError("`kind` is empty")
        if self.kind == ("answer",) and self.sql is None and self.figures is None and not self.mentions:
            raise ValueError("an answer is expected, but no `sql`, `figures` or `mentions` says what it must hold")
        if self.value is not None and self.sql is None:
            raise ValueError("`value` needs the `sql` by hand that it is checked against")
        if self.reason and "declined" not in self.kind:
            raise ValueError("`reason` belongs to kind declined")
        if "answer" not in self.kind and (self.sql or self.figures):
            raise ValueError("`sql` and `figures` belong to kind answer")
        if self.sql is not None and self.figures is not None:
            raise ValueError("give `sql` for one number or `figures` for a breakdown, not both")
        return self


class Case(_Format):
    """One question in at most four wordings, and what must come back."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)
    workspace: str | None = None
    question: str = Field(min_length=1, max_length=500)
    paraphrases: tuple[str, ...] = Field(default=(), max_length=3)
    role: str | None = None
    expect: Expect
    why: str = Field(min_length=8)
    tags: tuple[str, ...] = ()

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question first, then its paraphrases."""
        return (self.question, *self.paraphrases)


class CaseFile(_Format):
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
