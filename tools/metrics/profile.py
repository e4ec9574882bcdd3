"""What the data behind a catalog holds: rows, first and newest days, the values of every dimension."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from tools.metrics.time_column import TimeColumn

if TYPE_CHECKING:
    from tools.workspace import Workspace

Kind = Literal["category", "number", "flag", "date"]
MOST_VALUES = 1000


@dataclass(frozen=True)
class TimeProfile:
    """A time column: how it is read, its first and newest local time, rows without one."""

    column: TimeColumn
    first: datetime | date | None
    newest: datetime | date | None
    missing: int


@dataclass(frozen=True)
class DatasetProfile:
    """One dataset under its required filters.

    Attributes:
        rows: rows.
        first, last: local days of the first and newest time; None without a time column or without times.
        newest: the newest time itself.
        values: per dimension (value, rows), most frequent first, NULL left out, at most MOST_VALUES.
        truncated: dimensions with more values than that.
        kinds: per dimension; `flag` is a BOOLEAN or a number that is only 0 and 1.
        nulls: per dimension, rows without a value.
        column_nulls: the same for every column that a definition uses.
        types: per column of the table, its DuckDB type.
        times: per time column a definition uses.
    """

    rows: int
    first: date | None = None
    last: date | None = None
    newest: datetime | date | None = None
    values: dict[str, tuple[tuple[Any, int], ...]] = field(default_factory=dict)
    truncated: frozenset[str] = frozenset()
    kinds: dict[str, Kind] = field(default_factory=dict)
    nulls: dict[str, int] = field(default_factory=dict)
    column_nulls: dict[str, int] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    times: dict[str, TimeProfile] = field(default_factory=dict)

    def type_of(self, column: str) -> str:
        """A column's DuckDB type; names compare without regard to case, as in the warehouse."""
        return self.types.get(column) or {k.casefold(): v for k, v in self.types.items()}[column.casefold()]


@dataclass(frozen=True)
class Profile:
    """All datasets, and which relationships truly lead to one row at most."""

    datasets: dict[str, DatasetProfile]
    leads_to_one: dict[str, bool] = field(default_factory=dict)


_in_process: dict[str, tuple[tuple[str, ...], Profile]] = {}


def profile_of(workspace: Workspace) -> Profile:
    """The profile of the workspace's data, computed anew only when the data or the definitions have changed.

    Kept in the process and in `.transect/profile.json`; a folder that cannot be written to is no fault.

    Raises:
        InvalidWorkspace: a definition names a table or column that does not exist, or one of the wrong type.
    """
    from tools.metrics.catalog import catalog_of
    from tools.metrics.profile_file import read_profile, write_profile
    from tools.warehouse import open_warehouse

    catalog, warehouse = catalog_of(workspace), open_warehouse(workspace)
    key = (warehouse.fingerprint(), catalog.hash, workspace.settings.workspace.timezone)
    known = _in_process.get(str(workspace.root))
    if known is not None and known[0] == key:
        return known[1]
    path = workspace.state_dir / "profile.json"
    profile = read_profile(path, key)
    if profile is None:
        from tools.metrics.profile_data import profile_data

        profile = profile_data(catalog, warehouse, zone=key[2])
        write_profile(path, key, profile)
    _in_process[str(workspace.root)] = (key, profile)
    return profile
