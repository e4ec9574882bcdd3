"""The format of the matrix: who asks before whom, what they say, and what must and must not be shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tools.workspace.yaml12 import read_yaml

MATRIX = Path(__file__).parent / "matrix"
Outcome = Literal["answer", "clarification", "declined", "invalid", "failed", "study"]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class _Format(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Earlier(_Format):
    """What somebody said before in the same thread."""

    roles: tuple[str, ...] = Field(alias="as", min_length=1)
    before: tuple[str, ...] = ()
    say: str


class Case(_Format):
    """One cell of the matrix.

    Attributes:
        roles: `as`, the asker's roles. before: roles of everyone else who reads the answer.
        after: what was said before in the same thread.
        ask: a question. run: the words of a command line, with {places} filled in. reveal: an item.
        expect: how it may end. reason: of a decline.
        shows: SQL by hand whose last column must be shown, with the labels before it.
        hides: SQL by hand whose numbers must not be shown.
        blank: labels that may be named, but whose figures must be withheld.
        reveals: the text of one item may be shown, for this is what was asked for.
        words: what must be said. never: what must not, beside the secrets that the readers may not know.
    """

    roles: tuple[str, ...] = Field(alias="as", min_length=1)
    before: tuple[str, ...] = ()
    after: tuple[Earlier, ...] = ()
    ask: str | None = None
    run: tuple[str, ...] = ()
    reveal: str | None = None
    expect: Annotated[tuple[Outcome, ...], BeforeValidator(_as_tuple)]
    reason: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    shows: str | None = None
    hides: str | None = None
    blank: tuple[str, ...] = ()
    reveals: bool = False
    words: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    why: str = Field(min_length=8)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum((self.ask is not None, bool(self.run), self.reveal is not None)) != 1:
            raise ValueError("a case has exactly one of `ask`, `run`, `reveal`")
        if self.run and (self.before or len(self.roles) > 1):
            raise ValueError("a command has one role and no other readers")
        if self.expect == ("answer",) and not (self.shows or self.words or self.never):
            raise ValueError("an answer is expected, but nothing says what it must show")
        return self

    @property
    def said(self) -> str:
        """What the asker typed."""
        return self.ask or self.reveal or " ".join(self.run)


class MatrixFile(_Format):
    surface: str
    cases: tuple[Case, ...] = Field(min_length=1)


def load_matrix() -> list[tuple[str, Case]]:
    """Every case with its surface, in file order."""
    files = [read_yaml(path, MatrixFile) for path in sorted(MATRIX.glob("*.yml"))]
    return [(file.surface, case) for file in files for case in file.cases]
