"""What a correct answer looks like, as a person worked it out."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tools.errors import Reason
from tools.figure import Basis, Unit

Kind = Literal["answer", "clarification", "declined", "study"]
Rows = Literal["all", "leading"]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Format(BaseModel):
    """A part of a case file: unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Expect(Format):
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
        if not {"answer", "study"} & set(self.kind) and (self.sql or self.figures):
            raise ValueError("`sql` and `figures` belong to the kinds answer and study")
        if self.sql is not None and self.figures is not None:
            raise ValueError("give `sql` for one number or `figures` for a breakdown, not both")
        return self
