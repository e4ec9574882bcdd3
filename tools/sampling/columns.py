"""The columns that a draw reads, as SQL expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tools.errors import InvalidInput
from tools.metrics.sql import quote
from tools.sampling.designs import Clusters, Daily, Design, Panel, ParetoPps, Poisson, Stratified
from tools.sampling.source import Source
from tools.sampling.sql_literal import double
from tools.sampling.steps import Steps
from tools.workspace.nearest import nearest

ADDED = ("_pi", "_weight", "_stratum", "_cluster", "_certainty")
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_INTEGERS, "FLOAT", "DOUBLE", "DECIMAL")
WHOLE, ANY_WHOLE = "0|[1-9][0-9]*", "[+-]?(0|[1-9][0-9]*)"
_DECIMAL = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"

Kind = Literal["integer", "text"]


@dataclass(frozen=True)
class Key:
    """A column whose values are hashed."""

    column: str
    kind: Kind
    is_text: bool

    @property
    def value(self) -> str:
        """The value as it lies in the frame."""
        return quote(self.column)

    @property
    def sql(self) -> str:
        """Its canonical text."""
        return f"{self.value}::varchar"

    @property
    def number(self) -> str:
        """Its value as a whole number; NULL for text."""
        if self.kind == "text":
            return "null::bigint"
        return f"try_cast({self.value} as hugeint)" if self.is_text else self.value

    @property
    def has_sign(self) -> str:
        """The condition under which an integer is not canonical."""
        return f"not regexp_full_match({self.value}, '{WHOLE}')" if self.is_text else f"{self.value} < 0"


@dataclass(frozen=True)
class Size:
    """A column of sizes (or of the spread that steers an allocation).

    Attributes:
        column: its name.
        is_text: whether it holds text, where an empty field or NA is a missing size; NaN is one everywhere.
        floor: smaller sizes are raised to it.
        steps: what the column's values stand for, when they are scores.
        imputed: what a missing size is taken to be; None leaves it missing.
        predicted: likewise what is predicted of it.
    """

    column: str
    is_text: bool
    floor: float | None = None
    steps: Steps | None = None
    imputed: float | None = None
    predicted: float | None = None

    @property
    def number(self) -> str:
        """The size as it lies in the frame, NULL where it is missing or no number."""
        if self.is_text:
            return f"nullif(try_cast({quote(self.column)} as double), 'nan'::double)"
        return f"nullif({quote(self.column)}::double, 'nan'::double)"

    @property
    def is_missing(self) -> str:
        """The condition under which there is no size; text that is no number is not missing but wrong."""
        if not self.is_text:
            return f"{self.number} is null"
        text = quote(self.column)
        return f"({text} is null or {text} in ('', 'NA') or coalesce(isnan(try_cast({text} as double)), false))"

    @property
    def sql(self) -> str:
        """The size that is used."""
        size = self.number
        if self.steps is not None:
            size = self.steps.sql(self.number, self.steps.sizes)
        elif self.floor is not None:
            floor = double(self.floor)
            size = f"case when {self.number} < {floor} then {floor} else {self.number} end"
        return size if self.imputed is None else f"coalesce({size}, {double(self.imputed)})"

    @property
    def predicts(self) -> bool:
        """Whether the steps say how many positives are expected."""
        return self.steps is not None and bool(self.steps.predictions)

    @property
    def predicted_sql(self) -> str:
        """The predicted share of positives."""
        assert self.steps is not None
        share = self.steps.sql(self.number, self.steps.predictions)
        return share if self.predicted is None else f"coalesce({share}, {double(self.predicted)})"


@dataclass(frozen=True)
class Columns:
    """What a design reads of a frame.

    Attributes:
        id: the key of a unit.
        size: its size, or the spread that steers an allocation.
        cost, strata, cluster, day: see the designs.
        prior: the column of the probability with which an earlier phase took the unit.
    """

    id: Key
    size: Size | None = None
    cost: str | None = None
    strata: str | None = None
    cluster: Key | None = None
    day: str | None = None
    prior: str | None = None

    @property
    def sql(self) -> str:
        """The columns k, s, c, x, z, d of the relation `base`."""
        size = self.size.sql if self.size else "null::double"
        cost = f"try_cast({quote(self.cost)} as double)" if self.cost else "null::double"
        strata = f"{quote(self.strata)}::varchar" if self.strata else "null::varchar"
        cluster = self.cluster.sql if self.cluster else "null::varchar"
        day = f"{quote(self.day)}::varchar" if self.day else "null::varchar"
        return f"{self.id.sql} as k, {strata} as s, {cluster} as c, {size} as x, {cost} as z, {day} as d"


def find_columns(source: Source, design: Design, *, id: str, second_phase: bool = False) -> Columns:
    """The columns of a design in a source, each of a type that it can have.

    Args:
        source: the frame.
        design: the design.
        id: the column of the key.
        second_phase: the frame is itself a sample, with `_pi`.

    Raises:
        InvalidInput: a column that is not there, that holds another type, or that a draw would add again.
    """
    steps = getattr(design, "steps", None)
    taken = (*ADDED, *(["_days"] if isinstance(design, Daily) else []), *(["_predicted"] if steps else []))
    again = [column for column in source.columns if column.lower() in taken]
    if again and not second_phase:
        raise InvalidInput(
            f"{source.name} already has the column {again[0]!r}, which a draw adds.",
            code="column_taken",
            value=again[0],
            hint="If this is a sample to draw a second phase from: --first-phase FILE.manifest.json. Else rename it.",
            where=source.name,
        )
    size = cost = strata = cluster = day = None
    floor = getattr(design, "floor", None)
    match design:
        case Stratified():
            size, cost, strata = design.spread, design.cost, design.strata
        case ParetoPps() | Poisson():
            size = design.size
        case Clusters():
            size, cluster = design.size, design.cluster
        case Panel():
            cluster = design.cluster
        case Daily():
            size, day = design.size, design.day
    return Columns(
        id=_key(source, id),
        size=Size(find_number(source, size), source.is_text, floor, steps) if size else None,
        cost=find_number(source, cost) if cost else None,
        strata=find_column(source, strata) if strata else None,
        cluster=_key(source, cluster) if cluster else None,
        day=find_column(source, day) if day else None,
        prior=find_number(source, "_pi") if second_phase else None,
    )


def text_type(source: Source, column: str) -> Literal["BIGINT", "DOUBLE", "VARCHAR"]:
    """What a column of text holds, all its values seen; digits with padding are text."""
    text = quote(column)
    whole, number = source.query(
        f"select bool_and(regexp_full_match({text}, '{ANY_WHOLE}') and length({text}) < 19), "
        f"bool_and(regexp_full_match({text}, '{_DECIMAL}') and not regexp_full_match({text}, '[+-]?0[0-9]+')) "
        f"from {source.relation}"
    )[0]
    return "BIGINT" if whole else "DOUBLE" if number else "VARCHAR"


def _key(source: Source, name: str) -> Key:
    column = find_column(source, name)
    kind = text_type(source, column) if source.is_text else source.columns[column]
    if kind in _INTEGERS or kind.lstrip("U") in _INTEGERS:
        return Key(column, "integer", source.is_text)
    if kind == "VARCHAR" or kind.startswith("ENUM"):
        return Key(column, "text", source.is_text)
    raise InvalidInput(
        f"The column {column!r} holds {kind}, which has no one spelling to hash.",
        code="invalid_id",
        value=column,
        allowed=["integers >= 0", "text in NFC (Unicode 14)"],
        hint="Cast it to text or to an integer in the frame.",
        where=f"{source.name}, column {column}",
    )


def find_number(source: Source, name: str) -> str:
    """The column of that name, in the source's spelling, when its type is that of a number."""
    column = find_column(source, name)
    kind = source.columns[column]
    if not source.is_text and kind.lstrip("U").partition("(")[0] not in _NUMBERS:
        raise InvalidInput(
            f"The column {column!r} holds {kind}; a size is a number.",
            code="invalid_size",
            value=column,
            where=f"{source.name}, column {column}",
        )
    return column


def find_column(source: Source, name: str) -> str:
    """The column of that name, in the source's spelling."""
    columns = {column.lower(): column for column in source.columns}
    if name.lower() in columns:
        return columns[name.lower()]
    near = nearest(name, source.columns)
    raise InvalidInput(
        f"{source.name} has no column {name!r}.",
        code="no_such_column",
        value=name,
        allowed=list(source.columns),
        hint=f"Did you mean {near!r}?" if near else "",
        where=source.name,
    )
