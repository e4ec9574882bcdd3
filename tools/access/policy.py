"""What each role may use: the `[access]` part of transect.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StrictStr

TableName = Annotated[StrictStr, Field(min_length=1)]


def _check_column(value: str) -> str:
    if not all(value.partition(".")):
        raise ValueError(f"{value!r} must be table.column")
    return value


ColumnPath = Annotated[StrictStr, AfterValidator(_check_column)]


class Role(BaseModel):
    """What one role sees. Every table that is not listed is invisible to it.

    Attributes:
        tables: tables and views the role may read.
        deny_columns: `table.column`, unusable in every way: not shown, filtered, grouped or joined on;
            `table.*` leaves only the number of rows.
        functions: macros of the warehouse that the role may call.
        min_cell: fewest distinct protected units and fewest positives a shown cell may hold; 1 = off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: tuple[TableName, ...] = ()
    deny_columns: tuple[ColumnPath, ...] = ()
    functions: tuple[TableName, ...] = ()
    min_cell: Annotated[StrictInt, Field(ge=1)] = 10


class Policy(BaseModel):
    """All roles of a workspace, and the one an asker has when none is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default_role: TableName = "analyst"
    roles: dict[str, Role] = Field(default_factory=dict)
